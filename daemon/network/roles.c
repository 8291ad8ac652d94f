#include "daemon/network/roles.h"

#include <unistd.h>

#include "schema/api/message.h"

/* The file mode of the socket already keeps other users out; this holds even where a home was made
 * group-accessible by hand. */
int roles_of(const struct identity *identity)
{
	bool ours = identity->kind == IDENTITY_USER && (identity->uid == geteuid() || identity->uid == 0);
	return ours ? ROLE_WORKER | ROLE_VIEWER | ROLE_ADMIN : 0;
}
