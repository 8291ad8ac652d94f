#include "worker/trainer/description.h"

#include <errno.h>
#include <math.h>

#include "schema/base/memory.h"
#include "worker/models/encoder_weights.h"
#include "worker/network/masked_network.h"

static void print_config(struct text *out, const struct encoder_config *config)
{
	text_printf(out, "%s: %lld layers x %lld, %lld heads, %lld between; %lld pieces, %lld positions\n",
	        encoder_type_name(config->type), (long long)config->layers, (long long)config->width,
	        (long long)config->heads, (long long)config->inner, (long long)config->vocabulary,
	        (long long)config->positions);
}

/* The root mean square, which also tells where a number is none; NAN for what cannot be read. */
static int mean_square(double *out, const struct weight *weight)
{
	const size_t count = weight_count(weight);
	float *numbers = memory_alloc(count, sizeof *numbers);
	double sum = 0;
	if (!numbers)
		return -ENOMEM;
	const bool known = weight_read(numbers, weight);
	for (size_t i = 0; i < count; i++)
		sum += (double)numbers[i] * (double)numbers[i];
	*out = known && count ? sqrt(sum / (double)count) : (double)NAN;
	memory_free(numbers);
	return 0;
}

static int print_weight(struct text *out, const struct weight *weight)
{
	struct text shape = TEXT_NULL;
	double size = 0;
	const int rc = mean_square(&size, weight);
	for (size_t i = 0; i < weight->dims; i++)
		text_printf(&shape, "%s%zu", i ? " x " : "", weight->shape[i]);
	text_printf(out, "%-4s  %-14s  %9.3g  %s\n", weight_kind_name(weight->kind), text_string(&shape), size,
	        weight->name);
	out->failed = out->failed || shape.failed;
	text_finish(&shape);
	return rc;
}

static int print_weights(struct text *out, const struct weights *weights)
{
	char digest[SHA256_HEX_BYTES];
	size_t numbers = 0;
	int rc = 0;
	for (size_t i = 0; i < weights->list.count; i++)
		numbers += weight_count(&weights->list.items[i]);
	weights_digest(digest, weights);
	text_printf(out, "%zu tensors of %zu numbers in %zu file%s, sha256 %s\n", weights->list.count, numbers,
	        weights->file_count, weights->file_count == 1 ? "" : "s", digest);
	for (size_t i = 0; rc == 0 && i < weights->list.count; i++)
		rc = print_weight(out, &weights->list.items[i]);
	return rc < 0 || out->failed ? -ENOMEM : 0;
}

static void print_tokenizer(struct text *out, const struct encoder_folder *folder)
{
	static const struct {
		enum tokenizer_special which;
		const char *name;
	} specials[] = {{TOKENIZER_CLS, "begins with"}, {TOKENIZER_SEP, "ends with"}, {TOKENIZER_PAD, "pads with"},
	        {TOKENIZER_UNK, "unknown"}, {TOKENIZER_MASK, "hides with"}};
	text_printf(out, "tokenizer of %zu pieces", tokenizer_size(folder->tokenizer));
	for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
		const int id = tokenizer_special(folder->tokenizer, specials[i].which);
		if (id >= 0)
			text_printf(out, ", %s %s (%d)", specials[i].name, tokenizer_piece(folder->tokenizer, id), id);
	}
	text_printf(out, ", sha256 %s\n", folder->tokenizer_digest);
	if (tokenizer_warning(folder->tokenizer))
		text_printf(out, "warning: %s\n", tokenizer_warning(folder->tokenizer));
}

/* Whether the weights are what the configuration wants: as a pretraining would find them. */
static int find_tensors(struct encoder_found *found, const struct encoder_folder *folder, struct error *error)
{
	struct masked_network network;
	struct parameters parameters = PARAMETERS_NULL;
	struct network_options options = {0};
	const struct network_shape shape = {.tokens = encoder_folder_words(folder)};
	const struct encoder_tensors tensors = {&parameters, &network.body, true, folder};
	encoder_folder_sizes(&options, folder);
	int rc = masked_network_declare(&network, &parameters, &body_encoder, &options, &shape);
	rc = rc < 0 ? error_no_memory(error) : encoder_weights_find(found, &tensors, error);
	parameters_finish(&parameters);
	return rc;
}

static int print_folder(struct text *out, const struct encoder_folder *folder, struct error *error)
{
	struct encoder_found found = ENCODER_FOUND_NULL;
	int rc = find_tensors(&found, folder, error);
	if (rc == 0) {
		print_config(out, &folder->config);
		print_tokenizer(out, folder);
		text_printf(out,
		        "encoder with its head for hidden tokens: %zu tensors are there, %zu are not, %zu are others\n",
		        found.loaded_count, found.new_count, found.unused_count);
		rc = print_weights(out, &folder->weights) < 0 ? error_no_memory(error) : 0;
	}
	encoder_found_finish(&found);
	return rc;
}

int description_print(struct text *out, const char *folder, struct error *error)
{
	const struct token_options options = {0};
	struct encoder_folder *opened = NULL;
	int rc = encoder_folder_open(&opened, folder, &options, error);
	if (rc == 0)
		rc = print_folder(out, opened, error);
	encoder_folder_close(opened);
	return rc;
}
