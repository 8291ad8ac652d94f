#include "schema/study/node_parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "schema/base/utf8.h"
#include "schema/study/complain.h"
#include "schema/study/scalar.h"

#define TEXT_BYTES_MAX (1u << 20)
#define DEPTH_MAX 32
#define NODES_MAX 20000 /* aliases expanded: a few lines of them can stand for billions */
#define KEY_BYTES_MAX 256

struct tree_builder {
	struct arena *arena;
	struct complaints *complaints;
	yaml_document_t *document;
	size_t node_count;
	bool warned_exponent; /* once per file is enough */
	bool warned_size;
};

/* One "key: value" before sorting. Rank 0 was written here, others came in by the merge key in that
 * order. */
struct pair {
	const char *key;
	size_t rank, order;
	yaml_node_t *key_node, *value;
};

struct pairs {
	struct pair *items;
	size_t count, sources;
};

static int build(struct tree_builder *builder, struct node *out, yaml_node_t *from, int depth);

static bool is_forbidden(uint32_t code)
{
	return (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 || code == 0xfeff ||
	       code >= 0x110000 || (code & 0xfffe) == 0xfffe;
}

/* NUL would cut C strings; the others are line breaks or controls that the canonical JSON could not
 * carry through YAML. */
static bool has_forbidden(const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	while (at < end) {
		uint32_t code = utf8_next(&at, end);
		if (code == 0 || is_forbidden(code))
			return true;
	}
	return false;
}

static void place(struct node *node, const yaml_node_t *from)
{
	node->line = from->start_mark.line + 1;
	node->column = from->start_mark.column + 1;
}

static int build_scalar(struct tree_builder *builder, struct node *out, yaml_node_t *from)
{
	const char *value = (const char *)from->data.scalar.value;
	out->kind = NODE_TEXT;
	out->text = arena_strndup(builder->arena, value, from->data.scalar.length);
	if (!out->text)
		return -ENOMEM;
	if (has_forbidden(value, from->data.scalar.length))
		complain_error(builder->complaints, out, "control characters are not allowed");
	if (from->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return 0;
	const char *surprise = node_resolve_plain(out);
	if (surprise)
		complain_warning(builder->complaints, out, "%s %s", out->text, surprise);
	if (out->text_to_python && !builder->warned_exponent) {
		builder->warned_exponent = true;
		complain_warning(builder->complaints, out,
		        "%s is read as a number; W&B's reader takes it for text, unless it has a point and a signed "
		        "exponent: 1.0e-5",
		        out->text);
	}
	return 0;
}

static yaml_node_t *get(struct tree_builder *builder, int id)
{
	return yaml_document_get_node(builder->document, id);
}

static int build_list(struct tree_builder *builder, struct node *out, yaml_node_t *from, int depth)
{
	yaml_node_item_t *first = from->data.sequence.items.start;
	size_t count = (size_t)(from->data.sequence.items.top - first);
	out->kind = NODE_LIST;
	out->items = arena_alloc(builder->arena, count * sizeof *out->items);
	if (!out->items)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		out->items[i] = (struct node){.parent = out, .index = i};
		out->count = i + 1;
		int rc = build(builder, &out->items[i], get(builder, first[i]), depth + 1);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int add_pair(struct tree_builder *builder, struct pairs *pairs, struct pair pair)
{
	struct pair *items = arena_grow(builder->arena, pairs->items, pairs->count, sizeof *items);
	if (!items)
		return -ENOMEM;
	pairs->items = items;
	pair.order = pairs->count;
	pairs->items[pairs->count++] = pair;
	return 0;
}

/* The text of a key; NULL after a complaint. */
static const char *key_text(struct tree_builder *builder, const struct node *map, const yaml_node_t *key)
{
	const char *text = (const char *)key->data.scalar.value;
	const char *problem = NULL;
	if (key->type != YAML_SCALAR_NODE)
		problem = "a key must be a text";
	else if (key->data.scalar.length > KEY_BYTES_MAX)
		problem = "a key may have 256 bytes at most";
	else if (has_forbidden(text, key->data.scalar.length))
		problem = "control characters are not allowed in a key";
	if (!problem)
		return text;
	struct node at = {.parent = map->parent, .key = map->key, .index = map->index};
	place(&at, key);
	complain_error(builder->complaints, &at, "%s", problem);
	return NULL;
}

static int collect_pairs(
        struct tree_builder *builder, struct pairs *pairs, const struct node *map, yaml_node_t *from, size_t rank);

/* "<<: *base" or "<<: [*one, *two]". */
static int collect_merged(struct tree_builder *builder, struct pairs *pairs, const struct node *map, yaml_node_t *value)
{
	if (value->type == YAML_MAPPING_NODE)
		return collect_pairs(builder, pairs, map, value, ++pairs->sources);
	if (value->type != YAML_SEQUENCE_NODE) {
		struct node at = *map;
		place(&at, value);
		complain_error(builder->complaints, &at, "<< takes a map or a list of maps");
		return 0;
	}
	for (yaml_node_item_t *id = value->data.sequence.items.start; id < value->data.sequence.items.top; id++) {
		yaml_node_t *source = get(builder, *id);
		if (source->type != YAML_MAPPING_NODE)
			continue;
		int rc = collect_pairs(builder, pairs, map, source, ++pairs->sources);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static bool is_merge_key(const yaml_node_t *key)
{
	return key->type == YAML_SCALAR_NODE && key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       strcmp((const char *)key->data.scalar.value, "<<") == 0;
}

static int collect_pairs(
        struct tree_builder *builder, struct pairs *pairs, const struct node *map, yaml_node_t *from, size_t rank)
{
	if (rank > DEPTH_MAX || pairs->count > NODES_MAX)
		return 0;
	for (yaml_node_pair_t *pair = from->data.mapping.pairs.start; pair < from->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = get(builder, pair->key), *value = get(builder, pair->value);
		int rc = 0;
		if (is_merge_key(key))
			rc = collect_merged(builder, pairs, map, value);
		else {
			const char *text = key_text(builder, map, key);
			if (text)
				rc = add_pair(builder, pairs, (struct pair){text, rank, 0, key, value});
		}
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *left = a, *right = b;
	int order = strcmp(left->key, right->key);
	if (order)
		return order;
	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

static int build_member(struct tree_builder *builder, struct node *map, const struct pair *pair, int depth)
{
	struct node *member = &map->items[map->count++];
	*member = (struct node){.parent = map, .key = arena_strdup(builder->arena, pair->key)};
	if (!member->key)
		return -ENOMEM;
	int rc = build(builder, member, pair->value, depth + 1);
	if (pair->value->type == YAML_MAPPING_NODE || (member->kind == NODE_NULL && *member->text == '\0'))
		place(member, pair->key_node);
	return rc;
}

static int build_map(struct tree_builder *builder, struct node *out, yaml_node_t *from, int depth)
{
	struct pairs pairs = {0};
	out->kind = NODE_MAP;
	int rc = collect_pairs(builder, &pairs, out, from, 0);
	if (rc < 0)
		return rc;
	out->items = arena_alloc(builder->arena, pairs.count * sizeof *out->items);
	if (!out->items)
		return -ENOMEM;
	if (pairs.count)
		qsort(pairs.items, pairs.count, sizeof *pairs.items, compare_pairs);
	for (size_t i = 0; i < pairs.count; i++) {
		const struct pair *pair = &pairs.items[i];
		if (i == 0 || strcmp(pair->key, pairs.items[i - 1].key) != 0) {
			rc = build_member(builder, out, pair, depth);
			if (rc < 0)
				return rc;
		} else if (pair->rank == 0) {
			struct node at = {.parent = out, .key = pair->key};
			place(&at, pair->key_node);
			complain_error(builder->complaints, &at, "the key is there twice, first in line %zu",
			        pairs.items[i - 1].key_node->start_mark.line + 1);
		}
	}
	return 0;
}

static int build(struct tree_builder *builder, struct node *out, yaml_node_t *from, int depth)
{
	place(out, from);
	if (depth > DEPTH_MAX || ++builder->node_count > NODES_MAX) {
		if (!builder->warned_size)
			complain_error(builder->complaints, out,
			        "too deep or too large: %d levels and %d values at most", DEPTH_MAX, NODES_MAX);
		builder->warned_size = true;
		out->text = "";
		return 0;
	}
	if (from->type == YAML_SCALAR_NODE)
		return build_scalar(builder, out, from);
	if (from->type == YAML_SEQUENCE_NODE)
		return build_list(builder, out, from, depth);
	return build_map(builder, out, from, depth);
}

static int complain_parser(const yaml_parser_t *parser, struct complaints *complaints)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	complaints_add(complaints,
	        &(struct complaint){
	                COMPLAINT_ERROR, parser->problem_mark.line + 1, parser->problem_mark.column + 1, "", NULL},
	        "%s%s%s", parser->problem ? parser->problem : "not YAML", parser->context ? " " : "",
	        parser->context ? parser->context : "");
	return STUDY_FILE_WRONG;
}

/* Nothing but an empty stream may follow the document. */
static int refuse_second(yaml_parser_t *parser, struct complaints *complaints)
{
	yaml_document_t second;
	if (!yaml_parser_load(parser, &second))
		return complain_parser(parser, complaints);
	yaml_node_t *root = yaml_document_get_root_node(&second);
	if (root)
		complaints_add(complaints,
		        &(struct complaint){
		                COMPLAINT_ERROR, root->start_mark.line + 1, root->start_mark.column + 1, "", NULL},
		        "a study file is one YAML document; a second one starts here");
	yaml_document_delete(&second);
	return root ? STUDY_FILE_WRONG : 0;
}

static int build_document(struct node **out, yaml_parser_t *parser, struct arena *arena, yaml_document_t *document,
        struct complaints *complaints)
{
	yaml_node_t *top = yaml_document_get_root_node(document);
	if (!top) {
		complaints_add(complaints, &(struct complaint){COMPLAINT_ERROR, 1, 1, "", NULL}, "the file is empty");
		return STUDY_FILE_WRONG;
	}
	struct tree_builder builder = {.arena = arena, .complaints = complaints, .document = document};
	struct node *root = arena_alloc(arena, sizeof *root);
	int rc = root ? build(&builder, root, top, 0) : -ENOMEM;
	if (rc == 0)
		rc = refuse_second(parser, complaints);
	if (rc == 0)
		*out = root;
	return rc;
}

static int check_bytes(const char *text, size_t length, struct complaints *complaints)
{
	if (length > TEXT_BYTES_MAX) {
		complaints_add(complaints, &(struct complaint){COMPLAINT_ERROR, 1, 1, "", NULL},
		        "a study file has 1 MiB at most");
		return STUDY_FILE_WRONG;
	}
	size_t line = 1, start = 0;
	for (size_t end = 0; end < length; end++) {
		if (text[end] != '\n' && end + 1 < length)
			continue;
		if (!utf8_valid(text + start, end + 1 - start)) {
			complaints_add(complaints, &(struct complaint){COMPLAINT_ERROR, line, 1, "", NULL},
			        "this line is not valid UTF-8");
			return STUDY_FILE_WRONG;
		}
		line++;
		start = end + 1;
	}
	return 0;
}

int node_parse(struct node **out, struct arena *arena, const char *text, size_t length, struct complaints *complaints)
{
	yaml_parser_t parser;
	yaml_document_t document;
	int rc = check_bytes(text, length, complaints);
	if (rc != 0)
		return rc;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	/* libyaml passes over a byte order mark only where it guesses the encoding itself. */
	size_t mark_length = utf8_mark_length(text, length);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text + mark_length, length - mark_length);
	if (yaml_parser_load(&parser, &document)) {
		rc = build_document(out, &parser, arena, &document, complaints);
		yaml_document_delete(&document);
	} else {
		rc = complain_parser(&parser, complaints);
	}
	yaml_parser_delete(&parser);
	return rc;
}
