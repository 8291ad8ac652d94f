#include "daemon/studies/known_estimates.h"

#include "schema/base/memory.h"

void known_estimates_destroy(struct known_estimates *known)
{
	if (known)
		estimates_finish(&known->estimates);
	memory_free(known);
}

bool estimates_decide(const struct study *study)
{
	int64_t complete = study->counts[TRIAL_COMPLETE];
	return study->spec->objective_count == 1 && complete >= ESTIMATES_FROM && complete <= ESTIMATED_TRIALS_MOST;
}

bool nothing_more_comes(const struct study *study)
{
	return study->state == STUDY_FINISHED || study->state == STUDY_STOPPED;
}

const struct estimates *known_estimates_of(const struct study *study)
{
	const struct known_estimates *known = study->results.estimates;
	return known && known->exist ? &known->estimates : NULL;
}

/* One run of a trial knows when the trial ended. */
static int64_t closed_at(const struct trial *trial)
{
	int64_t closed = 0;
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
			closed = run->record.closed > closed ? run->record.closed : closed;
	return closed;
}

bool known_estimates_lack(const struct study *study, const struct trial *trial)
{
	const struct known_estimates *known = study->results.estimates;
	return !known || closed_at(trial) > known->moment;
}
