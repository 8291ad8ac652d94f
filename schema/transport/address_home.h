/* Whether a folder is the home of the daemon at an address: another daemon's studies may have the
 * same names. */
#ifndef SCHEMA_TRANSPORT_ADDRESS_HOME_H
#define SCHEMA_TRANSPORT_ADDRESS_HOME_H

#include <stdbool.h>

/* True when that daemon's home is the folder: its socket lies in it, or, over the network (a disk
 * that machines share), the key that the address names. */
bool address_is_home(const char *address, const char *home);

/* True when the folder is the home of another daemon: it has trials, and is not that one's. */
bool address_is_strange(const char *address, const char *home);

#endif
