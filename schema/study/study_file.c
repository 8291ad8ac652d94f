#define _XOPEN_SOURCE 700 /* realpath */

#include "schema/study/study_file.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/space/json.h"
#include "schema/study/default_keys.h"
#include "schema/study/keys.h"
#include "schema/study/metric_keys.h"
#include "schema/study/node_json.h"
#include "schema/study/node_parser.h"
#include "schema/study/parameter_keys.h"
#include "schema/study/run_keys.h"
#include "schema/study/study_name.h"

#define FILE_BYTES_MAX (1u << 20)
#define NAME_BYTES_MAX 200

/* Sweep names may have spaces. */
static const char *tidy_name(struct reader *reader, const char *name)
{
	char *tidy = arena_strdup(&reader->spec->arena, name);
	if (tidy)
		study_name_tidy(tidy);
	reader->failed |= !tidy;
	return tidy;
}

/* The tree gets a member it lacks, at its sorted place, so that the canonical JSON says
 * everything. */
static void insert_text(struct reader *reader, struct node *map, const char *key, const char *text)
{
	struct node *items = reader_alloc(reader, (map->count + 1) * sizeof *items);
	if (!items)
		return;
	size_t at = 0;
	while (at < map->count && strcmp(map->items[at].key, key) < 0)
		at++;
	if (at)
		memcpy(items, map->items, at * sizeof *items);
	if (at < map->count)
		memcpy(items + at + 1, map->items + at, (map->count - at) * sizeof *items);
	items[at] = (struct node){
	        .kind = NODE_TEXT, .line = map->line, .column = map->column, .parent = map, .key = key, .text = text};
	map->items = items;
	map->count++;
	/* The members moved, and their children point at them. */
	for (size_t i = 0; i < map->count; i++)
		for (size_t k = 0; k < items[i].count; k++)
			items[i].items[k].parent = &items[i];
}

static void tidy_given_name(struct reader *reader, struct node *name)
{
	const char *tidy = tidy_name(reader, name->text);
	if (tidy && strcmp(tidy, name->text) != 0)
		complain_warning(
		        reader->complaints, name, "the study is called %s: names have " STUDY_NAME_LETTERS, tidy);
	name->kind = NODE_TEXT;
	name->text = tidy ? tidy : "";
	if (strlen(name->text) > NAME_BYTES_MAX)
		complain_error(reader->complaints, name, "a name has %d bytes at most", NAME_BYTES_MAX);
}

static void take_default_name(struct reader *reader, struct node *root, struct node *name, const char *default_name)
{
	const char *tidy = tidy_name(reader, default_name);
	if (tidy && name)
		*name = (struct node){.kind = NODE_TEXT,
		        .line = name->line,
		        .column = name->column,
		        .parent = root,
		        .key = name->key,
		        .text = tidy};
	else if (tidy)
		insert_text(reader, root, "name", tidy);
}

/* A name without a value is as good as none. */
static void resolve_name(struct reader *reader, struct node *root, const char *default_name)
{
	struct node *name = (struct node *)node_find_key(root, "name");
	bool given = name && name->kind != NODE_NULL;
	if (!given && (!default_name || !*default_name))
		complain_error(reader->complaints, name ? name : root, "`name` is missing");
	else if (!given)
		take_default_name(reader, root, name, default_name);
	else if (name->kind == NODE_LIST || name->kind == NODE_MAP || !*name->text)
		complain_error(reader->complaints, name, "a name is expected");
	else
		tidy_given_name(reader, name);
}

static void resolve_path(struct reader *reader, struct node *path, const char *folder)
{
	if (!path || path->kind != NODE_TEXT || !*path->text || !folder)
		return;
	if (*path->text != '/')
		path->text = arena_printf(&reader->spec->arena, "%s/%s", folder, path->text);
	if (!path->text) {
		path->text = "";
		reader->failed = true;
	} else if (access(path->text, R_OK) != 0) {
		complain_warning(reader->complaints, path, "%s: %s", path->text, strerror(errno));
	}
}

