#include "schema/base/home.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *home_folder(const char *given)
{
	const char *environment = getenv(HOME_VARIABLE);
	if (given)
		return given;
	return environment && *environment ? environment : HOME_DEFAULT;
}

int home_check_owner(const char *folder, struct error *error)
{
	struct stat status;
	bool strange = lstat(folder, &status) == 0 && status.st_uid != geteuid();
	if (!strange)
		strange = stat(folder, &status) == 0 && status.st_uid != geteuid();
	if (!strange)
		return 0;
	return error_set(error, -EPERM,
	        "%s belongs to somebody else (uid %u, you are %u): use a folder of your own, or work as that user",
	        folder, (unsigned)status.st_uid, (unsigned)geteuid());
}
