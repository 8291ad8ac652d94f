#include "worker/models/encoder_weights.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "worker/network/body_encoder.h"

enum { NAMES_SHOWN = 6 };

void encoder_found_finish(struct encoder_found *found)
{
	text_finish(&found->new_names);
	text_finish(&found->unused_names);
	*found = ENCODER_FOUND_NULL;
}

static void print_names(struct text *out, const char *what, size_t count, const struct text *names)
{
	text_printf(out, ", %zu %s", count, what);
	if (count > 0)
		text_printf(out, " (%s%s)", text_string(names), count > NAMES_SHOWN ? ", …" : "");
}

void encoder_found_print(struct text *out, const struct encoder_found *found)
{
	text_printf(out, "encoder: %zu tensors loaded", found->loaded_count);
	print_names(out, "new", found->new_count, &found->new_names);
	print_names(out, "unused", found->unused_count, &found->unused_names);
	text_append(out, "\n");
}

static void note(struct text *names, size_t *count, const char *name)
{
	if ((*count)++ < NAMES_SHOWN)
		text_printf(names, "%s%s", names->length ? ", " : "", name);
}

static const struct encoder_family *family_of(const struct encoder_folder *folder)
{
	const struct encoder_family *family = encoder_family_find(encoder_type_name(folder->config.type));
	assert(family);
	return family;
}

static bool is_of_head(const struct encoder_tensors *tensors, size_t index)
{
	return body_encoder_depth(tensors->body, index) < 0;
}

size_t encoder_tensor_pieces(
        struct encoder_piece pieces[ENCODER_PIECES_MAX], const struct encoder_tensors *tensors, size_t index)
{
	const struct tensor *tensor = &tensors->parameters->tensors[index];
	if (!is_of_head(tensors, index) || tensors->theirs)
		return encoder_pieces(pieces, family_of(tensors->folder), tensor);
	pieces[0] = (struct encoder_piece){.part = ENCODER_PART_HEAD, .rows = tensor->rows};
	snprintf(pieces[0].name, sizeof pieces[0].name, "kre.%.*s", (int)sizeof pieces[0].name - 5, tensor->name);
	return 1;
}

/* The folder's tensors by their plain names. */
struct listed {
	char name[TENSOR_NAME_BYTES];
	const struct weight *weight;
	bool used;
};

struct weight_listing {
	struct listed *items; /* (count), owned */
	size_t count;
};

static int list(struct weight_listing *out, const struct encoder_folder *folder)
{
	const struct weight_list *weights = &folder->weights.list;
	*out = (struct weight_listing){memory_alloc(weights->count, sizeof *out->items), weights->count};
	if (!out->items)
		return -ENOMEM;
	for (size_t i = 0; i < weights->count; i++) {
		out->items[i].weight = &weights->items[i];
		encoder_name_plain(out->items[i].name, family_of(folder), weights->items[i].name);
	}
	return 0;
}

static struct listed *find(const struct weight_listing *listing, const char *name)
{
	for (size_t i = 0; i < listing->count; i++)
		if (strcmp(listing->items[i].name, name) == 0)
			return &listing->items[i];
	return NULL;
}

/* Rows that the file has of a piece: all, but for tokens that were added. */
static size_t rows_in_file(const struct encoder_tensors *tensors, size_t index, const struct encoder_piece *piece)
{
	const bool words = index == body_encoder_words(tensors->body) ||
	                   strcmp(tensors->parameters->tensors[index].name, "masked.scores.bias") == 0;
	return words ? (size_t)tensors->folder->config.vocabulary : piece->rows;
}

static bool fits(const struct weight *weight, size_t rows, size_t columns)
{
	if (weight->dims == 1)
		return columns == 1 && weight->shape[0] == rows;
	return weight->dims == 2 && weight->shape[0] == rows && weight->shape[1] == columns;
}

/* Rows of new tokens, around the mean of the others. */
static void draw_rows(real *table, size_t rows, const struct tensor *tensor)
{
	const size_t E = tensor->columns;
	real *mean = table + rows * E;
	struct rng rng;
	if (rows == tensor->rows)
		return;
	memset(mean, 0, E * sizeof *mean);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < E; j++)
			mean[j] += table[i * E + j] / (real)rows;
	rng_init(&rng, rows, E);
	for (size_t i = tensor->rows; i-- > rows;)
		for (size_t j = 0; j < E; j++)
			table[i * E + j] = mean[j] + (real)(0.02 * rng_normal(&rng));
}

/* Loading the tensors, or only looking for them. */
struct weight_loading {
	bool looks;
	const struct encoder_tensors *tensors;
	struct weight_listing listing;
	struct encoder_found *found;
	struct error *error;
};

static int complain(const struct weight_loading *loading, const char *name, const struct listed *listed)
{
	const char *folder = loading->tensors->folder->path;
	if (!listed)
		return error_set(loading->error, -EINVAL, "%s has no tensor %s, which its encoder needs", folder, name);
	return error_set(
	        loading->error, -EINVAL, "%s: the tensor %s has not the shape that config.json tells of", folder, name);
}

