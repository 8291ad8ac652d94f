/* Streams over Unix sockets: among the programs of one machine. The kernel vouches for the user on
 * the other side. */
#ifndef SCHEMA_TRANSPORT_PIPE_H
#define SCHEMA_TRANSPORT_PIPE_H

#include "schema/transport/stream.h"

/* Its `bind` makes the socket with mode 0600 and replaces what lies there: the caller knows that
 * nobody serves it, and removes it in the end. A path may be longer than the kernel's room for
 * one. */
extern const struct stream_kind stream_pipe;

#endif
