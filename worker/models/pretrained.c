#include "worker/models/pretrained.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "worker/models/model_file.h"
#include "worker/models/neural_options.h"

void pretrained_finish(struct pretrained *pretrained)
{
	inventory_finish(&pretrained->inventory);
	parameters_finish(&pretrained->parameters);
	*pretrained = PRETRAINED_NULL;
}

static const struct masked_kind *find_kind(const char *name)
{
	for (const struct masked_kind *kind = masked_kinds; kind->name; kind++)
		if (!kind->wants_folder && strcmp(kind->name, name) == 0)
			return kind;
	return NULL;
}

/* Takes one name=value of the note; the first names the model. */
static int read_word(struct pretrained *out, char *word)
{
	char *value = strchr(word, '=');
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (!out->kind) {
		out->kind = strcmp(word, "model") == 0 ? find_kind(value) : NULL;
		if (!out->kind)
			return -EINVAL;
		const struct option_group group = {"", out->kind->options, out->kind->option_count, &out->options};
		options_set_defaults(&group);
		return 0;
	}
	const struct option_group group = {"", out->kind->options, out->kind->option_count, &out->options};
	const struct option *option = option_find(&group, word, strlen(word));
	return option ? option_set(&group, option, value, NULL) : -EINVAL;
}

static int read_note(struct pretrained *out, const struct model_file_sizes *sizes)
{
	struct text note = TEXT_NULL;
	int rc = 0;
	text_append_bytes(&note, sizes->note, sizes->note_length);
	if (note.failed || note.length == 0) {
		rc = note.failed ? -ENOMEM : -EINVAL;
		text_finish(&note);
		return rc;
	}
	for (char *word = note.data, *next; rc == 0 && word; word = next) {
		next = strchr(word, ' ');
		if (next)
			*next++ = '\0';
		rc = read_word(out, word);
	}
	text_finish(&note);
	return rc;
}

/* Declares the network the note tells of, if the file is long enough to hold it. */
static int declare(struct pretrained *out, const struct model_file_sizes *sizes, size_t length)
{
	if (sizes->tokens == 0)
		return -EINVAL; /* nothing to guess */
	struct network_options options = out->options.neural.network;
	const struct network_shape shape = {
	        sizes->tokens + TOKEN_FIRST, 0, 0, token_options_gram_rows(&out->options.neural.tokens)};
	const struct neural_kind kind = {out->kind->body, false};
	options.body.places = out->options.neural.tokens.most;
	int rc = neural_check(&out->options.neural, &kind, NULL);
	if (rc == 0)
		rc = masked_network_declare(&out->network, &out->parameters, out->kind->body, &options, &shape);
	if (rc == 0 && out->parameters.count > length / 4)
		rc = -EINVAL;
	return rc < 0 ? rc : parameters_allocate(&out->parameters, 0);
}

int pretrained_read(struct pretrained *out, const char *bytes, size_t length)
{
	struct model_file_sizes sizes;
	struct encoder encoder = ENCODER_NULL;
	struct arrays tensors = ARRAYS_NULL;
	*out = PRETRAINED_NULL;
	int rc = model_file_sizes(&sizes, bytes, length);
	if (rc == 0)
		rc = read_note(out, &sizes);
	if (rc == 0)
		rc = declare(out, &sizes, length);
	if (rc == 0) {
		parameters_list(&tensors, &out->parameters, out->parameters.values);
		rc = model_file_read(&(struct model_file){&out->inventory, &encoder, &tensors, NULL}, bytes, length);
	}
	arrays_finish(&tensors);
	encoder_finish(&encoder);
	return rc;
}

static const struct tensor *find_tensor(const struct parameters *parameters, const char *name)
{
	for (size_t i = 0; i < parameters->tensor_count; i++)
		if (strcmp(parameters->tensors[i].name, name) == 0)
			return &parameters->tensors[i];
	return NULL;
}

/* Only the table of places may be shorter or longer. */
static int copy_tensor(struct parameters *to, const struct parameters *from, const struct tensor *tensor)
{
	const struct tensor *target = find_tensor(to, tensor->name);
	if (!target || target->columns != tensor->columns ||
	        (target->rows != tensor->rows && strcmp(tensor->name, "places") != 0))
		return -EINVAL;
	const size_t rows = target->rows < tensor->rows ? target->rows : tensor->rows;
	memcpy(to->values + target->offset, from->values + tensor->offset, rows * tensor->columns * sizeof *to->values);
	return 0;
}

int pretrained_copy(struct parameters *to, const struct pretrained *from)
{
	int rc = 0;
	assert(from->network.middle[0] <= from->parameters.tensor_count);
	for (size_t i = 0; rc == 0 && i < from->network.middle[0]; i++) /* the tensors of the head are the last */
		rc = copy_tensor(to, &from->parameters, &from->parameters.tensors[i]);
	return rc;
}
