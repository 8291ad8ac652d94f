#include "worker/trainer/description.h"

#include <errno.h>
#include <math.h>

#include "schema/base/memory.h"
#include "worker/pretrained/encoder_config.h"
#include "worker/pretrained/weights.h"

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

int description_print(struct text *out, const char *folder, struct error *error)
{
	struct encoder_config config;
	struct weights weights = {0};
	int rc = encoder_config_read(&config, folder, error);
	if (rc == 0)
		rc = weights_open(&weights, folder, error);
	if (rc == 0) {
		print_config(out, &config);
		rc = print_weights(out, &weights) < 0 ? error_no_memory(error) : 0;
	}
	weights_close(&weights);
	return rc;
}
