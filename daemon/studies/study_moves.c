#include "daemon/studies/study_moves.h"

#include <assert.h>
#include <math.h>

#include "daemon/storage/store_study.h"
#include "daemon/studies/context.h"
#include "daemon/studies/event_queue.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/repeats.h"
#include "daemon/studies/study.h"
#include "daemon/studies/trial_moves.h"

int study_save(struct study *study)
{
	struct study_row row = {
	        .id = study->id,
	        .name = study->spec->name,
	        .spec_json = study->spec->json,
	        .state = study->state,
	        .reason = words_name(&study_reason_words, (int)study->reason),
	        .seed = study->seed,
	        .created = study->created,
	        .running_s = study_running_s(study),
	};
	return studies_from_store(store_study_save(study->context->store, &row));
}

int study_move(struct study *study, enum study_state state, enum study_reason reason)
{
	study->time.spent_s = study_running_s(study);
	study->time.from = context_now(study->context);
	assert(study_state_may_become(study->state, state));
	study->state = state;
	study->reason = reason;
	int rc = study_save(study);
	if (rc < 0)
		return rc;
	struct study_event event = {
	        .study = study->spec->name,
	        .kind = EVENT_STATE,
	        .number = -1,
	        .fold = -1,
	        .step = -1,
	        .value = NAN,
	        .state = study_state_name(state),
	        .text = words_name(&study_reason_words, (int)reason),
	};
	return event_queue_add(study->context->events, &event);
}

int study_stop(struct study *study)
{
	int rc = study_move(study, STUDY_STOPPED, REASON_USER);
	struct list_link *at, *following;
	list_each (at, following, &study->queues.running) {
		struct trial *trial = list_entry(at, struct trial, member);
		if (rc == 0)
			rc = trial_cancel_waiting(trial);
		if (rc == 0)
			rc = trial_settle(trial, "the study was stopped");
	}
	return rc == 0 ? repeats_cancel(study) : rc;
}

int study_settle(struct study *study)
{
	return study_is_over(study) ? study_move(study, STUDY_FINISHED, study_limit(study)) : 0;
}
