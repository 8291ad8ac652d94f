#include "schema/base/home.h"

#include <errno.h>
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

bool home_cache_print(struct text *out)
{
	const char *own = getenv(HOME_CACHE_VARIABLE), *shared = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	if (own && *own)
		text_append(out, own);
	else if (shared && *shared == '/')
		text_printf(out, "%s/kre-search", shared);
	else if (home && *home == '/')
		text_printf(out, "%s/.cache/kre-search", home);
	else
		return false;
	return true;
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
