/* Artifacts: what a run left is offered, and what is kept of a trial is listed. */
#include "daemon/network/lost_files.h"
#include "daemon/studies/table_checkpoints.h"

int request_artifact_offer(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	struct artifact_offer_request offer = *(const struct artifact_offer_request *)params;
	struct artifact_offer_answer *wanted = answer;
	struct artifact_choice choice = {0};
	offer.holder = request->caller->holder;
	offer.limit = request->caller->limit;
	int rc = study_table_choose_artifacts(&choice, around->table, &offer, request->arena, &request->error);
	if (rc != 0)
		return rc;
	lost_files_note(request->lost, &choice);
	wanted->wanted.items = choice.wanted.items;
	wanted->wanted.count = choice.wanted.count;
	return 0;
}

static bool is_here(const void *context, const char *sha256, int64_t size_bytes)
{
	return blobs_have(context, &(struct blob){sha256, size_bytes});
}

/* Nothing is wanted by a daemon that keeps no files. */
int request_checkpoint_offer(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	struct artifact_offer_request offer = *(const struct artifact_offer_request *)params;
	struct artifact_offer_answer *wanted = answer;
	const struct file_keeper keeper = {is_here, around->blobs};
	struct checkpoint_taking taking = {.keeper = &keeper, .arena = request->arena};
	offer.holder = request->caller->holder;
	offer.limit = request->caller->limit;
	if (!around->blobs)
		return 0;
	int rc = study_table_take_checkpoint(&taking, around->table, &offer, &request->error);
	if (rc != 0)
		return rc;
	lost_files_note(request->lost, &taking.choice);
	wanted->wanted.items = taking.choice.wanted.items;
	wanted->wanted.count = taking.choice.wanted.count;
	return 0;
}

int request_trial_artifacts(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	struct trial_artifacts_answer *list = answer;
	int rc = study_table_artifacts(list, around->table, params, request->arena, &request->error);
	struct kept_artifact *items = (struct kept_artifact *)list->artifacts.items;
	for (size_t i = 0; rc == 0 && i < list->artifacts.count; i++) {
		const struct blob blob = {items[i].sha256, items[i].size_bytes};
		const bool wanted = items[i].kept && around->blobs;
		items[i].kept = wanted && blobs_have(around->blobs, &blob);
		items[i].awaited = wanted && !items[i].kept;
	}
	return rc;
}
