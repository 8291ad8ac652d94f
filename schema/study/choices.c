#include "schema/study/choices.h"

#include <math.h>
#include <string.h>

#include "schema/space/json.h"
#include "schema/study/node_json.h"

static bool is_number(const struct node *node)
{
	return node->kind == NODE_INTEGER || node->kind == NODE_NUMBER;
}

static bool has_special(const struct node *node)
{
	if (node->kind == NODE_NUMBER && !isfinite(node->number))
		return true;
	for (size_t i = 0; i < node->count; i++)
		if (has_special(&node->items[i]))
			return true;
	return false;
}

static const char *keep(struct reader *reader, struct text *text)
{
	const char *copy = text->failed ? NULL : arena_strdup(&reader->spec->arena, text_string(text));
	if (!copy)
		reader->failed = true;
	text_finish(text);
	return copy;
}

/* Where W&B hands 1e-5 on as text, the command line has it as it was written. */
static bool keeps_spelling(const struct node *value, const cJSON *json)
{
	return value->text_to_python && json->valuestring && strcmp(json->valuestring, value->text) == 0;
}

bool choice_read(struct choice *out, struct reader *reader, const struct node *value)
{
	if (has_special(value)) {
		complain_error(
		        reader->complaints, value, "NaN and infinity cannot be values: no reader of JSON takes them");
		return false;
	}
	cJSON *json = node_to_json(value);
	if (!json) {
		reader->failed = true;
		return false;
	}
	struct text canonical = TEXT_NULL, text = TEXT_NULL;
	json_append_python(json, true, &canonical);
	if (keeps_spelling(value, json))
		text_append(&text, value->text);
	else
		json_append_python_str(json, &text);
	cJSON_Delete(json);
	out->json = keep(reader, &canonical);
	out->text = keep(reader, &text);
	return out->json && out->text;
}

static bool same_value(const struct node *a, const struct node *b, const struct choice *one, const struct choice *two)
{
	if (is_number(a) && is_number(b))
		return a->number == b->number;
	return strcmp(one->json, two->json) == 0;
}

/* The place of the first value of the list that is the same as the one at `at`. */
static size_t find_same(const struct node *list, const struct choice *all, size_t at)
{
	size_t first = 0;
	while (!same_value(&list->items[at], &list->items[first], &all[at], &all[first]))
		first++;
	return first;
}

static void merge(struct choices *choices, struct reader *reader, const struct node *list, const struct choice *all)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t first = find_same(list, all, i);
		choices->places[i] = first < i ? choices->places[first] : choices->count;
		if (first == i)
			choices->items[choices->count++] = all[i];
		else
			complain_warning(reader->complaints, &list->items[i],
			        "%s is there already, in place %zu; the two count as one value", all[i].json, first);
	}
}

bool choices_read(struct choices *out, struct reader *reader, const struct node *list)
{
	if (list->kind != NODE_LIST || list->count == 0 || list->count > 1000) {
		complain_error(reader->complaints, list, "a list of 1 to 1000 values is expected");
		return false;
	}
	struct choices choices = {
	        .items = reader_alloc(reader, list->count * sizeof *choices.items),
	        .places = reader_alloc(reader, list->count * sizeof *choices.places),
	};
	struct choice *all = reader_alloc(reader, list->count * sizeof *all);
	bool good = choices.items && choices.places && all;
	for (size_t i = 0; good && i < list->count; i++)
		good = choice_read(&all[i], reader, &list->items[i]);
	if (!good)
		return false;
	merge(&choices, reader, list, all);
	*out = choices;
	return true;
}
