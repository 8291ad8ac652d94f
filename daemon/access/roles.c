#include "daemon/access/roles.h"

#include <unistd.h>

#define ALL (ROLE_WORKER | ROLE_VIEWER | ROLE_ADMIN)

/* The file mode of the socket already keeps other users out; this holds even where a home was made
 * group-accessible by hand. */
int roles_of(const struct identity *identity)
{
	bool ours = identity->kind == IDENTITY_USER && (identity->uid == geteuid() || identity->uid == 0);
	return ours ? ALL : 0;
}

int roles_of_token(enum role role)
{
	return role == ROLE_ADMIN ? ALL : (int)role;
}
