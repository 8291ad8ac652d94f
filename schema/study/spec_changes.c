#include "schema/study/spec_changes.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/study/keys.h"

/* One key of a map in both versions. */
struct counterparts {
	const char *path;
	const cJSON *before, *after; /* NULL where it is left out */
	const struct key *key;       /* its row; NULL below the tables */
	enum key_change change;      /* what holds here */
};

static const cJSON *member(const cJSON *map, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(map, name);
	return cJSON_IsNull(item) ? NULL : item;
}

static bool is_whole(const cJSON *number)
{
	return !number->valuestring && number->valuedouble == floor(number->valuedouble);
}

static bool is_same(const cJSON *a, const cJSON *b);

static bool has_same_members(const cJSON *a, const cJSON *b)
{
	const cJSON *item, *other = b->child;
	if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b))
		return false;
	cJSON_ArrayForEach (item, a) {
		if (cJSON_IsObject(a))
			other = cJSON_GetObjectItemCaseSensitive(b, item->string);
		if (!is_same(item, other))
			return false;
		other = other->next;
	}
	return true;
}

/* Whole numbers differ from others: ranges of integers are written with them. */
static bool is_same(const cJSON *a, const cJSON *b)
{
	if (!a || !b || (a->type & 0xff) != (b->type & 0xff))
		return a == b;
	if (cJSON_IsNumber(a))
		return a->valuedouble == b->valuedouble && is_whole(a) == is_whole(b);
	if (cJSON_IsString(a))
		return strcmp(a->valuestring, b->valuestring) == 0;
	return cJSON_IsObject(a) || cJSON_IsArray(a) ? has_same_members(a, b) : true;
}

/* A value as people read it: texts without quotes, lists and maps as JSON. */
static const char *read_aloud(const cJSON *value, const char *otherwise, struct arena *arena)
{
	struct text text = TEXT_NULL;
	if (!value)
		return arena_strdup(arena, otherwise);
	if (cJSON_IsString(value))
		return arena_strdup(arena, value->valuestring);
	json_append(value, &text);
	const char *copy = text.failed ? NULL : arena_strdup(arena, text_string(&text));
	text_finish(&text);
	return copy;
}

static int add(struct spec_changes *changes, const struct spec_change *change)
{
	struct spec_change *grown = arena_grow(&changes->arena, changes->items, changes->count, sizeof *changes->items);
	if (!grown || !change->path || !change->from || !change->to)
		return -ENOMEM;
	changes->items = grown;
	changes->items[changes->count++] = *change;
	changes->refused_count += change->refused;
	return 0;
}

/* Upward: a key that is left out has the number its row says. */
static bool has_grown(const char *from, const char *to)
{
	double before, after;
	return number_parse(&before, from, false) && number_parse(&after, to, false) && after > before;
}

static int compare_values(struct spec_changes *changes, const struct counterparts *pair)
{
	const char *fallback = pair->key ? pair->key->fallback : "not given";
	struct spec_change change = {
	        .path = pair->path,
	        .from = read_aloud(pair->before, fallback, &changes->arena),
	        .to = read_aloud(pair->after, fallback, &changes->arena),
	        .refused = pair->change == CHANGE_INHERITED || pair->change == CHANGE_FILES,
	};
	bool left_out = !pair->before || !pair->after;
	if (!change.from || !change.to)
		return -ENOMEM;
	if (left_out && strcmp(change.from, change.to) == 0)
		return 0; /* the default, written out */
	if (pair->change == CHANGE_UPWARD)
		change.refused = !has_grown(change.from, change.to);
	return add(changes, &change);
}

static int compare(struct spec_changes *changes, const struct counterparts *pair);

