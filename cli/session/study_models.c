#include "cli/session/study_models.h"

#include <string.h>

#include "cli/session/run_folders.h"
#include "schema/api/study.h"
#include "schema/base/home.h"

int study_models_drop(struct models_freed *freed, struct session *session, const char *study, bool dry)
{
	const struct study_request request = {study};
	struct study_summary summary;
	int code = session_call(session, METHOD_STUDY_GET, &request, &summary);
	if (code != EXIT_OK || !summary.keep)
		return code;
	const struct models_rule rule = {
	        summary.keep->before, summary.keep->numbers.count, summary.keep->numbers.items, dry};
	int rc = run_folders_drop_models(freed, session->home, study, &rule);
	if (rc < 0)
		output_remark(&session->output, "not all models in %s/" HOME_RUNS "/%s could be removed: %s",
		        session->home, study, strerror(-rc));
	return EXIT_OK;
}
