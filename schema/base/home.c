#include "schema/base/home.h"

#include <stdlib.h>

const char *home_folder(const char *given)
{
	const char *environment = getenv(HOME_VARIABLE);
	if (given)
		return given;
	return environment && *environment ? environment : HOME_DEFAULT;
}
