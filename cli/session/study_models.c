#include "cli/session/study_models.h"

#include <string.h>

#include "cli/session/run_folders.h"
#include "schema/api/study.h"
#include "schema/base/home.h"

#define LEFT "not all models in %s/" HOME_RUNS "/%s can be removed: %s"

/* *left is 0, or the negative errno of what stays. Returns an exit code; failures to ask are
 * said. */
static int drop(struct models_freed *freed, int *left, struct session *session, const char *study, bool dry)
{
	const struct study_request request = {study};
	struct study_summary summary;
	int code = session_call(session, METHOD_STUDY_GET, &request, &summary);
	if (code != EXIT_OK || !summary.keep)
		return code;
	const struct models_rule rule = {
	        summary.keep->before, summary.keep->numbers.count, summary.keep->numbers.items, dry};
	*left = run_folders_drop_models(freed, session->home, study, &rule);
	return EXIT_OK;
}

int study_models_drop(struct models_freed *freed, struct session *session, const char *study, bool dry)
{
	int left = 0, code = drop(freed, &left, session, study, dry);
	if (code != EXIT_OK || left == 0)
		return code;
	return output_failure(&session->output, EXIT_FAILED, LEFT, session->home, study, strerror(-left));
}

void study_models_tidy(struct session *session, const char *study)
{
	struct models_freed freed = {0};
	int left = 0;
	if (drop(&freed, &left, session, study, false) == EXIT_OK && left < 0)
		output_remark(&session->output, LEFT, session->home, study, strerror(-left));
}
