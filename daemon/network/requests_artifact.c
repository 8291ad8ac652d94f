/* Artifacts: what a run left is offered, and what is kept of a trial is listed. */
#include "daemon/network/request.h"
#include "daemon/studies/table_artifacts.h"
#include "daemon/studies/table_files.h"

static bool is_needed(const struct surroundings *around, const char *sha256)
{
	return study_table_has_file(around->table, sha256, NULL) ||
	       study_table_has_artifact(around->table, sha256, NULL);
}

/* If the turn cannot be committed the file says that they are kept, and they are gone: they were
 * models of trials that have lost. */
static void remove_lost(const struct surroundings *around, const struct artifact_choice *choice)
{
	for (size_t i = 0; around->blobs && i < choice->lost.count; i++)
		if (!is_needed(around, choice->lost.items[i]))
			blobs_remove(around->blobs, choice->lost.items[i]);
}

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
	remove_lost(around, &choice);
	wanted->wanted.items = choice.wanted.items;
	wanted->wanted.count = choice.wanted.count;
	return 0;
}

int request_trial_artifacts(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	struct trial_artifacts_answer *list = answer;
	int rc = study_table_artifacts(list, around->table, params, request->arena, &request->error);
	struct kept_artifact *items = (struct kept_artifact *)list->artifacts.items;
	for (size_t i = 0; rc == 0 && i < list->artifacts.count; i++)
		items[i].kept = items[i].kept && around->blobs &&
		                blobs_have(around->blobs, &(struct blob){items[i].sha256, items[i].size_bytes});
	return rc;
}
