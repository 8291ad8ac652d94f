#include "schema/transport/address.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/un.h>

static_assert(sizeof((struct sockaddr_un *)NULL)->sun_path == ADDRESS_PATH_BYTES, "the kernel's room for a path");

int address_read(struct address *out, const char *text, struct error *error)
{
	if (strncmp(text, "kre://", 6) == 0)
		return error_set(error, -EINVAL,
		        "%s: joining over TCP needs TLS, which this version does not have; "
		        "give the path of the daemon's socket",
		        text);
	if (strlen(text) >= ADDRESS_PATH_BYTES)
		return error_set(
		        error, -ENAMETOOLONG, "%s: a socket's path has at most %d bytes", text, ADDRESS_PATH_BYTES - 1);
	strcpy(out->path, text);
	return 0;
}
