#include "tests/bench/pruning/replay.h"

#include <math.h>
#include <stdlib.h>

#include "daemon/pruners/pruning.h"

const double replay_budgets[BUDGETS] = {30, 60, 100, 300};

enum fold_state { FOLD_WAITING, FOLD_READY, FOLD_RUNNING, FOLD_DONE };

struct fold {
	enum fold_state state;
	size_t epochs;
};

struct replayed {
	size_t cell, done;
	bool over;
	struct fold *folds;
	bool *settled; /* (epochs) */
};

/* Who trains what; the time of the epoch that is trained now. */
struct worker {
	struct replayed *trial;
	size_t fold;
	double next;
};

struct search {
	const struct replay_plan *plan;
	const struct table *table;
	struct pruning *pruning;
	struct replayed *trials;
	size_t count;
	struct worker *workers;
	double best_mean;
	size_t best_cell;
	struct replay *out;
};

static void need(bool condition)
{
	if (!condition)
		abort();
}

static size_t first_fold(const struct search *search, const struct replayed *trial)
{
	return (size_t)(trial - search->trials) % search->table->folds;
}

static void start_trial(struct search *search)
{
	const struct table *table = search->table;
	struct replayed *trial = &search->trials[search->count];
	int64_t number = (int64_t)search->count;
	trial->cell = search->plan->order[search->count++];
	trial->folds = calloc(table->folds, sizeof *trial->folds);
	trial->settled = calloc(table->epochs, sizeof *trial->settled);
	need(trial->folds && trial->settled && pruning_start(search->pruning, number) == 0);
	if (number == 0)
		pruning_spare(search->pruning, number);
	bool holds = pruning_holds(search->pruning, number);
	for (size_t fold = 0; fold < table->folds; fold++)
		if (!holds || fold == first_fold(search, trial))
			trial->folds[fold].state = FOLD_READY;
	search->out->started++;
	search->out->good_started += table->truth[trial->cell] >= table->good;
}

/* What is begun goes first, by age: folds that were released are of older trials. */
static bool find_ready(struct replayed **trial, size_t *fold, const struct search *search)
{
	for (size_t i = search->count > 200 ? search->count - 200 : 0; i < search->count; i++)
		for (size_t f = 0; !search->trials[i].over && f < search->table->folds; f++)
			if (search->trials[i].folds[f].state == FOLD_READY) {
				*trial = &search->trials[i];
				*fold = f;
				return true;
			}
	return false;
}

static void give_work(struct search *search, struct worker *worker, double now)
{
	const struct table *table = search->table;
	worker->trial = NULL;
	worker->next = INFINITY;
	if (!find_ready(&worker->trial, &worker->fold, search)) {
		if (search->count == table->cells)
			return;
		start_trial(search);
		need(find_ready(&worker->trial, &worker->fold, search));
	}
	worker->trial->folds[worker->fold].state = FOLD_RUNNING;
	double seconds = table->seconds[worker->trial->cell * table->folds + worker->fold];
	worker->next = now + seconds / (double)table->epochs;
}

static void finish(struct search *search, struct replayed *trial, enum trial_state state)
{
	const struct table *table = search->table;
	double mean = 0;
	trial->over = true;
	for (size_t fold = 0; fold < table->folds; fold++) {
		mean += table_curve(table, trial->cell, fold)[table->epochs - 1] / (double)table->folds;
		search->out->epochs_run += (double)trial->folds[fold].epochs;
	}
	search->out->epochs_full += (double)(table->folds * table->epochs);
	if (state == TRIAL_PRUNED) {
		search->out->stopped++;
		search->out->good_stopped += table->truth[trial->cell] >= table->good;
	}
	need(pruning_finish(search->pruning, trial - search->trials, state,
	             state == TRIAL_COMPLETE ? mean : (double)NAN) == 0);
	if (state == TRIAL_COMPLETE && !(mean <= search->best_mean)) {
		search->best_mean = mean;
		search->best_cell = trial->cell;
	}
}

/* A step counts for those that look at curves when every fold under way has reported it. */
static bool settles(double *mean, const struct search *search, struct replayed *trial, size_t epoch)
{
	double sum = 0, count = 0;
	if (trial->settled[epoch])
		return false;
	for (size_t fold = 0; fold < search->table->folds; fold++) {
		if (trial->folds[fold].epochs > epoch) {
			sum += table_curve(search->table, trial->cell, fold)[epoch];
			count++;
		} else if (trial->folds[fold].state == FOLD_RUNNING)
			return false;
	}
	trial->settled[epoch] = true;
	*mean = sum / count;
	return true;
}

