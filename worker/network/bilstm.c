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
	const size_t rows = batch->sentences * batch->tokens, H = layer->units, width = layer->in + H;
	layer->order = workspace_take_ints(workspace, batch->sentences);
	layer->starts = workspace_take_ints(workspace, batch->tokens + 1);
	for (int i = 0; i < 2; i++) {
		layer->direction[i].state.seen = workspace_take(workspace, rows * width);
		layer->direction[i].state.gates = workspace_take(workspace, rows * 4 * H);
		layer->direction[i].state.cell = workspace_take(workspace, rows * H);
		layer->direction[i].state.hidden = workspace_take(workspace, rows * H);
	}
	layer->out = workspace_take(workspace, rows * 2 * H);
	layer->d_hidden = workspace_take(workspace, rows * H);
	layer->d_in = workspace_take(workspace, rows * layer->in);
	layer->d_seen = workspace_take(workspace, batch->sentences * width);
	layer->d_cell = workspace_take(workspace, batch->sentences * H);
	layer->d_weight = workspace_take(workspace, 4 * H * width);
	layer->panels = workspace_take(workspace, lstm_panels_size(&(struct lstm_shape){.in = layer->in, .units = H}));
}

/* Of equally long sentences the first comes first. */
static void find_order(struct bilstm *layer, const struct batch *batch)
{
	for (size_t b = 0; b < batch->sentences; b++) {
		size_t rank = 0;
		for (size_t other = 0; other < batch->sentences; other++) {
			const int longer = batch->lengths[other] - batch->lengths[b];
			rank += longer > 0 || (longer == 0 && other < b);
		}
		layer->order[rank] = (int)b;
	}
}

static void find_starts(struct bilstm *layer, const struct batch *batch)
{
	size_t going = batch->sentences;
	layer->starts[0] = 0;
	for (size_t t = 0; t < batch->tokens; t++) {
		while (going > 0 && batch->lengths[layer->order[going - 1]] <= (int)t)
			going--;
		layer->starts[t + 1] = layer->starts[t] + (int)going;
	}
}

/* Steps that no sentence has are none. */
static struct lstm_shape shape_of(const struct bilstm *layer, const struct batch *batch, int reverse)
{
	return (struct lstm_shape){
	        (size_t)batch->lengths[layer->order[0]], layer->in, layer->units, layer->starts, reverse};
}

static struct lstm_weights weights_of(const struct bilstm *layer, int reverse, const struct parameters *parameters,
        real *(*part)(const struct parameters *parameters, size_t index))
{
	return (struct lstm_weights){part(parameters, layer->direction[reverse].input),
	        part(parameters, layer->direction[reverse].recurrent),
	        part(parameters, layer->direction[reverse].bias)};
}

/* Columns that go from one array to another: their width, and the strides of both arrays' rows. */
struct copy {
	size_t width, tokens_stride, steps_stride;
};

/* Rows of steps ← tokens (B,T,…). */
static void to_steps(
        real *steps, const real *tokens, const struct copy *copy, const struct bilstm *layer, const struct batch *batch)
{
	for (size_t t = 0; t < batch->tokens; t++)
		for (int row = layer->starts[t]; row < layer->starts[t + 1]; row++) {
			const size_t b = (size_t)layer->order[row - layer->starts[t]];
			memcpy(steps + (size_t)row * copy->steps_stride,
			        tokens + (b * batch->tokens + t) * copy->tokens_stride, copy->width * sizeof *steps);
		}
}

/* Tokens ← rows of steps; 0 beyond a sentence's length. */
static void from_steps(
        real *tokens, const real *steps, const struct copy *copy, const struct bilstm *layer, const struct batch *batch)
{
	for (size_t t = 0; t < batch->tokens; t++)
		for (size_t rank = 0; rank < batch->sentences; rank++) {
			const size_t row = (size_t)layer->starts[t] + rank, b = (size_t)layer->order[rank];
			real *to = tokens + (b * batch->tokens + t) * copy->tokens_stride;
			if (row < (size_t)layer->starts[t + 1])
				memcpy(to, steps + row * copy->steps_stride, copy->width * sizeof *to);
			else
				memset(to, 0, copy->width * sizeof *to);
		}
}

void bilstm_forward(struct bilstm *layer, const struct pass *pass, const real *in)
{
	const size_t I = layer->in, H = layer->units;
	find_order(layer, pass->batch);
	find_starts(layer, pass->batch);
	for (int i = 0; i < 2; i++) {
		const struct lstm_state *state = &layer->direction[i].state;
		const struct lstm_shape shape = shape_of(layer, pass->batch, i);
		const struct lstm_weights weights = weights_of(layer, i, pass->parameters, parameters_value);
		to_steps(state->seen, in, &(struct copy){I, I, I + H}, layer, pass->batch);
		lstm_forward(state, &weights, layer->panels, &shape);
		from_steps(layer->out + (size_t)i * H, state->hidden, &(struct copy){H, 2 * H, H}, layer, pass->batch);
	}
}

void bilstm_backward(struct bilstm *layer, const struct pass *pass, real *d_in, const real *d_out)
{
	const size_t I = layer->in, H = layer->units;
	for (int i = 0; i < 2; i++) {
		const struct lstm_shape shape = shape_of(layer, pass->batch, i);
		const struct lstm_weights weights = weights_of(layer, i, pass->parameters, parameters_value);
		const struct lstm_weights d_weights = weights_of(layer, i, pass->parameters, parameters_gradient);
		to_steps(layer->d_hidden, d_out + (size_t)i * H, &(struct copy){H, 2 * H, H}, layer, pass->batch);
		const struct lstm_backward back = {&d_weights, &weights, &layer->direction[i].state, layer->d_hidden,
		        layer->d_in, i > 0, layer->panels, layer->d_seen, layer->d_cell, layer->d_weight};
		lstm_backward(&back, &shape);
	}
	from_steps(d_in, layer->d_in, &(struct copy){I, I, I}, layer, pass->batch);
}