static const struct key *row_of(const struct key *keys, const char *name)
{
	for (; keys && keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

static int compare_member(struct spec_changes *changes, const struct counterparts *map, const char *name)
{
	const struct key *key = row_of(map->key ? map->key->inner : NULL, name);
	const struct counterparts pair = {
	        .path = arena_printf(&changes->arena, "%s.%s", map->path, name),
	        .before = member(map->before, name),
	        .after = member(map->after, name),
	        .key = key,
	        .change = key && key->change ? key->change : map->change,
	};
	return pair.path ? compare(changes, &pair) : -ENOMEM;
}

static int compare_maps(struct spec_changes *changes, const struct counterparts *map)
{
	const cJSON *item;
	int rc = 0;
	cJSON_ArrayForEach (item, map->before)
		if (rc == 0)
			rc = compare_member(changes, map, item->string);
	cJSON_ArrayForEach (item, map->after)
		if (rc == 0 && !cJSON_GetObjectItemCaseSensitive(map->before, item->string))
			rc = compare_member(changes, map, item->string);
	return rc;
}

/* A map that is left out is an empty one where its keys have rows, so that each is named. */
static bool are_maps(const struct counterparts *pair)
{
	bool known = pair->key && pair->key->inner;
	bool left = pair->before ? cJSON_IsObject(pair->before) : known;
	bool right = pair->after ? cJSON_IsObject(pair->after) : known;
	return left && right;
}

static int compare(struct spec_changes *changes, const struct counterparts *pair)
{
	if (is_same(pair->before, pair->after))
		return 0;
	return are_maps(pair) ? compare_maps(changes, pair) : compare_values(changes, pair);
}

/* ---- files ---- */

static const struct file_entry *file_of(const struct study_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->file_count; i++)
		if (strcmp(spec->files[i].name, name) == 0)
			return &spec->files[i];
	return NULL;
}

static const char *file_text(const struct file_entry *file, bool with_hash, struct arena *arena)
{
	if (!file)
		return arena_strdup(arena, "none");
	return with_hash ? arena_printf(arena, "%s (sha256 %.8s)", file->path, *file->sha256 ? file->sha256 : "unknown")
	                 : arena_strdup(arena, file->path);
}

static int compare_file(struct spec_changes *changes, const struct file_entry *before, const struct file_entry *after)
{
	bool hashed = before && after && *before->sha256 && *after->sha256;
	bool same_content = hashed && strcmp(before->sha256, after->sha256) == 0;
	bool same_place = before && after && strcmp(before->path, after->path) == 0;
	if (same_place && (same_content || !hashed))
		return 0;
	const struct spec_change change = {
	        .path = arena_printf(&changes->arena, "files.%s", before ? before->name : after->name),
	        .from = file_text(before, !same_content, &changes->arena),
	        .to = file_text(after, !same_content, &changes->arena),
	        .refused = !same_content,
	};
	return add(changes, &change);
}

static int compare_files(struct spec_changes *changes, const struct study_spec *before, const struct study_spec *after)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < before->file_count; i++)
		rc = compare_file(changes, &before->files[i], file_of(after, before->files[i].name));
	for (size_t i = 0; rc == 0 && i < after->file_count; i++)
		if (!file_of(before, after->files[i].name))
			rc = compare_file(changes, NULL, &after->files[i]);
	return rc;
}

/* ---- keys that say the same in other words ---- */

static bool is_same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool is_same_setting(const struct setting *a, const struct setting *b)
{
	if (!b || !a->word != !b->word || a->list_length != b->list_length || !is_same_number(a->number, b->number))
		return false;
	for (size_t i = 0; i < a->list_length; i++)
		if (!is_same_number(a->list[i], b->list[i]))
			return false;
	return !a->word || strcmp(a->word, b->word) == 0;
}

static bool are_same_settings(const struct method *a, const struct method *b)
{
	if (a->setting_count != b->setting_count)
		return false;
	for (size_t i = 0; i < a->setting_count; i++)
		if (!is_same_setting(&a->settings[i], method_setting(b, a->settings[i].name)))
			return false;
	return true;
}

static bool has_same_sampler(const struct study_spec *before, const struct study_spec *after)
{
	return before->sampler.info == after->sampler.info && are_same_settings(&before->sampler, &after->sampler);
}

