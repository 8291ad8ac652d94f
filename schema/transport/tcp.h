/* Streams over TCP, always with TLS. The kernel only knows from where somebody comes; who they are
 * has to be proved. */
#ifndef SCHEMA_TRANSPORT_TCP_H
#define SCHEMA_TRANSPORT_TCP_H

#include "schema/transport/stream.h"

/* A client's end: `to` has the socket and the token. */
extern const struct stream_kind stream_tcp;

/* The same for a daemon's door, which borrows both; whoever runs the loop has the handshakes
 * done. */
struct stream_kind stream_tcp_door(SSL_CTX *server, struct handshakes *handshakes);

/* An address in words, IPv6 without brackets. */
void tcp_name(char *out, size_t bytes, const struct sockaddr_storage *socket);

#endif
