#include "worker/models/neural_file.h"

#include <errno.h>

#include "worker/models/model_file.h"
#include "worker/models/neural.h"
#include "worker/models/neural_state.h"

void neural_save(struct text *out, const void *model)
{
	struct neural neural = *(const struct neural *)model;
	struct arrays tensors = ARRAYS_NULL;
	parameters_list(&tensors, &neural.parameters, average_values(&neural.average, &neural.parameters));
	model_file_print(out, &(struct model_file){&neural.source.inventory, &neural.encoder, &tensors, NULL});
	arrays_finish(&tensors);
}

static int read_file(struct neural *neural, const char *file, size_t length)
{
	struct arrays tensors = ARRAYS_NULL;
	parameters_list(&tensors, &neural->parameters, neural->parameters.values);
	int rc = model_file_read(
	        &(struct model_file){&neural->source.inventory, &neural->encoder, &tensors, NULL}, file, length);
	arrays_finish(&tensors);
	return rc;
}

static int load_on_folder(struct neural *neural, const char *bytes, size_t length)
{
	struct encoder_found found = ENCODER_FOUND_NULL;
	int rc = neural_build_encoder(neural, &found, NULL);
	if (rc == 0 && bytes)
		rc = read_file(neural, bytes, length);
	else if (rc == 0 && found.new_count > 0)
		rc = -EINVAL; /* nothing that could predict */
	encoder_found_finish(&found);
	return rc;
}

static int load_all(struct neural *neural, const char *bytes, size_t length)
{
	struct model_file_sizes sizes;
	int rc = model_file_sizes(&sizes, bytes, length);
	if (rc == 0)
		rc = neural_build(neural, sizes.tokens + TOKEN_FIRST, sizes.features);
	return rc < 0 ? rc : read_file(neural, bytes, length);
}

int neural_load(void **out, const struct model_setup *setup, const char *bytes, size_t length)
{
	struct neural *neural = NULL;
	int rc = neural_new(&neural, setup, NULL);
	if (rc < 0)
		return rc;
	rc = setup->folder ? load_on_folder(neural, bytes, length) : load_all(neural, bytes, length);
	if (rc < 0) {
		neural_destroy(neural);
		return rc;
	}
	*out = neural;
	return 0;
}

void neural_state(struct arrays *out, void *model)
{
	struct neural *neural = model;
	const size_t one[2] = {1, 0}, all[2] = {neural->parameters.count, 0};
	parameters_list(out, &neural->parameters, neural->parameters.values);
	if (neural->average.values)
		arrays_add(out, "neural.average", ARRAY_REAL, neural->average.values, all);
	arrays_add(out, "neural.averaged", ARRAY_COUNT, &neural->average.taken, one);
	if (neural->curriculum.difficulty)
		arrays_add(out, "neural.difficulty", ARRAY_FLOAT, neural->curriculum.difficulty,
		        (const size_t[]){neural->samples.tokens.rows, 0});
	arrays_add(out, "neural.epoch", ARRAY_COUNT, &neural->epoch, one);
	arrays_add(out, "neural.rng", ARRAY_COUNT, neural->rng.state, (const size_t[]){4, 0});
	optimizer_state(out, &neural->optimizer);
}

int neural_spell(struct text *out, const void *model, const struct text_rows *rows)
{
	const struct neural *neural = model;
	return token_source_spell(out, &neural->source, rows);
}
