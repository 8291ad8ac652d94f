/* By which names and addresses this machine is likely to be reached. */
#ifndef DAEMON_NETWORK_OWN_NAMES_H
#define DAEMON_NETWORK_OWN_NAMES_H

#include "daemon/access/listening.h"

/* The host's name, then its addresses (IPv4 before IPv6 in brackets, none of this machine alone or
 * of one link); 127.0.0.1 where there are none. Into out->names, in the arena. 0 or -ENOMEM. */
int own_names_fill(struct listening *out, struct arena *arena);

#endif
