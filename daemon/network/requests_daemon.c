/* The daemon itself: a copy of its file, a sign of life, its end. */
#include "daemon/network/request.h"
#include "daemon/studies/export_job.h"
#include "schema/api/daemon.h"

int request_file_export(struct request *request, const void *params, void *answer)
{
	const struct file_export *wanted = params;
	if (wanted->path[0] != '/')
		return request_wrong(request, "path", "an absolute path");
	*(struct file_export *)answer = *wanted;
	return study_table_export(request->export, request->around->table, wanted->path, &request->error);
}

int request_daemon_ping(struct request *request, const void *params, void *answer)
{
	struct clock *clock = request->around->clock;
	(void)params;
	*(struct daemon_ping_answer *)answer =
	        (struct daemon_ping_answer){.software = "kre-searchd " KRE_VERSION, .server_time = clock->wall(clock)};
	return 0;
}

int request_daemon_stop(struct request *request, const void *params, void *answer)
{
	(void)params;
	(void)answer;
	request->around->stop(request->around->context);
	return 0;
}
