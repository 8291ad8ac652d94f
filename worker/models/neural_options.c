#include "worker/models/neural_options.h"

#include <errno.h>

const char *const neural_trains[] = {"all", "bias", NULL};

int neural_check(const struct neural_options *options, const struct neural_kind *kind, struct error *error)
{
	const struct feature_options *features = &options->encoder.features;
	if (kind->body == &body_transformer && options->network.body.width % options->network.body.heads)
		return error_set(error, -EINVAL, "--width (%lld) must be a multiple of --heads (%lld)",
		        (long long)options->network.body.width, (long long)options->network.body.heads);
	if (kind->body->pools && options->network.head == HEAD_LSTM)
		return error_set(error, -EINVAL, "--head=lstm needs a vector per token; a cnn has one per sentence");
	if (kind->body->pools && options->network.body.window % 2 == 0)
		return error_set(error, -EINVAL, "--window must be odd");
	if (options->tokens.ngram_min > options->tokens.ngram_max)
		return error_set(error, -EINVAL, "--ngram_min must not be above --ngram_max");
	if (kind->features && features->char_max > 0 && features->char_min > features->char_max)
		return error_set(error, -EINVAL, "--char_min must not be above --char_max");
	return 0;
}

bool neural_head_is_theirs(const struct neural_options *options)
{
	return options->network.head == HEAD_HF && options->network.pooling == POOL_CLS;
}
