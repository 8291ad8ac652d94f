#include "schema/study/node_json.h"

#include <math.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/base/text.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

/* YAML has spellings that JSON has not (.5, 0x1f, 1_000): those are printed anew, the others as
 * they were written. */
static cJSON *number_to_json(const struct node *node)
{
	char digits[NUMBER_TEXT_BYTES];
	if (!isfinite(node->number))
		return json_number(node->number);
	if (node->kind == NODE_INTEGER)
		number_json(node->number, digits);
	else
		number_repr(node->number, digits);
	const char *spelling = json_is_number(node->text) ? node->text : digits;
	return json_parse(spelling, strlen(spelling), NULL);
}

static cJSON *children_to_json(const struct node *node)
{
	cJSON *container = node->kind == NODE_MAP ? cJSON_CreateObject() : cJSON_CreateArray();
	for (size_t i = 0; container && i < node->count; i++) {
		cJSON *item = node_to_json(&node->items[i]);
		bool added =
		        item && (node->kind == NODE_MAP ? cJSON_AddItemToObject(container, node->items[i].key, item)
		                                        : cJSON_AddItemToArray(container, item));
		if (!added) {
			cJSON_Delete(item);
			cJSON_Delete(container);
			return NULL;
		}
	}
	return container;
}

struct cJSON *node_to_json(const struct node *node)
{
	switch (node->kind) {
	case NODE_NULL:
		return cJSON_CreateNull();
	case NODE_FLAG:
		return cJSON_CreateBool(node->number != 0);
	case NODE_INTEGER:
	case NODE_NUMBER:
		return number_to_json(node);
	case NODE_TEXT:
		return cJSON_CreateString(node->text);
	case NODE_LIST:
	case NODE_MAP:
		break;
	}
	return children_to_json(node);
}
