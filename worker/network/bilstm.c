#include "worker/network/bilstm.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static int declare_direction(struct bilstm *layer, struct parameters *parameters, const char *prefix, int reverse)
{
	static const char *const names[2] = {"forward", "backward"};
	size_t *tensors[3] = {&layer->direction[reverse].input, &layer->direction[reverse].recurrent,
	        &layer->direction[reverse].bias};
	static const char *const parts[3] = {"input", "recurrent", "bias"};
	const size_t H = layer->units, shapes[3][2] = {{4 * H, layer->in}, {4 * H, H}, {4 * H, 1}};
	int rc = 0;
	for (int i = 0; i < 3 && rc == 0; i++) {
		char name[TENSOR_NAME_BYTES];
		snprintf(name, sizeof name, "%s.%s.%s", prefix, names[reverse], parts[i]);
		rc = parameters_declare(
		        tensors[i], parameters, name, i == 2 ? TENSOR_FORGET_BIAS : TENSOR_WEIGHT, shapes[i]);
	}
	return rc;
}

int bilstm_declare(struct bilstm *layer, struct parameters *parameters, const char *prefix, const size_t sizes[2])
{
	assert(sizes[0] > 0 && sizes[1] > 0);
	layer->in = sizes[0];
	layer->units = sizes[1];
	int rc = declare_direction(layer, parameters, prefix, 0);
	return rc < 0 ? rc : declare_direction(layer, parameters, prefix, 1);
}

void bilstm_plan(struct bilstm *layer, struct workspace *workspace, const struct batch *batch)
{
	size_t rows = batch->sentences * batch->tokens, H = layer->units;
	for (int i = 0; i < 2; i++) {
		layer->direction[i].state.gates = workspace_take(workspace, rows * 4 * H);
		layer->direction[i].state.cell = workspace_take(workspace, rows * H);
		layer->direction[i].state.hidden = workspace_take(workspace, rows * H);
	}
	layer->in_steps = workspace_take(workspace, rows * layer->in);
	layer->out = workspace_take(workspace, rows * 2 * H);
	layer->d_hidden = workspace_take(workspace, rows * H);
	layer->d_gates = workspace_take(workspace, rows * 4 * H);
	layer->d_cell = workspace_take(workspace, batch->sentences * H);
	layer->hidden_before = workspace_take(workspace, rows * H);
	layer->d_in_steps = workspace_take(workspace, rows * layer->in);
}

static struct lstm_shape shape_of(const struct bilstm *layer, const struct batch *batch, int reverse)
{
	return (struct lstm_shape){batch->sentences, batch->tokens, layer->in, layer->units, reverse};
}

static struct lstm_weights weights_of(const struct bilstm *layer, int reverse, const struct parameters *parameters,
        real *(*part)(const struct parameters *parameters, size_t index))
{
	return (struct lstm_weights){part(parameters, layer->direction[reverse].input),
	        part(parameters, layer->direction[reverse].recurrent),
	        part(parameters, layer->direction[reverse].bias)};
}

/* Copies `width` columns between (B,T,…) rows of stride `wide` and a packed (T,B,width) array. */
struct step_copy {
	size_t width, wide;
};

static void to_steps(real *steps, const real *rows, const struct step_copy *copy, const struct batch *batch)
{
	for (size_t b = 0; b < batch->sentences; b++)
		for (size_t t = 0; t < batch->tokens; t++)
			memcpy(steps + (t * batch->sentences + b) * copy->width,
			        rows + (b * batch->tokens + t) * copy->wide, copy->width * sizeof *steps);
}

static void from_steps(real *rows, const real *steps, const struct step_copy *copy, const struct batch *batch)
{
	for (size_t b = 0; b < batch->sentences; b++)
		for (size_t t = 0; t < batch->tokens; t++)
			memcpy(rows + (b * batch->tokens + t) * copy->wide,
			        steps + (t * batch->sentences + b) * copy->width, copy->width * sizeof *rows);
}

void bilstm_forward(struct bilstm *layer, const struct pass *pass, const real *in)
{
	size_t H = layer->units;
	to_steps(layer->in_steps, in, &(struct step_copy){layer->in, layer->in}, pass->batch);
	for (int i = 0; i < 2; i++) {
		struct lstm_shape shape = shape_of(layer, pass->batch, i);
		struct lstm_weights weights = weights_of(layer, i, pass->parameters, parameters_value);
		lstm_forward(&layer->direction[i].state, &weights, layer->in_steps, pass->batch->lengths, &shape);
		from_steps(layer->out + (size_t)i * H, layer->direction[i].state.hidden, &(struct step_copy){H, 2 * H},
		        pass->batch);
	}
}

void bilstm_backward(struct bilstm *layer, const struct pass *pass, real *d_in, const real *d_out)
{
	size_t H = layer->units;
	for (int i = 0; i < 2; i++) {
		struct lstm_shape shape = shape_of(layer, pass->batch, i);
		struct lstm_weights weights = weights_of(layer, i, pass->parameters, parameters_value);
		struct lstm_weights d_weights = weights_of(layer, i, pass->parameters, parameters_gradient);
		to_steps(layer->d_hidden, d_out + (size_t)i * H, &(struct step_copy){H, 2 * H}, pass->batch);
		struct lstm_backward back = {&d_weights, &weights, &layer->direction[i].state, layer->d_in_steps, i > 0,
		        layer->d_hidden, layer->d_gates, layer->d_cell, layer->hidden_before, layer->in_steps,
		        pass->batch->lengths};
		lstm_backward(&back, &shape);
	}
	from_steps(d_in, layer->d_in_steps, &(struct step_copy){layer->in, layer->in}, pass->batch);
}
