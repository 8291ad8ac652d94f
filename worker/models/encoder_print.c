#include "worker/models/encoder_print.h"

#include <errno.h>

#include "schema/base/memory.h"

/* Tensors of the folder that the model does not know, other heads: they go along. */
struct carried {
	float **buffers; /* (count), owned */
	size_t count;
};

static void carried_finish(struct carried *carried)
{
	for (size_t i = 0; i < carried->count; i++)
		memory_free(carried->buffers[i]);
	memory_free(carried->buffers);
}

/* What the layout of our files can hold, which is every matrix and vector of numbers. */
static bool can_be_carried(const struct weight *weight)
{
	return weight->dims >= 1 && weight->dims <= 2 && weight_count(weight) > 0;
}

static int carry(
        struct arrays *out, struct carried *carried, const struct encoder_tensors *tensors, const struct weight *weight)
{
	char name[ARRAY_NAME_BYTES];
	const size_t shape[2] = {weight->shape[0], weight->dims == 2 ? weight->shape[1] : 0};
	if (!encoder_weights_rename(name, tensors, weight->name))
		return 0;
	float *buffer = memory_alloc(weight_count(weight), sizeof *buffer);
	if (!buffer)
		return -ENOMEM;
	carried->buffers[carried->count++] = buffer;
	if (weight_read(buffer, weight))
		arrays_add(out, name, ARRAY_FLOAT, buffer, shape);
	return 0;
}

static int carry_all(struct arrays *out, struct carried *carried, const struct encoder_tensors *tensors)
{
	const struct weight_list *weights = &tensors->folder->weights.list;
	int rc = 0;
	carried->buffers = memory_alloc(weights->count, sizeof *carried->buffers);
	if (!carried->buffers)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < weights->count; i++)
		if (can_be_carried(&weights->items[i]) && !encoder_weights_replaces(tensors, weights->items[i].name))
			rc = carry(out, carried, tensors, &weights->items[i]);
	return rc;
}

int encoder_print(struct text *out, const struct encoder_tensors *tensors, real *values)
{
	struct arrays arrays = ARRAYS_NULL;
	struct carried carried = {0};
	encoder_weights_list(&arrays, tensors, values);
	int rc = carry_all(&arrays, &carried, tensors);
	if (rc == 0)
		arrays_print(out, &arrays, "\"format\":\"pt\"");
	if (arrays.failed || out->failed)
		rc = -ENOMEM;
	arrays_finish(&arrays);
	carried_finish(&carried);
	return rc;
}
