#include "worker/trainer/task.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "worker/data/dataset_read.h"

static struct text_span span_of(const struct entity *entity)
{
	return (struct text_span){entity->begin_bytes, entity->end_bytes, entity->type};
}

int row_set_init(struct row_set *set, const struct dataset *dataset, const size_t *numbers, size_t count)
{
	*set = (struct row_set){memory_alloc(count, sizeof *set->rows), memory_alloc(count, sizeof *set->examples),
	        memory_alloc(count, sizeof *set->truth), count};
	if (!set->rows || !set->examples || !set->truth)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		assert((numbers ? numbers[i] : i) < dataset->count);
		const struct example *example = &dataset->examples[numbers ? numbers[i] : i];
		set->examples[i] = example;
		set->truth[i] = example->label;
		set->rows[i] = (struct text_row){example->sentence, example->length_bytes, span_of(&example->subject),
		        span_of(&example->object), example->label};
	}
	return 0;
}

void row_set_finish(struct row_set *set)
{
	memory_free(set->rows);
	memory_free(set->examples);
	memory_free(set->truth);
	*set = (struct row_set){0};
}

int task_read_file(struct dataset *out, const char *path, const struct dataset_rules *rules, struct error *error)
{
	int rc = dataset_read_file(out, path, rules, error);
	if (out->bad_count) {
		fprintf(stderr, "%s", text_string(&out->complaints));
		if (out->bad_count > DATASET_COMPLAINTS)
			fprintf(stderr, "… and %zu more\n", out->bad_count - DATASET_COMPLAINTS);
		if (rc == 0)
			fprintf(stderr, "%s: %zu bad row%s left out\n", path, out->bad_count,
			        out->bad_count == 1 ? "" : "s");
	}
	return rc;
}

static int split_data(struct split *out, const struct dataset *data, const struct settings *settings)
{
	uint64_t seed = (uint64_t)settings->split_seed;
	if (settings->repeat > 0)
		seed = rng_mix(seed, (uint64_t)settings->repeat);
	if (settings->folds > 1)
		return split_fold(out, data, (size_t)settings->fold, (size_t)settings->folds, seed);
	return split_fraction(out, data, settings->valid_fraction, seed);
}

static int hold_out(struct task *task, const struct settings *settings, struct error *error)
{
	struct split split = SPLIT_NULL;
	int rc = split_data(&split, &task->data, settings);
	if (rc == -EINVAL)
		return error_set(error, rc, "%s: too few rows to hold some out", settings->data);
	if (rc == 0)
		rc = row_set_init(&task->train, &task->data, split.train, split.train_count);
	if (rc == 0)
		rc = row_set_init(&task->valid, &task->data, split.valid, split.valid_count);
	task->split_hash = split.hash;
	split_finish(&split);
	return rc;
}

static int read_valid(
        struct task *task, const struct settings *settings, const struct dataset_rules *rules, struct error *error)
{
	struct dataset_rules own = *rules;
	own.labels = task->data.labels;
	int rc = task_read_file(&task->valid_data, settings->valid, &own, error);
	if (rc < 0)
		return rc;
	rc = row_set_init(&task->train, &task->data, NULL, task->data.count);
	return rc < 0 ? rc : row_set_init(&task->valid, &task->valid_data, NULL, task->valid_data.count);
}

static int read_rows(struct task *task, const struct settings *settings, struct error *error)
{
	struct label_names names = LABEL_NAMES_NULL;
	struct dataset_rules rules = {.for_training = true, .skip_bad = settings->bad_rows == 0};
	int rc = 0;
	if (settings->label_names) {
		rc = label_names_read(&names, settings->label_names, error);
		rules.names = &names;
	}
	if (rc == 0)
		rc = task_read_file(&task->data, settings->data, &rules, error);
	if (rc == 0)
		rc = settings->valid ? read_valid(task, settings, &rules, error) : hold_out(task, settings, error);
	label_names_finish(&names);
	return rc;
}

static int read_unknown(struct task *task, const struct settings *settings, struct error *error)
{
	const struct dataset_rules rules = {.labels = task->data.labels};
	return settings->predict ? task_read_file(&task->unknown, settings->predict, &rules, error) : 0;
}

static void note_file(struct text *out, const struct dataset *dataset)
{
	const char *first = text_string(&dataset->complaints);
	if (dataset->bad_count == 0)
		return;
	text_printf(out, "%s%zu bad row%s left out, the first: %.*s", out->length ? "; " : "", dataset->bad_count,
	        dataset->bad_count == 1 ? "" : "s", (int)strcspn(first, "\n"), first);
}

void task_note(struct text *out, const struct task *task)
{
	note_file(out, &task->data);
	note_file(out, &task->valid_data);
}

int task_init(struct task *task, const struct settings *settings, struct error *error)
{
	*task = (struct task){0};
	if (!settings->data)
		return error_set(error, -EINVAL, "--data is needed: the file to train on");
	int rc = read_rows(task, settings, error);
	if (rc == 0)
		rc = read_unknown(task, settings, error);
	if (rc == 0)
		rc = lexicon_file_read(&task->lexicon_file, settings->lexicon, error);
	return rc == -ENOMEM ? error_no_memory(error) : rc;
}

void task_finish(struct task *task)
{
	row_set_finish(&task->train);
	row_set_finish(&task->valid);
	lexicon_file_finish(&task->lexicon_file);
	dataset_finish(&task->data);
	dataset_finish(&task->valid_data);
	dataset_finish(&task->unknown);
}
