#include "worker/agent/environment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/text.h"
#include "schema/base/variable_name.h"
#include "schema/study/file_folder.h"
#include "worker/agent/allow_list.h"
#include "worker/agent/input_files.h"
#include "worker/agent/python_path.h"

#define FILE_VARIABLE "KRE_FILE_"
#define OWN_MAX 64 /* entries we add besides files and the daemon's */

extern char **environ;

struct environment_builder {
	struct arena *arena;
	char **entries; /* (capacity + 1) */
	size_t count, capacity;
	bool failed;
};

static void put(struct environment_builder *builder, const char *name, const char *value)
{
	char *entry = arena_printf(builder->arena, "%s=%s", name, value);
	size_t length = strlen(name) + 1, at = 0;
	if (!entry) {
		builder->failed = true;
		return;
	}
	while (at < builder->count && strncmp(builder->entries[at], entry, length) != 0)
		at++;
	builder->failed |= at == builder->capacity;
	if (builder->failed)
		return;
	builder->entries[at] = entry;
	builder->count += at == builder->count;
}

static void put_integer(struct environment_builder *builder, const char *name, int64_t value)
{
	char text[32];
	snprintf(text, sizeof text, "%" PRId64, value > 0 ? value : 0);
	put(builder, name, text);
}

static void put_run(struct environment_builder *builder, const struct assigned_run *run)
{
	const struct {
		const char *name;
		int64_t value;
	} integers[] = {{"KRE_TRIAL", run->trial_id}, {"KRE_NUMBER", run->number}, {"KRE_FOLD", assigned_run_fold(run)},
	        {"KRE_FOLDS", run->folds}, {"KRE_REPEAT", run->repeat}, {"KRE_SEED", run->seed},
	        {"KRE_REPORT_FD", REPORT_FD}};
	for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
		put_integer(builder, integers[i].name, integers[i].value);
}

static void put_places(struct environment_builder *builder, const struct environment_facts *facts)
{
	const struct run_folder *folder = facts->folder;
	const char *name = strrchr(folder->path, '/') + 1;
	char *run_id = arena_printf(builder->arena, "%s-%s", facts->run->study, name);
	put(builder, "KRE_STUDY", facts->run->study);
	put(builder, "KRE_RUN_DIR", folder->path);
	put(builder, "KRE_CHECKPOINT_DIR", folder->checkpoint);
	put(builder, "KRE_PARAMS", folder->params_file);
	put(builder, "KRE_CACHE", facts->cache);
	put(builder, "WANDB_SWEEP_ID", facts->run->study);
	put(builder, "WANDB_RUN_ID", run_id ? run_id : "");
	put(builder, "WANDB_SWEEP_PARAM_PATH", folder->sweep_file);
	put(builder, "WANDB_DIR", folder->path);
	builder->failed |= !run_id;
}

/* Of all files and folders of the run this one alone has that variable. */
static bool is_alone(const struct variable_name *name, const struct assigned_run *run)
{
	for (size_t i = 0; i < run->files.count; i++) {
		const char *file = run->files.items[i].name;
		const struct variable_name whole = {file, strlen(file), true};
		const struct variable_name folder = {file, file_folder_name_length(file), true};
		if (variable_names_collide(name, &whole) || variable_names_collide(name, &folder))
			return false;
	}
	return !variable_name_is_blank(name);
}

/* One without a variable of its own gets one that no name becomes: kre-train may read what some
 * variable names. */
static void put_file(
        struct environment_builder *builder, const struct assigned_run *run, const char *file, const char *path)
{
	const struct variable_name name = {file, strlen(file), true};
	struct text variable = TEXT_NULL;
	text_append(&variable, FILE_VARIABLE);
	if (is_alone(&name, run))
		variable_name_append(&variable, &name);
	else
		text_printf(&variable, "other_%zu", builder->count);
	builder->failed |= variable.failed;
	put(builder, text_string(&variable), path);
	text_finish(&variable);
}

/* A folder, once, with the first of its files. */
static void put_folder(struct environment_builder *builder, const struct assigned_run *run, size_t first)
{
	const char *file = run->files.items[first].name;
	const size_t length = file_folder_name_length(file);
	for (size_t i = 0; i < first; i++)
		if (file_folder_has(file, length, run->files.items[i].name))
			return;
	const char *name = length ? arena_strndup(builder->arena, file, length) : NULL;
	const char *path = name ? input_files_folder(run, name, builder->arena) : NULL;
	builder->failed |= length && !name;
	if (path)
		put_file(builder, run, name, path);
}

