#include "schema/transport/address_home.h"

#include <stdio.h>
#include <string.h>

#include "schema/base/home.h"
#include "schema/base/home_restored.h"
#include "schema/base/inode.h"
#include "schema/transport/address.h"
#include "schema/transport/tls_keys.h"

static bool has_socket(const char *address, const char *home)
{
	char folder[ADDRESS_PATH_BYTES];
	const char *slash = strrchr(address, '/');
	const struct inode inode = inode_at(home);
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - address) : 1, slash ? address : ".");
	return strcmp(folder, home) == 0 || (inode.number && inode_is_at(&inode, folder));
}

static bool has_key(const struct join_token *token, const char *folder)
{
	struct tls_keys keys;
	bool found = false;
	int rc = tls_keys_init(&keys, folder, NULL);
	for (size_t i = 0; rc == 0 && i < keys.count; i++)
		found = found || memcmp(keys.items[i].pin, token->pin, JOIN_PIN_BYTES) == 0;
	tls_keys_finish(&keys);
	return found;
}

bool address_is_home(const char *address, const char *home)
{
	struct address there;
	char folder[ADDRESS_PATH_BYTES];
	if (!address_is_network(address))
		return has_socket(address, home);
	int length = snprintf(folder, sizeof folder, "%s/" HOME_KEYS, home);
	return (size_t)length < sizeof folder && address_read(&there, address, NULL) == 0 &&
	       has_key(&there.token, folder);
}

bool address_is_strange(const char *address, const char *home)
{
	return home_has_trials(home) && !address_is_home(address, home);
}
