/* Work: hand out runs, hear reports and ends, renew leases. */
#include "daemon/network/lost_files.h"
#include "daemon/studies/table_checkpoints.h"
#include "daemon/studies/table_work.h"

int request_trial_ask(struct request *request, const void *params, void *answer)
{
	struct ask_request ask = *(const struct ask_request *)params;
	ask.worker = request->caller->name;
	ask.session = request->caller->session;
	ask.software = request->caller->software;
	ask.machine = request->caller->machine;
	ask.key = request->id;
	ask.holder = request->caller->holder;
	return study_table_ask(answer, request->around->table, &ask, request->arena, &request->error);
}

int request_trial_report(struct request *request, const void *params, void *answer)
{
	struct report_request report = *(const struct report_request *)params;
	report.holder = request->caller->holder;
	return study_table_report(answer, request->around->table, &report, &request->error);
}

int request_trial_tell(struct request *request, const void *params, void *answer)
{
	struct tell_request tell = *(const struct tell_request *)params;
	struct artifact_choice choice = {0};
	struct study_table *table = request->around->table;
	tell.holder = request->caller->holder;
	int rc = study_table_tell(answer, table, &tell, &request->error);
	if (rc == 0)
		rc = study_table_drop_checkpoint(&choice, table, tell.claim.run_id, request->arena);
	if (rc == 0)
		lost_files_note(request->lost, &choice);
	return rc;
}

int request_lease_renew(struct request *request, const void *params, void *answer)
{
	struct renew_request renewal = *(const struct renew_request *)params;
	renewal.holder = request->caller->holder;
	return study_table_renew(answer, request->around->table, &renewal, request->arena);
}
