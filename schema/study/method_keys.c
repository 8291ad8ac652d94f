#include "schema/study/method_keys.h"

#include <math.h>
#include <string.h>

#include "schema/base/nearest.h"
#include "schema/study/node_json.h"

#define PRUNERS_MAX 16

static const struct method_info *find_method(
        struct reader *reader, const struct method_info *table, const char *kind, const struct node *name)
{
	const char *word, *best = NULL;
	size_t distance = NEAREST_DISTANCE;
	if (!get_text(&word, reader, name))
		return NULL;
	const struct method_info *found = method_info_find(table, word);
	if (found)
		return found;
	for (const struct method_info *row = table; row->name; row++)
		nearest_offer(&best, &distance, word, row->name);
	complain_error(reader->complaints, name, "there is no %s called %s%s%s%s", kind, word,
	        best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
	return NULL;
}

static bool read_word(const char **out, struct reader *reader, const struct option *option, const struct node *value)
{
	struct error error;
	const char *word;
	if (!get_text(&word, reader, value))
		return false;
	int choice = option_find_choice(option, word, &error);
	if (choice < 0)
		complain_error(reader->complaints, value, "%s", error.text);
	else
		*out = option->choices[choice];
	return choice >= 0;
}

static bool read_list(struct setting *out, struct reader *reader, const struct option *option, const struct node *value)
{
	if (value->kind != NODE_LIST) {
		complain_error(reader->complaints, value, "a list of numbers is expected");
		return false;
	}
	double *list = reader_alloc(reader, value->count * sizeof *list);
	if (!list)
		return false;
	for (size_t i = 0; i < value->count; i++)
		if (!get_number(&list[i], reader, &value->items[i], option->min, option->max))
			return false;
	out->list = list;
	out->list_length = value->count;
	return true;
}

static bool read_switch(double *out, struct reader *reader, const struct node *value)
{
	bool flag;
	if (!get_flag(&flag, reader, value))
		return false;
	*out = flag;
	return true;
}

static bool read_setting(
        struct setting *out, struct reader *reader, const struct option *option, const struct node *value)
{
	*out = (struct setting){.name = option->name, .number = (double)NAN};
	if (option->kind == OPTION_NUMBER)
		return get_number(&out->number, reader, value, option->min, option->max);
	if (option->kind == OPTION_INTEGER)
		return get_integer(&out->number, reader, value, option->min, option->max);
	if (option->kind == OPTION_CHOICE)
		return read_word(&out->word, reader, option, value);
	return option->kind == OPTION_NUMBERS ? read_list(out, reader, option, value)
	                                      : read_switch(&out->number, reader, value);
}

static void complain_option(struct reader *reader, const struct option_group *group, const struct node *member)
{
	const char *best = NULL;
	size_t distance = NEAREST_DISTANCE;
	option_offer(&best, &distance, group, member->key);
	complain_error(reader->complaints, member, "%s has no such option%s%s%s", group->title,
	        best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
}

/* Keys of a method's map that are no options of it. */
static bool is_no_option(const struct method_info *info, const char *key)
{
	return strcmp(key, "name") == 0 || strcmp(key, "type") == 0 ||
	       (info->takes_inner && strcmp(key, "pruner") == 0);
}

static void read_options(struct reader *reader, struct method *method, const struct node *map)
{
	const struct option_group group = method_options(method->info);
	struct setting *settings = reader_alloc(reader, map->count * sizeof *settings);
	if (!settings)
		return;
	for (size_t i = 0; i < map->count; i++) {
		const struct node *member = &map->items[i];
		if (is_no_option(method->info, member->key))
			continue;
		const struct option *option = option_find(&group, member->key, strlen(member->key));
		if (!option)
			complain_option(reader, &group, member);
		else if (member->kind != NODE_NULL &&
		         read_setting(&settings[method->setting_count], reader, option, member))
			method->setting_count++;
	}
	method->settings = settings;
}

/* A method is a name, or a map with `name` and options. False after a complaint. */
static bool read_either(struct method *out, struct reader *reader, const struct method_info *table, const char *kind,
        const struct node *value)
{
	const struct node *name = value->kind == NODE_MAP ? node_find(value, "name") : value;
	if (!name) {
		complain_error(reader->complaints, value, "a %s needs a name", kind);
		return false;
	}
	out->info = find_method(reader, table, kind, name);
	if (out->info && value->kind == NODE_MAP)
		read_options(reader, out, value);
	return out->info != NULL;
}

/* W&B's word for a search that runs outside its service. */
static const char method_custom[] = "custom";

void read_method(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	if (value->kind == NODE_TEXT && strcmp(value->text, method_custom) == 0) {
		complain_warning(reader->complaints, value, "custom is W&B's; the sampler is chosen by auto instead");
		return;
	}
	const struct method_info *info = find_method(reader, sampler_infos, "sampler", value);
	if (info && !reader->spec->sampler.setting_count)
		reader->spec->sampler.info = info;
}

void read_sampler(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	struct method sampler = {0};
	const struct node *method = node_find(reader->root, "method");
	if (!read_either(&sampler, reader, sampler_infos, "sampler", value))
		return;
	const struct method_info *named =
	        method && method->kind == NODE_TEXT ? method_info_find(sampler_infos, method->text) : NULL;
	if (named && named != sampler.info)
		complain_error(reader->complaints, value, "method says %s and sampler says %s; one of them is enough",
		        named->name, sampler.info->name);
	reader->spec->sampler = sampler;
	const struct setting *seed = method_setting(&sampler, "seed");
	if (seed && !node_find(reader->root, "seed")) {
		reader->spec->seed = (uint64_t)seed->number;
		reader->spec->seed_given = true;
	}
}

static bool read_one_pruner(struct method *out, struct reader *reader, const struct node *value)
{
	if (!read_either(out, reader, pruner_infos, "pruner", value))
		return false;
	const struct node *inner = out->info->takes_inner ? node_find(value, "pruner") : NULL;
	if (!inner)
		return true;
	struct method *wrapped = reader_alloc(reader, sizeof *wrapped);
	if (!wrapped || !read_one_pruner(wrapped, reader, inner))
		return false;
	out->inner = wrapped;
	return true;
}

static void check_threshold(struct reader *reader, const struct method *pruner, const struct node *value)
{
	if (strcmp(pruner->info->name, "threshold") == 0 && !method_setting(pruner, "lower") &&
	        !method_setting(pruner, "upper"))
		complain_error(reader->complaints, value, "threshold needs lower or upper");
}

void read_pruner(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	bool list = value->kind == NODE_LIST;
	size_t count = list ? value->count : 1;
	if (count > PRUNERS_MAX) {
		complain_error(reader->complaints, value, "%d pruners at most", PRUNERS_MAX);
		return;
	}
	struct method *pruners = reader_alloc(reader, count * sizeof *pruners);
	if (!pruners)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct node *item = list ? &value->items[i] : value;
		struct method pruner = {0};
		if (!read_one_pruner(&pruner, reader, item))
			continue;
		check_threshold(reader, &pruner, item);
		if (strcmp(pruner.info->name, "none") != 0)
			pruners[reader->spec->pruner_count++] = pruner;
	}
	reader->spec->pruners = pruners;
}

void read_early_terminate(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	const struct node *type = node_find(value, "type"), *pruner = node_find(reader->root, "pruner");
	if (pruner) {
		complain_error(reader->complaints, value, "pruner and early_terminate exclude each other");
		return;
	}
	if (!type || type->kind != NODE_TEXT || strcmp(type->text, "hyperband") != 0) {
		complain_error(reader->complaints, type ? type : value, "early_terminate needs `type: hyperband`");
		return;
	}
	struct method *band = reader_alloc(reader, sizeof *band);
	if (!band)
		return;
	band->info = method_info_find(pruner_infos, "wandb_hyperband");
	read_options(reader, band, value);
	if (!method_setting(band, "min_iter") && !(method_setting(band, "max_iter") && method_setting(band, "s")))
		complain_error(reader->complaints, value, "early_terminate needs min_iter, or max_iter and s");
	reader->spec->pruners = band;
	reader->spec->pruner_count = 1;
}
