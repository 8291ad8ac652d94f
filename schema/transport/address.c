#include "schema/transport/address.h"

#include <errno.h>
#include <string.h>

int address_read(struct address *out, const char *text, struct error *error)
{
	if (strncmp(text, "kre://", 6) == 0)
		return error_set(error, -EINVAL,
		        "%s: joining over TCP needs TLS, which this version does not have; "
		        "give the path of the daemon's socket",
		        text);
	if (!*text)
		return error_set(
		        error, -EINVAL, "an address is the path of the daemon's socket, and this one is empty");
	if (strstr(text, "://") || (strchr(text, ':') && !strchr(text, '/')))
		return error_set(error, -EINVAL,
		        "%s: there is no way to a daemon but the path of its socket, HOME/daemon.sock", text);
	if (strlen(text) >= ADDRESS_PATH_BYTES)
		return error_set(
		        error, -ENAMETOOLONG, "a socket's path has at most %d bytes: %s", ADDRESS_PATH_BYTES - 1, text);
	strcpy(out->path, text);
	return 0;
}