static void resolve_files(struct reader *reader, struct node *root, const char *folder)
{
	struct node *files = (struct node *)node_find(root, "files");
	for (size_t i = 0; files && files->kind == NODE_MAP && i < files->count; i++) {
		struct node *item = &files->items[i];
		resolve_path(reader, item->kind == NODE_MAP ? (struct node *)node_find(item, "path") : item, folder);
	}
}

static void set_defaults(struct study_spec *spec)
{
	spec->name = spec->description = spec->program = spec->report_source = "";
	spec->sampler.info = sampler_infos;
	spec->folds = 1;
	spec->replicates = -1;
	spec->retries = 2;
	spec->keep_models = 5;
	spec->keep_logs = KEPT_FAILED;
	spec->keep_mb = 500;
}

/* What a search without a metric has and cannot have; NULL = nothing. */
static const char *what_needs_a_metric(const struct study_spec *spec)
{
	if (spec->sampler.info->learns)
		return spec->sampler.info->name;
	for (size_t i = 0; i < spec->pruner_count; i++)
		if (spec->pruners[i].info && spec->pruners[i].info->learns)
			return spec->pruners[i].info->name;
	return NULL;
}

/* kre-train reports f1; other programs must say what they report where anything goes by it. */
static void default_metric(struct reader *reader)
{
	struct study_spec *spec = reader->spec;
	if (spec->objective_count || node_find(reader->root, "metric") || node_find(reader->root, "metrics"))
		return;
	if (spec->command_length || *spec->program) {
		const char *needs = what_needs_a_metric(spec);
		if (needs)
			complain_error(reader->complaints, reader->root,
			        "`metric` is missing, which %s goes by: {name: …, goal: maximize}", needs);
		return;
	}
	spec->objectives = reader_alloc(reader, sizeof *spec->objectives);
	if (!spec->objectives)
		return;
	spec->objectives[0] = (struct objective){"f1", MAXIMIZE, (double)NAN};
	spec->objective_count = 1;
}

static void check_countable(struct reader *reader)
{
	const struct study_spec *spec = reader->spec;
	bool counts =
	        strcmp(spec->sampler.info->name, "grid") == 0 || strcmp(spec->sampler.info->name, "brute_force") == 0;
	for (const struct declaration *at = reader->declarations; counts && at; at = at->next)
		for (size_t i = 0; i < spec->space->count; i++)
			if (strcmp(spec->space->params[i].name, at->name) == 0 &&
			        param_cardinality(&spec->space->params[i]) == 0)
				complain_error(reader->complaints, at->node,
				        "%s cannot count the values of a continuous range; give it a step",
				        spec->sampler.info->name);
}

static void check_replicates(struct reader *reader)
{
	const struct study_spec *spec = reader->spec;
	const struct node *node = node_find(reader->root, "replicates");
	if (!node || spec->replicates <= 0)
		return;
	if (spec->folds < 2 || spec->objective_count != 1 || study_spec_trials_most(spec) <= 0)
		complain_warning(reader->complaints, node,
		        "nothing is repeated: that takes folds, one objective and a budget of trials");
	else if (spec->replicates < spec->folds)
		complain_warning(reader->complaints, node,
		        "nothing is repeated: a trial is repeated by all of its %lld folds", (long long)spec->folds);
}

static void finish(struct reader *reader)
{
	default_metric(reader);
	finish_parameters(reader);
	finish_defaults(reader);
	finish_command(reader);
	check_countable(reader);
	finish_prune_metric(reader);
	check_selection(reader);
	check_replicates(reader);
}

static int keep_json(struct reader *reader)
{
	cJSON *json = node_to_json(reader->root);
	struct text text = TEXT_NULL;
	if (json)
		json_append(json, &text);
	cJSON_Delete(json);
	reader->spec->json =
	        text.length && !text.failed ? arena_strdup(&reader->spec->arena, text_string(&text)) : NULL;
	text_finish(&text);
	return reader->spec->json ? 0 : -ENOMEM;
}

