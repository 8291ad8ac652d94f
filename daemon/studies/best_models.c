#include "daemon/studies/best_models.h"

#include <errno.h>
#include <math.h>

#include "daemon/studies/known_estimates.h"
#include "daemon/studies/standing.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

/* Times as many as are wanted stay by their estimates while trials run: always, as a few trials
 * more can turn these around, and where values are so noisy that all could be the best. */
enum { LEADERS = 2, CONTENDERS_MOST = 5 };

/* Numbers of trials, good until another one has finished or more is known of them: the best ones,
 * and those that are too new to tell. */
struct estimated_models {
	bool known, ended;      /* ended: the study was over by then */
	int64_t finished_count; /* trials that had finished then */
	size_t count, capacity;
	int64_t *numbers; /* (count) owned */
};

/* Room for one more: who joins last falls out. Where nothing is ranked, or in several ways, nobody
 * has lost. */
int best_models_init(struct best_models *models, const struct study_spec *spec)
{
	models->wanted = spec->objective_count == 1 ? (size_t)spec->keep_models : 0;
	models->trials = memory_alloc(models->wanted + 1, sizeof(*models->trials));
	models->estimated = memory_alloc(1, sizeof *models->estimated);
	return models->trials && models->estimated ? 0 : -ENOMEM;
}

void best_models_forget(struct best_models *models)
{
	models->estimated->known = false;
}

void best_models_finish(struct best_models *models)
{
	memory_free(models->trials);
	if (models->estimated)
		memory_free(models->estimated->numbers);
	memory_free(models->estimated);
	*models = (struct best_models){0};
}

static int64_t first_unknown(const struct study *study)
{
	const struct list *waiting = &study->queues.waiting;
	size_t count = study->trials.count;
	if (!list_empty(waiting))
		return list_entry(waiting->head.next, struct trial, member)->record.number;
	return count ? study->trials.entries[count - 1].key + 1 : 0;
}

static void add(int64_t *numbers, size_t *count, int64_t number)
{
	bool is_new = true;
	for (size_t i = 0; is_new && i < *count; i++)
		is_new = numbers[i] != number;
	if (is_new)
		numbers[(*count)++] = number;
}

/* Those that are complete and that no estimate knows yet: one of them may be the best. */
static void add_new(struct estimated_models *out, const struct study *study)
{
	for (size_t i = 0; i < study->trials.count; i++) {
		const struct trial *trial = study->trials.entries[i].item;
		bool complete = trial->closed && trial->folds && trial->record.state == TRIAL_COMPLETE;
		if (complete && known_estimates_lack(study, trial))
			add(out->numbers, &out->count, trial->record.number);
	}
}

/* The best by their means; while more becomes known, also what could be the best then. */
static bool may_win(const struct standing *standing, size_t place, const struct study *study)
{
	double sign = study->spec->objectives[0].direction == MAXIMIZE ? 1 : -1;
	const struct standing_row *row = &standing->rows[place];
	size_t wanted = study->results.models.wanted;
	if (nothing_more_comes(study))
		return place < wanted;
	if (place < LEADERS * wanted)
		return true;
	return place < CONTENDERS_MOST * wanted &&
	       sign * row->mean + 2 * sqrt(row->variance) >= sign * standing->leader->mean;
}

static int look_up(struct estimated_models *out, const struct study *study, struct arena *arena)
{
	const struct best_models *models = &study->results.models;
	bool decide = estimates_decide(study);
	struct standing standing;
	int rc = array_reserve(out->numbers, &out->capacity, (size_t)study->counts[TRIAL_COMPLETE]);
	if (rc == 0)
		rc = standing_make(&standing, study, decide ? known_estimates_of(study) : NULL, arena);
	if (rc < 0)
		return rc;
	out->known = true;
	out->ended = nothing_more_comes(study);
	out->finished_count = models->finished_count;
	out->count = 0;
	for (size_t i = 0; i < standing.count; i++)
		if (may_win(&standing, i, study) && standing.rows[i].trial->folds)
			out->numbers[out->count++] = standing.rows[i].trial->record.number;
	if (decide)
		add_new(out, study);
	return 0;
}

/* Looks up anew what is out of date. */
static int update(struct estimated_models *estimated, const struct study *study, struct arena *arena)
{
	bool good = estimated->known && estimated->finished_count == study->results.models.finished_count &&
	            estimated->ended == nothing_more_comes(study);
	return good ? 0 : look_up(estimated, study, arena);
}

/* Beside the best by their values those that are best by what they are estimated to be worth, and
 * the defaults: one of them is named in the end. */
static void add_estimated(int64_t *numbers, size_t *count, const struct study *study)
{
	const struct estimated_models *estimated = study->results.models.estimated;
	for (size_t i = 0; i < estimated->count; i++)
		add(numbers, count, estimated->numbers[i]);
	const struct trial *defaults = study->results.defaults;
	if (defaults && defaults->folds && defaults->record.state == TRIAL_COMPLETE)
		add(numbers, count, defaults->record.number);
}

int best_models_view(const struct kept_models **out, const struct study *study, struct arena *arena)
{
	const struct best_models *models = &study->results.models;
	*out = NULL;
	if (models->wanted == 0 || models->finished_count <= (int64_t)models->count)
		return 0;
	if (update(models->estimated, study, arena) < 0)
		return -ENOMEM;
	size_t room = models->count + models->estimated->count + (size_t)study->counts[TRIAL_RUNNING] + 1, count = 0;
	int64_t *numbers = arena_alloc(arena, (room + 1) * sizeof *numbers);
	struct kept_models *kept = arena_alloc(arena, sizeof *kept);
	if (!numbers || !kept)
		return -ENOMEM;
	for (size_t i = 0; i < models->count; i++)
		numbers[count++] = models->trials[i]->record.number;
	add_estimated(numbers, &count, study);
	struct list_link *at, *following;
	list_each (at, following, &study->queues.running)
		if (count < room)
			numbers[count++] = list_entry(at, struct trial, member)->record.number;
	*kept = (struct kept_models){first_unknown(study), {count, numbers}};
	*out = kept;
	return 0;
}
