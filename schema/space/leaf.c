#include "schema/space/leaf.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/param_value.h"

static int compare_leaves(const void *a, const void *b)
{
	const struct leaf *left = a, *right = b;
	size_t shared = left->path_length < right->path_length ? left->path_length : right->path_length;
	for (size_t i = 0; i < shared; i++) {
		int order = strcmp(left->path[i], right->path[i]);
		if (order)
			return order;
	}
	return (left->path_length > right->path_length) - (left->path_length < right->path_length);
}

int leaves_create(struct leaf **out, size_t *count, const struct space *space, const double *values)
{
	struct leaf *leaves = memory_alloc(space->count + space->constant_count, sizeof *leaves);
	if (!leaves)
		return -ENOMEM;
	size_t filled = 0;
	for (size_t i = 0; values && i < space->count; i++) {
		const struct param *param = &space->params[i];
		if (!isnan(values[i]))
			leaves[filled++] = (struct leaf){param->path, param->path_length, param, values[i], NULL};
	}
	for (size_t i = 0; i < space->constant_count; i++) {
		const struct constant *constant = &space->constants[i];
		leaves[filled++] = (struct leaf){constant->path, constant->path_length, NULL, 0, &constant->value};
	}
	qsort(leaves, filled, sizeof *leaves, compare_leaves);
	*count = filled;
	*out = leaves;
	return 0;
}

void leaf_append_json(const struct leaf *leaf, struct text *out)
{
	if (leaf->constant)
		text_append(out, leaf->constant->json);
	else
		param_append_json(leaf->param, leaf->value, out);
}

void leaf_append_text(const struct leaf *leaf, struct text *out)
{
	if (leaf->constant)
		text_append(out, leaf->constant->text);
	else
		param_append_text(leaf->param, leaf->value, out);
}

size_t leaf_group(const struct leaf *leaves, size_t count, size_t depth)
{
	size_t length = 1;
	assert(count > 0);
	if (leaves[0].path_length <= depth + 1)
		return 1;
	while (length < count && leaves[length].path_length > depth + 1 &&
	        strcmp(leaves[length].path[depth], leaves[0].path[depth]) == 0)
		length++;
	return length;
}

void leaves_append_json(const struct leaf *leaves, size_t count, size_t depth, struct text *out)
{
	assert(count == 0 || leaves[0].path_length > depth);
	text_append(out, "{");
	for (size_t i = 0, group; i < count; i += group) {
		group = leaf_group(&leaves[i], count - i, depth);
		if (i)
			text_append(out, ",");
		text_json_string(out, leaves[i].path[depth], false);
		text_append(out, ":");
		if (leaves[i].path_length > depth + 1)
			leaves_append_json(&leaves[i], group, depth + 1, out);
		else
			leaf_append_json(&leaves[i], out);
	}
	text_append(out, "}");
}
