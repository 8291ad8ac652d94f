#include "worker/agent/own_programs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "worker/agent/allow_list.h"

int own_programs_find(struct own_programs *out)
{
	size_t length = sizeof out->supervisor;
	int rc = uv_exepath(out->supervisor, &length);
	if (rc < 0)
		return rc;
	const char *slash = strrchr(out->supervisor, '/');
	int folder_length = slash ? (int)(slash + 1 - out->supervisor) : 0;
	int count =
	        snprintf(out->trainer, sizeof out->trainer, "%.*s%s", folder_length, out->supervisor, ALLOW_BUILT_IN);
	if (count >= (int)sizeof out->trainer || access(out->trainer, X_OK) < 0)
		snprintf(out->trainer, sizeof out->trainer, "%s", ALLOW_BUILT_IN);
	return 0;
}
