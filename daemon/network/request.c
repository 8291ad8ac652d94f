#include "daemon/network/request.h"

#include <errno.h>

int request_wrong(struct request *request, const char *key, const char *expected)
{
	request->refusal.path = key;
	return error_set(&request->error, -EINVAL, "%s: expected %s", key, expected);
}
