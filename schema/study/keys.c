#include "schema/study/keys.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "schema/base/nearest.h"
#include "schema/base/number.h"
#include "schema/base/option.h"

void *reader_alloc(struct reader *reader, size_t size_bytes)
{
	void *piece = arena_alloc(&reader->spec->arena, size_bytes);
	if (!piece)
		reader->failed = true;
	return piece;
}

static const struct key *find_key(const struct key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

static void complain_unknown(struct reader *reader, const struct key *keys, const struct node *member)
{
	const char *best = NULL;
	size_t distance = NEAREST_DISTANCE;
	for (; keys->name; keys++)
		nearest_offer(&best, &distance, member->key, keys->name);
	if (best)
		complain_error(reader->complaints, member, "unknown key; did you mean %s?", best);
	else
		complain_error(reader->complaints, member, "unknown key");
}

void keys_read(struct reader *reader, const struct key *keys, const struct node *map)
{
	if (map->kind != NODE_MAP) {
		complain_error(reader->complaints, map, "a map of keys and values is expected");
		return;
	}
	for (size_t i = 0; i < map->count; i++) {
		const struct node *member = &map->items[i];
		const struct key *key = find_key(keys, member->key);
		if (!key)
			complain_unknown(reader, keys, member);
		else if (member->kind != NODE_NULL)
			key->read(reader, key, member);
	}
}

void read_map(struct reader *reader, const struct key *key, const struct node *value)
{
	assert(key->inner);
	keys_read(reader, key->inner, value);
}

bool get_text(const char **out, struct reader *reader, const struct node *value)
{
	bool scalar = value->kind != NODE_LIST && value->kind != NODE_MAP && value->kind != NODE_NULL;
	if (scalar)
		*out = value->text;
	else
		complain_error(reader->complaints, value, "a text is expected");
	return scalar;
}

bool get_flag(bool *out, struct reader *reader, const struct node *value)
{
	if (value->kind != NODE_FLAG) {
		complain_error(reader->complaints, value, "true or false is expected");
		return false;
	}
	*out = value->number != 0;
	return true;
}

static bool get_value(double *out, struct reader *reader, const struct node *value, const char *expected)
{
	if (value->kind == NODE_TEXT && number_parse(out, value->text, false)) {
		complain_warning(reader->complaints, value, "%s is a text; it is taken as a number", value->text);
	} else if (value->kind == NODE_INTEGER || value->kind == NODE_NUMBER) {
		*out = value->number;
	} else {
		complain_error(reader->complaints, value, "%s is expected", expected);
		return false;
	}
	if (isfinite(*out))
		return true;
	complain_error(reader->complaints, value, "a finite number is expected");
	return false;
}

/* Bounds that are both 0 are none. */
static bool fits(struct reader *reader, const struct node *value, double number, const struct option *rule)
{
	struct error error;
	struct option wide = *rule;
	if (rule->min == 0 && rule->max == 0) {
		wide.min = -INFINITY;
		wide.max = INFINITY;
	}
	int rc = option_check_number(&wide, number, value->text, &error);
	if (rc < 0)
		complain_error(reader->complaints, value, "%s", error.text);
	return rc == 0;
}

bool get_number(double *out, struct reader *reader, const struct node *value, double low, double high)
{
	const struct option rule = {.kind = OPTION_NUMBER, .min = low, .max = high};
	double number;
	if (!get_value(&number, reader, value, "a number") || !fits(reader, value, number, &rule))
		return false;
	*out = number;
	return true;
}

bool get_integer(double *out, struct reader *reader, const struct node *value, double low, double high)
{
	const struct option rule = {.kind = OPTION_INTEGER, .min = low, .max = high};
	double number;
	if (!get_value(&number, reader, value, "a whole number") || !fits(reader, value, number, &rule))
		return false;
	*out = number;
	return true;
}

static void *field(struct reader *reader, const struct key *key)
{
	return (char *)reader->spec + key->offset;
}

void read_text(struct reader *reader, const struct key *key, const struct node *value)
{
	get_text(field(reader, key), reader, value);
}

void read_integer(struct reader *reader, const struct key *key, const struct node *value)
{
	double number;
	if (get_integer(&number, reader, value, key->low, key->high))
		*(int64_t *)field(reader, key) = (int64_t)number;
}

void read_number(struct reader *reader, const struct key *key, const struct node *value)
{
	get_number(field(reader, key), reader, value, key->low, key->high);
}

void read_flag(struct reader *reader, const struct key *key, const struct node *value)
{
	get_flag(field(reader, key), reader, value);
}

void read_ignored(struct reader *reader, const struct key *key, const struct node *value)
{
	complain_warning(reader->complaints, value, "%s is ignored: it is for W&B's own service", key->name);
}

void read_elsewhere(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)reader, (void)key, (void)value;
}
