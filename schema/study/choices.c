#include "schema/study/choices.h"

#include <math.h>
#include <string.h>

#include "schema/space/json.h"
#include "schema/study/node_json.h"

static bool is_number(const struct node *node)
{
	return node->kind == NODE_INTEGER || node->kind == NODE_NUMBER || node->kind == NODE_FLAG;
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

static bool python_equal(const struct node *a, const struct node *b, const struct choice *one, const struct choice *two)
{
	if (is_number(a) && is_number(b))
		return a->number == b->number;
	return strcmp(one->json, two->json) == 0;
}

struct choice *choices_read(struct reader *reader, const struct node *list)
{
	if (list->kind != NODE_LIST || list->count == 0 || list->count > 1000) {
		complain_error(reader->complaints, list, "a list of 1 to 1000 values is expected");
		return NULL;
	}
	bool good = true;
	struct choice *choices = reader_alloc(reader, list->count * sizeof *choices);
	for (size_t i = 0; choices && i < list->count; i++)
		good &= choice_read(&choices[i], reader, &list->items[i]);
	for (size_t i = 1; choices && good && i < list->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (python_equal(&list->items[i], &list->items[k], &choices[i], &choices[k])) {
				complain_error(reader->complaints, &list->items[i], "%s and %s are the same value",
				        choices[k].json, choices[i].json);
				good = false;
			}
		}
	}
	return good ? choices : NULL;
}