static bool has_same_objectives(const struct study_spec *before, const struct study_spec *after)
{
	if (before->objective_count != after->objective_count)
		return false;
	for (size_t i = 0; i < before->objective_count; i++) {
		const struct objective *a = &before->objectives[i], *b = &after->objectives[i];
		if (strcmp(a->name, b->name) != 0 || a->direction != b->direction ||
		        !is_same_number(a->target, b->target))
			return false;
	}
	return true;
}

static bool has_same_prune_metric(const struct study_spec *before, const struct study_spec *after)
{
	return before->prune_direction == after->prune_direction &&
	       strcmp(before->prune_metric ? before->prune_metric : "",
	               after->prune_metric ? after->prune_metric : "") == 0;
}

static bool has_same_budget(const struct study_spec *before, const struct study_spec *after)
{
	return before->budget_trials == after->budget_trials;
}

/* Keys that have a twin, or a default that depends on others: equal when the specs are. */
static const struct {
	const char *name;
	bool (*is_same)(const struct study_spec *before, const struct study_spec *after);
} twins[] = {
        {"metric", has_same_objectives},
        {"metrics", has_same_objectives},
        {"method", has_same_sampler},
        {"sampler", has_same_sampler},
        {"prune_metric", has_same_prune_metric},
        {"run_cap", has_same_budget},
};

static bool says_the_same(const char *name, const struct study_spec *before, const struct study_spec *after)
{
	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
		if (strcmp(twins[i].name, name) == 0)
			return twins[i].is_same(before, after);
	return false;
}

/* ---- all ---- */

static int compare_key(struct spec_changes *changes, const struct key *key, const cJSON *before, const cJSON *after)
{
	const struct counterparts pair = {
	        key->name, member(before, key->name), member(after, key->name), key, key->change};
	return compare(changes, &pair);
}

/* `run_cap` is `budget.trials`; where only one version has it, both say it in the long way. */
static int spell_out_cap(cJSON *tree)
{
	cJSON *cap = cJSON_DetachItemFromObjectCaseSensitive(tree, "run_cap");
	cJSON *budget = cJSON_GetObjectItemCaseSensitive(tree, "budget");
	if (!cap)
		return 0;
	if (!cJSON_IsObject(budget)) {
		cJSON_DeleteItemFromObjectCaseSensitive(tree, "budget");
		budget = cJSON_AddObjectToObject(tree, "budget");
	}
	if (member(budget, "trials")) {
		cJSON_Delete(cap);
		return 0;
	}
	cJSON_DeleteItemFromObjectCaseSensitive(budget, "trials");
	if (budget && cJSON_AddItemToObject(budget, "trials", cap))
		return 0;
	cJSON_Delete(cap);
	return -ENOMEM;
}

static int compare_trees(struct spec_changes *changes, const struct study_spec *before, const struct study_spec *after)
{
	cJSON *old = json_parse(before->json, strlen(before->json), NULL);
	cJSON *new = json_parse(after->json, strlen(after->json), NULL);
	int rc = old && new ? 0 : -ENOMEM;
	if (rc == 0 && !member(old, "run_cap") != !member(new, "run_cap")) {
		rc = spell_out_cap(old);
		if (rc == 0)
			rc = spell_out_cap(new);
	}
	for (const struct key *key = study_keys; rc == 0 && key->name; key++) {
		if (strcmp(key->name, "name") == 0 || says_the_same(key->name, before, after))
			continue;
		rc = key->change == CHANGE_FILES ? compare_files(changes, before, after)
		                                 : compare_key(changes, key, old, new);
	}
	cJSON_Delete(old);
	cJSON_Delete(new);
	return rc;
}

int spec_changes_find(struct spec_changes *out, const struct study_spec *before, const struct study_spec *after)
{
	*out = (struct spec_changes){0};
	return compare_trees(out, before, after);
}

void spec_changes_finish(struct spec_changes *changes)
{
	arena_finish(&changes->arena);
	*changes = (struct spec_changes){0};
}
