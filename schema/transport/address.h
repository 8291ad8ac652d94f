/* Where a daemon is to be found: the path of a Unix socket, or over the network
 * kre://HOST[,HOST…]:PORT/TOKEN. */
#ifndef SCHEMA_TRANSPORT_ADDRESS_H
#define SCHEMA_TRANSPORT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "schema/base/error.h"
#include "schema/transport/join_token.h"

#define ADDRESS_PATH_BYTES 4096 /* the NUL included */
#define ADDRESS_HOSTS_MAX 8
#define ADDRESS_HOST_BYTES 256 /* the NUL included */

struct address {
	char path[ADDRESS_PATH_BYTES];                     /* "" = over the network, and then all of the following */
	char hosts[ADDRESS_HOSTS_MAX][ADDRESS_HOST_BYTES]; /* (host_count) without brackets */
	size_t host_count;
	uint16_t port;
	struct join_token token;
	char token_text[JOIN_TOKEN_BYTES];
	struct sockaddr_storage socket; /* of one host, once it is known */
};

/* Reads what people write. 0; -EINVAL for what is none; -ENAMETOOLONG for a path that would have to
 * be cut; with a sentence, which does not tell the secret. */
int address_read(struct address *out, const char *text, struct error *error);

/* True for what an address may be made of: a host's name, an IPv4 address, or an IPv6 one in
 * brackets. */
bool address_is_host(const char *name);

/* True for kre://…, whatever follows. */
bool address_is_network(const char *text);

/* The address without its secret, for messages: "gpu3:7373", or the path; cut if need be. */
#define ADDRESS_PLACE_BYTES 512
void address_place(char out[ADDRESS_PLACE_BYTES], const char *text);

#endif
