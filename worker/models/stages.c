#include "worker/models/stages.h"

#include <assert.h>

#include "worker/network/body_encoder.h"

static void add(struct stages *stages, size_t begin, int64_t frozen)
{
	struct stage *last = stages->count > 0 ? &stages->items[stages->count - 1] : NULL;
	if (last && last->begin == begin)
		last->frozen = frozen;
	else if (!last || last->frozen != frozen)
		stages->items[stages->count++] = (struct stage){begin, frozen};
}

void stages_plan(struct stages *out, const struct neural_options *options, int64_t layers)
{
	const int64_t kept = options->freeze_layers, below = layers - STAGE_TOP_LAYERS;
	const size_t top = (size_t)options->head_epochs, all = top + (size_t)options->top_epochs;
	*out = (struct stages){0};
	add(out, 0, layers);
	add(out, top, below > kept ? below : kept);
	add(out, all, kept);
	assert(out->items[out->count - 1].frozen == kept);
}

size_t stages_find(const struct stages *stages, size_t epoch)
{
	size_t stage = stages->count - 1;
	while (stage > 0 && epoch < stages->items[stage].begin)
		stage--;
	return stage;
}

bool stages_turn(const struct stages *stages, size_t epoch)
{
	return epoch > 0 && stages_find(stages, epoch) != stages_find(stages, epoch - 1);
}

void stages_set(const struct stages *stages, size_t stage, struct network *network, struct parameters *parameters)
{
	const int64_t frozen = stages->items[stage].frozen;
	if (stages->count == 1)
		return;
	network->body.options.encoder.freezes = frozen > 0;
	network->body.options.encoder.frozen = frozen;
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const int depth = body_encoder_depth(&network->body, i);
		parameters->tensors[i].rests = frozen > 0 && depth >= 0 && depth <= frozen;
	}
}
