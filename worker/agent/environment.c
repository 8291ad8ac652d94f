#include "worker/agent/environment.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/space/json.h"

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

static void put_integer(struct environment_builder *builder, const char *name, double value)
{
	char text[32] = "0";
	if (value >= 0 && value < 0x1p64)
		snprintf(text, sizeof text, "%" PRIu64, (uint64_t)value);
	put(builder, name, text);
}

static void put_run(struct environment_builder *builder, const cJSON *run)
{
	static const struct {
		const char *name, *key;
	} integers[] = {{"KRE_TRIAL", "trial"}, {"KRE_NUMBER", "number"}, {"KRE_FOLD", "fold"}, {"KRE_FOLDS", "folds"},
	        {"KRE_SEED", "seed"}};
	for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
		put_integer(builder, integers[i].name, json_double(run, integers[i].key, 0));
	put_integer(builder, "KRE_REPORT_FD", REPORT_FD);
}

static void put_places(struct environment_builder *builder, const struct environment_facts *facts)
{
	const struct run_folder *folder = facts->folder;
	const char *name = strrchr(folder->path, '/') + 1;
	char *run_id = arena_printf(builder->arena, "%s-%s", facts->study, name);
	put(builder, "KRE_STUDY", facts->study);
	put(builder, "KRE_RUN_DIR", folder->path);
	put(builder, "KRE_CHECKPOINT_DIR", folder->checkpoint);
	put(builder, "KRE_PARAMS", folder->params_file);
	put(builder, "WANDB_SWEEP_ID", facts->study);
	put(builder, "WANDB_RUN_ID", run_id ? run_id : "");
	put(builder, "WANDB_SWEEP_PARAM_PATH", folder->sweep_file);
	put(builder, "WANDB_DIR", folder->path);
	builder->failed |= !run_id;
}

static void put_files(struct environment_builder *builder, const cJSON *files)
{
	const cJSON *file;
	cJSON_ArrayForEach (file, files) {
		char *name = arena_printf(builder->arena, "KRE_FILE_%s", file->string);
		if (!name) {
			builder->failed = true;
			return;
		}
		for (char *at = name; *at; at++)
			*at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
		put(builder, name, cJSON_IsString(file) ? file->valuestring : json_string(file, "path", ""));
	}
}

static void put_daemons(struct environment_builder *builder, const cJSON *env)
{
	const cJSON *item;
	cJSON_ArrayForEach (item, env) {
		bool ours = strncmp(item->string, "KRE_", 4) == 0 || strncmp(item->string, "WANDB_", 6) == 0;
		if (ours && cJSON_IsString(item) && !strchr(item->string, '='))
			put(builder, item->string, item->valuestring);
	}
}

static void put_threads(struct environment_builder *builder, int64_t threads)
{
	static const char *const names[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"};
	for (size_t i = 0; threads > 0 && i < sizeof names / sizeof *names; i++)
		put_integer(builder, names[i], (double)threads);
}

int environment_build(char ***out, struct arena *arena, const struct environment_facts *facts)
{
	const cJSON *env = cJSON_GetObjectItemCaseSensitive(facts->run, "env");
	const cJSON *files = cJSON_GetObjectItemCaseSensitive(facts->run, "files");
	struct environment_builder builder = {.arena = arena};
	while (environ[builder.count])
		builder.count++;
	builder.capacity =
	        builder.count + OWN_MAX + (size_t)cJSON_GetArraySize(env) + (size_t)cJSON_GetArraySize(files);
	builder.entries = arena_alloc(builder.arena, (builder.capacity + 1) * sizeof *builder.entries);
	if (!builder.entries)
		return -ENOMEM;
	memcpy(builder.entries, environ, builder.count * sizeof *environ);
	put_daemons(&builder, env);
	put_files(&builder, files);
	put_run(&builder, facts->run);
	put_places(&builder, facts);
	put_threads(&builder, facts->threads);
	if (builder.failed)
		return -ENOMEM;
	*out = builder.entries;
	return 0;
}