static bool all_there(
        const struct weight_loading *loading, const struct encoder_piece *pieces, size_t count, size_t index)
{
	const size_t columns = loading->tensors->parameters->tensors[index].columns;
	for (size_t i = 0; i < count; i++) {
		const struct listed *listed = find(&loading->listing, pieces[i].name);
		if (!listed || !fits(listed->weight, rows_in_file(loading->tensors, index, &pieces[i]), columns))
			return false;
	}
	return count > 0;
}

/* The rows of a tensor from `begin` on, which are all of the file's. */
static int read_rows(const struct weight_loading *loading, size_t index, size_t begin, const struct weight *weight)
{
	const struct encoder_tensors *tensors = loading->tensors;
	const struct tensor *tensor = &tensors->parameters->tensors[index];
	if (loading->looks)
		return 0;
	real *values = parameters_value(tensors->parameters, index) + begin * tensor->columns;
	void *floats = values; /* which reals are where there are models */
	if (!weight_read(floats, weight))
		return error_set(loading->error, -EINVAL,
		        "%s: the tensor %s has numbers of the kind %s, which no weights have", tensors->folder->path,
		        weight->name, weight_kind_name(weight->kind));
	if (index == body_encoder_words(tensors->body))
		draw_rows(values, weight->shape[0], tensor);
	return 0;
}

static int load_tensor(const struct weight_loading *loading, size_t index)
{
	const struct encoder_tensors *tensors = loading->tensors;
	const struct tensor *tensor = &tensors->parameters->tensors[index];
	struct encoder_piece pieces[ENCODER_PIECES_MAX];
	const size_t count = encoder_tensor_pieces(pieces, tensors, index);
	size_t at = 0;
	if (is_of_head(tensors, index) && !all_there(loading, pieces, count, index)) {
		note(&loading->found->new_names, &loading->found->new_count, count ? pieces[0].name : tensor->name);
		return 0;
	}
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct listed *listed = find(&loading->listing, pieces[i].name);
		const size_t rows = rows_in_file(tensors, index, &pieces[i]);
		if (!listed || !fits(listed->weight, rows, tensor->columns))
			return complain(loading, pieces[i].name, listed);
		rc = read_rows(loading, index, at, listed->weight);
		listed->used = true;
		loading->found->loaded_count++;
		at += rows;
	}
	return rc;
}

static int go_through(struct encoder_found *out, const struct encoder_tensors *tensors, bool looks, struct error *error)
{
	struct weight_loading loading = {looks, tensors, {0}, out, error};
	int rc = list(&loading.listing, tensors->folder);
	for (size_t i = 0; rc == 0 && i < tensors->parameters->tensor_count; i++)
		rc = load_tensor(&loading, i);
	for (size_t i = 0; rc == 0 && i < loading.listing.count; i++) {
		const struct listed *listed = &loading.listing.items[i];
		if (!listed->used && !encoder_name_is_spare(listed->name))
			note(&out->unused_names, &out->unused_count, listed->weight->name);
	}
	memory_free(loading.listing.items);
	return rc < 0 ? rc : out->new_names.failed || out->unused_names.failed ? -ENOMEM : 0;
}

int encoder_weights_load(struct encoder_found *out, const struct encoder_tensors *tensors, struct error *error)
{
	return go_through(out, tensors, false, error);
}

int encoder_weights_find(struct encoder_found *out, const struct encoder_tensors *tensors, struct error *error)
{
	return go_through(out, tensors, true, error);
}

void encoder_weights_list(struct arrays *out, const struct encoder_tensors *tensors, real *values)
{
	for (size_t index = 0; index < tensors->parameters->tensor_count; index++) {
		const struct tensor *tensor = &tensors->parameters->tensors[index];
		struct encoder_piece pieces[ENCODER_PIECES_MAX];
		const size_t count = encoder_tensor_pieces(pieces, tensors, index);
		real *at = values + tensor->offset;
		for (size_t i = 0; i < count; at += pieces[i].rows * tensor->columns, i++) {
			char name[4 * TENSOR_NAME_BYTES];
			const char *prefix = pieces[i].prefixed ? family_of(tensors->folder)->prefix : "";
			const size_t shape[2] = {
			        pieces[i].rows, tensor->columns == 1 && pieces[i].rows > 1 ? 0 : tensor->columns};
			snprintf(name, sizeof name, "%s%s", prefix, pieces[i].name);
			arrays_add(out, name, ARRAY_REAL, at, shape);
		}
	}
}

bool encoder_weights_replaces(const struct encoder_tensors *tensors, const char *name)
{
	char plain[TENSOR_NAME_BYTES];
	encoder_name_plain(plain, family_of(tensors->folder), name);
	if (encoder_name_is_spare(plain))
		return true;
	for (size_t index = 0; index < tensors->parameters->tensor_count; index++) {
		struct encoder_piece pieces[ENCODER_PIECES_MAX];
		const size_t count = encoder_tensor_pieces(pieces, tensors, index);
		for (size_t i = 0; i < count; i++)
			if (strcmp(pieces[i].name, plain) == 0)
				return true;
	}
	return false;
}

bool encoder_weights_rename(char out[ARRAY_NAME_BYTES], const struct encoder_tensors *tensors, const char *name)
{
	const bool bare = strncmp(name, "pooler.", strlen("pooler.")) == 0;
	return snprintf(out, ARRAY_NAME_BYTES, "%s%s", bare ? family_of(tensors->folder)->prefix : "", name) <
	       ARRAY_NAME_BYTES;
}