static bool begins_with(const char *name, const char *beginning)
{
	return strncmp(name, beginning, strlen(beginning)) == 0;
}

/* What is called as a file of the study is, kre-train may read. */
static void put_daemons(struct environment_builder *builder, const struct run_variable *variable)
{
	const char *name = variable->name;
	bool ours = (begins_with(name, "KRE_") && !begins_with(name, FILE_VARIABLE)) || begins_with(name, "WANDB_");
	if (ours && !strchr(name, '='))
		put(builder, variable->name, variable->value);
}

/* Python holds back what a program prints into a pipe until it ends: no value would come live. */
static void put_unbuffered(struct environment_builder *builder)
{
	if (!getenv("PYTHONUNBUFFERED"))
		put(builder, "PYTHONUNBUFFERED", "1");
}

static void put_text(struct environment_builder *builder, const char *name, struct text *value)
{
	builder->failed |= value->failed;
	put(builder, name, text_string(value));
	text_finish(value);
}

/* The metrics that the study looks at, for programs that log more than that. */
static void put_metrics(struct environment_builder *builder, const struct assigned_run *run)
{
	struct text names = TEXT_NULL;
	bool pruned_by_another = *run->report.metric;
	text_append(&names, "[");
	for (size_t i = 0; i < run->metrics.count; i++) {
		text_append(&names, i ? "," : "");
		text_json_string(&names, run->metrics.items[i], false);
		pruned_by_another &= strcmp(run->metrics.items[i], run->report.metric) != 0;
	}
	if (pruned_by_another) {
		text_append(&names, run->metrics.count ? "," : "");
		text_json_string(&names, run->report.metric, false);
	}
	text_append(&names, "]");
	put_text(builder, "KRE_METRICS", &names);
}

/* What a study may always run here writes and reads by the paths that it names. */
static void put_confinement(struct environment_builder *builder, const struct assigned_run *run)
{
	if (run->command.count && strcmp(run->command.items[0], ALLOW_BUILT_IN) == 0)
		put(builder, "KRE_CONFINED", "1");
}

static int put_modules(struct environment_builder *builder, bool wandb, struct error *error)
{
	struct text path = TEXT_NULL;
	int rc = python_path_append(&path, wandb, error);
	if (rc == 0 && path.length)
		put_text(builder, "PYTHONPATH", &path);
	text_finish(&path);
	return rc;
}

static void put_threads(struct environment_builder *builder, int64_t threads)
{
	static const char *const names[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"};
	for (size_t i = 0; threads > 0 && i < sizeof names / sizeof *names; i++)
		put_integer(builder, names[i], threads);
}

int environment_build(char ***out, struct arena *arena, const struct environment_facts *facts, struct error *error)
{
	const struct assigned_run *run = facts->run;
	struct environment_builder builder = {.arena = arena};
	while (environ[builder.count])
		builder.count++;
	builder.capacity = builder.count + OWN_MAX + run->env.count + 2 * run->files.count;
	builder.entries = arena_alloc(builder.arena, (builder.capacity + 1) * sizeof *builder.entries);
	if (!builder.entries)
		return error_no_memory(error);
	memcpy(builder.entries, environ, builder.count * sizeof *environ);
	for (size_t i = 0; i < run->env.count; i++)
		put_daemons(&builder, &run->env.items[i]);
	for (size_t i = 0; i < run->files.count; i++)
		put_file(&builder, run, run->files.items[i].name, run->files.items[i].path);
	for (size_t i = 0; i < run->files.count; i++)
		put_folder(&builder, run, i);
	put_run(&builder, run);
	put_places(&builder, facts);
	put_threads(&builder, facts->threads);
	put_unbuffered(&builder);
	put_metrics(&builder, run);
	put_confinement(&builder, run);
	int rc = put_modules(&builder, run->wandb, error);
	if (rc < 0)
		return rc;
	if (builder.failed)
		return error_no_memory(error);
	*out = builder.entries;
	return 0;
}
