/* Any text as an address: what is one says the same when it is written again, and no message tells
 * a secret. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/transport/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_network(const struct address *address)
{
	char text[JOIN_TOKEN_BYTES];
	struct join_token again;
	join_token_write(text, &address->token);
	assert(strcmp(text, address->token_text) == 0);
	assert(join_token_read(&again, text, NULL) == 0);
	assert(memcmp(again.secret, address->token.secret, JOIN_SECRET_BYTES) == 0 && again.id == address->token.id);
	assert(address->host_count > 0 && address->host_count <= ADDRESS_HOSTS_MAX && address->port > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = memory_strndup((const char *)data, size), place[ADDRESS_PLACE_BYTES];
	struct address address;
	struct error error = {""};
	int rc = address_read(&address, text, &error);
	assert((rc == 0) == (*error.text == '\0'));
	address_place(place, text);
	if (rc == 0 && address_is_network(text)) {
		check_network(&address);
		assert(!strchr(place, '/')); /* behind it is the token */
	}
	memory_free(text);
	return 0;
}