static bool hear_epoch(struct search *search, struct worker *worker)
{
	struct replayed *trial = worker->trial;
	size_t epoch = trial->folds[worker->fold].epochs++;
	const double value = table_curve(search->table, trial->cell, worker->fold)[epoch];
	const struct fold_report report = {trial - search->trials, (int64_t)worker->fold, (int64_t)epoch + 1, value};
	struct verdict verdict;
	double mean;
	if (epoch + 1 == search->table->epochs && isnan(value))
		return false;
	need(pruning_hear(&verdict, search->pruning, &report) == 0);
	if (verdict.prune)
		return true;
	if (settles(&mean, search, trial, epoch))
		need(pruning_report(&verdict, search->pruning, report.number, report.step, mean) == 0);
	return verdict.prune;
}

static bool hear_end(struct search *search, struct worker *worker)
{
	const struct table *table = search->table;
	struct replayed *trial = worker->trial;
	const double end = table_curve(table, trial->cell, worker->fold)[table->epochs - 1];
	struct verdict verdict;
	trial->folds[worker->fold].state = FOLD_DONE;
	if (isnan(end)) {
		finish(search, trial, TRIAL_FAILED);
		return false;
	}
	need(pruning_hear_end(&verdict, search->pruning,
	             &(struct fold_report){trial - search->trials, (int64_t)worker->fold, 0, end}) == 0);
	for (size_t fold = 0; fold < table->folds; fold++)
		if (trial->folds[fold].state == FOLD_WAITING)
			trial->folds[fold].state = FOLD_READY;
	if (++trial->done == table->folds)
		finish(search, trial, TRIAL_COMPLETE);
	return verdict.prune;
}

/* One epoch of one worker. */
static void advance(struct search *search, struct worker *worker)
{
	const struct table *table = search->table;
	double now = worker->next;
	struct replayed *trial = worker->trial;
	if (!trial->over) {
		bool stop = hear_epoch(search, worker);
		if (!stop && trial->folds[worker->fold].epochs == table->epochs)
			stop = hear_end(search, worker);
		if (stop && !trial->over)
			finish(search, trial, TRIAL_PRUNED);
	}
	if (trial->over || trial->folds[worker->fold].state == FOLD_DONE)
		give_work(search, worker, now);
	else
		worker->next = now + table->seconds[trial->cell * table->folds + worker->fold] / (double)table->epochs;
}

static struct worker *next_worker(struct search *search)
{
	struct worker *first = search->workers;
	for (size_t i = 1; i < search->plan->worker_count; i++)
		if (search->workers[i].next < first->next)
			first = &search->workers[i];
	return first;
}

static void note_end(struct search *search, size_t budget)
{
	const struct table *table = search->table;
	struct replay_end *end = &search->out->ends[budget];
	bool any = !isnan(search->best_mean);
	end->truth = any ? table->truth[search->best_cell] : (double)NAN;
	end->default_loss = any ? table->truth[search->trials[0].cell] - end->truth : 0;
}

static void run(struct search *search)
{
	size_t budget = 0, workers = search->plan->worker_count;
	for (size_t i = 0; i < workers; i++)
		give_work(search, &search->workers[i], 0);
	while (budget < BUDGETS) {
		struct worker *worker = next_worker(search);
		while (budget < BUDGETS &&
		        worker->next * (double)workers > replay_budgets[budget] * search->table->mean_seconds)
			note_end(search, budget++);
		if (budget < BUDGETS)
			advance(search, worker);
	}
}

void replay_run(struct replay *out, const struct replay_plan *plan)
{
	const struct table *table = plan->table;
	struct objective objective = {"f1", MAXIMIZE, (double)NAN};
	struct study_spec spec = {.name = plan->name,
	        .objective_count = 1,
	        .objectives = &objective,
	        .prune_direction = MAXIMIZE,
	        .prune_metric = "f1",
	        .result_rule = RESULT_LAST,
	        .pruner_count = plan->pruner ? 1 : 0,
	        .folds = (int64_t)table->folds};
	struct method pruner = plan->pruner ? *plan->pruner : (struct method){0};
	spec.pruners = &pruner;
	struct search search = {.plan = plan, .table = table, .out = out, .best_mean = (double)NAN};
	*out = (struct replay){0};
	search.trials = calloc(table->cells, sizeof *search.trials);
	search.workers = calloc(plan->worker_count, sizeof *search.workers);
	need(search.trials && search.workers && pruning_create(&search.pruning, &spec, NULL) == 0);
	pruning_set_seed(search.pruning, plan->seed);
	run(&search);
	pruning_destroy(search.pruning);
	for (size_t i = 0; i < search.count; i++) {
		free(search.trials[i].folds);
		free(search.trials[i].settled);
	}
	free(search.trials);
	free(search.workers);
}
