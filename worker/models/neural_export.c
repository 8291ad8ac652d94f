#include "worker/models/neural_export.h"

#include "worker/models/encoder_print.h"
#include "worker/models/neural_state.h"

int neural_export(struct text *out, const void *model)
{
	const struct neural *neural = model;
	const struct encoder_tensors tensors = {&neural->parameters, &neural->network.body,
	        neural_head_is_theirs(neural->options), neural->setup.folder};
	return encoder_print(out, &tensors, average_values(&neural->average, &neural->parameters));
}