static int read_tree(struct reader *reader, struct node *root, const char *folder, const char *default_name)
{
	if (root->kind != NODE_MAP) {
		complain_error(reader->complaints, root, "a study file is a map of keys and values");
		return STUDY_FILE_WRONG;
	}
	reader->root = root;
	resolve_name(reader, root, default_name);
	resolve_files(reader, root, folder);
	keys_read(reader, study_keys, root);
	finish(reader);
	if (reader->failed || reader->complaints->failed)
		return -ENOMEM;
	return reader->complaints->error_count ? STUDY_FILE_WRONG : keep_json(reader);
}

static int create_spec(struct study_spec **out)
{
	struct study_spec *spec = memory_alloc(1, sizeof *spec);
	if (!spec)
		return -ENOMEM;
	set_defaults(spec);
	if (space_create(&spec->space) < 0) {
		study_spec_destroy(spec);
		return -ENOMEM;
	}
	*out = spec;
	return 0;
}

int study_file_parse(
        struct study_spec **out, const struct study_source *source, struct complaints *complaints, struct error *error)
{
	struct reader reader = {.complaints = complaints};
	struct node *root;
	*complaints = (struct complaints){.file = ""};
	int rc = create_spec(&reader.spec);
	if (rc < 0)
		return error_no_memory(error);
	complaints->file = arena_strdup(&complaints->arena, source->file);
	rc = complaints->file ? node_parse(&root, &reader.spec->arena, source->text, source->length, complaints)
	                      : -ENOMEM;
	if (rc == 0)
		rc = read_tree(&reader, root, source->folder, source->default_name);
	if (complaints->failed)
		rc = -ENOMEM;
	complaints_sort(complaints);
	assert(rc != 0 || (reader.spec->prune_metric && reader.spec->space->order));
	if (rc == 0)
		*out = reader.spec;
	else
		study_spec_destroy(reader.spec);
	assert(rc >= 0 || rc == -ENOMEM);
	return rc < 0 ? error_no_memory(error) : rc;
}

static int read_bytes(struct text *out, const char *path, struct error *error)
{
	char buffer[8192];
	size_t count;
	FILE *file = fopen(path, "rb");
	if (!file)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	while (out->length <= FILE_BYTES_MAX && (count = fread(buffer, 1, sizeof buffer, file)) > 0)
		text_append_bytes(out, buffer, count);
	bool broken = ferror(file);
	fclose(file);
	if (out->failed)
		return error_no_memory(error);
	return broken ? error_set(error, -EIO, "%s: cannot be read", path) : 0;
}

/* The folder of `path` without links and dots, so that one file has one canonical form. Free with
 * free(). */
static char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder = slash ? arena_strndup(arena, path, (size_t)(slash - path) + 1) : ".";
	return folder ? realpath(folder, NULL) : NULL;
}

/* "a/b/sweep.yaml" gives "sweep". */
static const char *stem_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	return arena_strndup(arena, name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

int study_file_read(struct study_spec **out, const char *path, struct complaints *complaints, struct error *error)
{
	struct text bytes = TEXT_NULL;
	struct arena arena = ARENA_NULL;
	char *folder = NULL;
	*complaints = (struct complaints){.file = ""};
	int rc = read_bytes(&bytes, path, error);
	if (rc < 0)
		goto cleanup;
	folder = folder_of(&arena, path);
	const char *stem = stem_of(&arena, path);
	if (folder && stem)
		rc = study_file_parse(out,
		        &(struct study_source){text_string(&bytes), bytes.length, path, folder, stem}, complaints,
		        error);
	else
		rc = error_no_memory(error);
cleanup:
	free(folder);
	arena_finish(&arena);
	text_finish(&bytes);
	return rc;
}
