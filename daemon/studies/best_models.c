#include "daemon/studies/best_models.h"

#include <errno.h>

#include "daemon/studies/known_estimates.h"
#include "daemon/studies/standing.h"
#include "schema/base/memory.h"

/* Numbers of trials, good until another one has finished or more is known of them. */
struct estimated_models {
	bool known;
	int64_t finished_count; /* trials that had finished then */
	size_t count;
	int64_t numbers[]; /* (best_models::wanted) */
};

/* Room for one more: who joins last falls out. Where nothing is ranked, or in several ways, nobody
 * has lost. */
int best_models_init(struct best_models *models, const struct study_spec *spec)
{
	models->wanted = spec->objective_count == 1 ? (size_t)spec->keep_models : 0;
	models->trials = memory_alloc(models->wanted + 1, sizeof(*models->trials));
	models->estimated = memory_alloc(1, sizeof *models->estimated + models->wanted * sizeof(int64_t));
	return models->trials && models->estimated ? 0 : -ENOMEM;
}

void best_models_forget(struct best_models *models)
{
	models->estimated->known = false;
}

void best_models_finish(struct best_models *models)
{
	memory_free(models->trials);
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

static int look_up(struct estimated_models *out, const struct study *study, struct arena *arena)
{
	const struct best_models *models = &study->results.models;
	struct standing standing;
	int rc = standing_make(&standing, study, known_estimates_of(study), arena);
	if (rc < 0)
		return rc;
	out->known = true;
	out->finished_count = models->finished_count;
	out->count = 0;
	for (size_t i = 0; i < standing.count && i < models->wanted; i++)
		if (standing.rows[i].trial->folds)
			out->numbers[out->count++] = standing.rows[i].trial->record.number;
	return 0;
}

/* Beside the best by their values those that are best by what they are estimated to be worth, and
 * the defaults: one of them is named in the end. */
static int add_estimated(int64_t *numbers, size_t *count, const struct study *study, struct arena *arena)
{
	const struct best_models *models = &study->results.models;
	struct estimated_models *estimated = models->estimated;
	bool good = estimated->known && estimated->finished_count == models->finished_count;
	int rc = good ? 0 : look_up(estimated, study, arena);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < estimated->count; i++)
		add(numbers, count, estimated->numbers[i]);
	const struct trial *defaults = study->results.defaults;
	if (defaults && defaults->folds && defaults->record.state == TRIAL_COMPLETE)
		add(numbers, count, defaults->record.number);
	return 0;
}

int best_models_view(const struct kept_models **out, const struct study *study, struct arena *arena)
{
	const struct best_models *models = &study->results.models;
	*out = NULL;
	if (models->wanted == 0 || models->finished_count <= (int64_t)models->count)
		return 0;
	size_t room = 2 * models->wanted + (size_t)study->counts[TRIAL_RUNNING] + 1, count = 0;
	int64_t *numbers = arena_alloc(arena, (room + 1) * sizeof *numbers);
	struct kept_models *kept = arena_alloc(arena, sizeof *kept);
	if (!numbers || !kept)
		return -ENOMEM;
	for (size_t i = 0; i < models->count; i++)
		numbers[count++] = models->trials[i]->record.number;
	if (add_estimated(numbers, &count, study, arena) < 0)
		return -ENOMEM;
	struct list_link *at, *following;
	list_each (at, following, &study->queues.running)
		if (count < room)
			numbers[count++] = list_entry(at, struct trial, member)->record.number;
	*kept = (struct kept_models){first_unknown(study), {count, numbers}};
	*out = kept;
	return 0;
}
