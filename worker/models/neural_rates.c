#include "worker/models/neural_rates.h"

#include <math.h>

#include "worker/network/body_encoder.h"

static double rate_of(
        const struct tensor *tensor, int depth, const struct network *network, const struct neural_options *options)
{
	const int64_t layers = network->body.options.layers;
	if (depth < 0)
		return options->head_rate;
	if (options->freeze_layers > 0 && depth <= options->freeze_layers)
		return 0;
	if (options->train == NEURAL_TRAIN_BIAS && tensor->kind != TENSOR_BIAS)
		return 0;
	return pow(options->layer_decay, (double)(layers + 1 - depth));
}

void neural_rates_set(
        struct parameters *parameters, const struct network *network, const struct neural_options *options)
{
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		struct tensor *tensor = &parameters->tensors[i];
		tensor->rate = rate_of(tensor, body_encoder_depth(&network->body, i), network, options);
		tensor->elsewhere = tensor->rate == 0;
	}
}
