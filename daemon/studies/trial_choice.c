#include "daemon/studies/trial_choice.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/studies/index.h"
#include "daemon/studies/view_parts.h"
#include "schema/base/memory.h"

struct placed_trial {
	struct trial_place place;
	const struct trial *trial;
};

static bool is_meant(const struct trial *trial, const struct trial_list_request *request)
{
	return request->state == TRIAL_STATE_COUNT || trial->record.state == request->state;
}

static struct placed_trial candidate_of(const struct trial *trial)
{
	const struct study_spec *spec = trial->study->spec;
	double value = spec->objective_count > 0 ? trial->record.values[0] : (double)NAN;
	bool up = spec->objective_count > 0 && spec->objectives[0].direction == MAXIMIZE;
	return (struct placed_trial){
	        .place = {.number = trial->record.number,
	                .state = trial->record.state,
	                .cost = up ? -value : value,
	                .violation = trial->violation,
	                .duration_s = view_duration_s(trial)},
	        .trial = trial,
	};
}

static int by_best(const void *a, const void *b)
{
	return trial_place_compare(
	        &((const struct placed_trial *)a)->place, &((const struct placed_trial *)b)->place, ORDER_BEST);
}

static int by_duration(const void *a, const void *b)
{
	return trial_place_compare(
	        &((const struct placed_trial *)a)->place, &((const struct placed_trial *)b)->place, ORDER_DURATION);
}

/* Keeps the first `limit` of all that come, in room for twice as many: the others are thrown out
 * whenever it is full, and what comes behind the last of those kept is not even taken. */
struct sieve {
	struct placed_trial *candidates; /* (2, limit) owned */
	size_t count, limit, met;
	bool full; /* once `limit` of them were sorted: what follows has to come before the last of these */
	int (*compare)(const void *a, const void *b);
};

static void settle(struct sieve *sieve)
{
	qsort(sieve->candidates, sieve->count, sizeof *sieve->candidates, sieve->compare);
	sieve->full = sieve->count >= sieve->limit;
	sieve->count = sieve->full ? sieve->limit : sieve->count;
}

static void take(struct sieve *sieve, const struct trial *trial)
{
	struct placed_trial candidate = candidate_of(trial);
	sieve->met++;
	if (sieve->full && sieve->compare(&candidate, &sieve->candidates[sieve->limit - 1]) > 0)
		return;
	sieve->candidates[sieve->count++] = candidate;
	if (sieve->count == 2 * sieve->limit)
		settle(sieve);
}

static int choose_sorted(struct trial_choice *out, const struct study *study, const struct trial_list_request *request)
{
	struct sieve sieve = {
	        .limit = (size_t)request->limit, .compare = request->order == ORDER_BEST ? by_best : by_duration};
	sieve.candidates = memory_alloc(2 * sieve.limit, sizeof *sieve.candidates);
	if (!sieve.candidates)
		return -ENOMEM;
	for (size_t i = 0; i < study->trials.count; i++)
		if (is_meant(study->trials.entries[i].item, request))
			take(&sieve, study->trials.entries[i].item);
	settle(&sieve);
	for (; out->count < sieve.count; out->count++)
		out->trials[out->count] = sieve.candidates[out->count].trial;
	out->more = sieve.met > out->count;
	memory_free(sieve.candidates);
	return 0;
}

static void choose_numbered(
        struct trial_choice *out, const struct study *study, const struct trial_list_request *request)
{
	const struct index *trials = &study->trials;
	size_t i = request->after < 0 ? 0 : index_place(trials, request->after + 1);
	for (; i < trials->count && out->count < (size_t)request->limit; i++)
		if (is_meant(trials->entries[i].item, request))
			out->trials[out->count++] = trials->entries[i].item;
	out->more = i < trials->count;
}

int trial_choose(struct trial_choice *out, const struct study *study, const struct trial_list_request *request,
        struct arena *arena)
{
	struct trial_choice choice = {.trials = arena_alloc(arena, (size_t)request->limit * sizeof *choice.trials)};
	int rc = choice.trials ? 0 : -ENOMEM;
	if (rc == 0 && request->order == ORDER_NUMBER)
		choose_numbered(&choice, study, request);
	else if (rc == 0)
		rc = choose_sorted(&choice, study, request);
	if (rc == 0)
		*out = choice;
	return rc;
}
