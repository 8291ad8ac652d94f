/* The daemon itself: a copy of its file, its end. */
#include "daemon/network/request.h"
#include "schema/api/daemon.h"

int request_file_export(struct request *request, const void *params, void *answer)
{
	const struct file_export *wanted = params;
	if (wanted->path[0] != '/')
		return request_wrong(request, "path", "an absolute path");
	*(struct file_export *)answer = *wanted;
	return request->around->export_file(request->around->context, wanted->path, &request->error);
}

int request_daemon_stop(struct request *request, const void *params, void *answer)
{
	(void)params;
	(void)answer;
	request->around->stop(request->around->context);
	return 0;
}
