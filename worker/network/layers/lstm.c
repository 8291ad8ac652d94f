#include "worker/network/layers/lstm.h"

#include <assert.h>
#include <string.h>

#include "worker/network/layers/affine.h"
#include "worker/network/layers/matrix.h"
#include "worker/network/layers/vector.h"

/* Index of the step before `step` in walking order; −1 at the start. */
static long previous(const struct lstm_shape *shape, long step)
{
	long before = shape->reverse ? step + 1 : step - 1;
	return before < (long)shape->tokens ? before : -1;
}

static long nth(const struct lstm_shape *shape, size_t n)
{
	return shape->reverse ? (long)(shape->tokens - 1 - n) : (long)n;
}

static const real *step_of(const real *array, long step, size_t width, const struct lstm_shape *shape)
{
	return array + (size_t)step * shape->sentences * width;
}

/* c = f·c₋ + i·g, h = o·tanh c for one sentence; gates (4H) hold pre-activations on entry.
 * cell_before NULL = zeros. */
static void cell_forward(real *gates, real *cell, real *hidden, const real *cell_before, size_t H)
{
	vector_sigmoid(gates, 2 * H);
	vector_tanh(gates + 2 * H, H);
	vector_sigmoid(gates + 3 * H, H);
	const real *i = gates, *f = gates + H, *g = gates + 2 * H, *o = gates + 3 * H;
	for (size_t u = 0; u < H; u++) {
		cell[u] = i[u] * g[u] + (cell_before ? f[u] * cell_before[u] : 0);
		hidden[u] = cell[u];
	}
	vector_tanh(hidden, H);
	for (size_t u = 0; u < H; u++)
		hidden[u] *= o[u];
}

static void step_forward(const struct lstm_state *state, long step, const int *lengths, const struct lstm_shape *shape)
{
	size_t H = shape->units;
	long before = previous(shape, step);
	for (size_t b = 0; b < shape->sentences; b++) {
		size_t row = (size_t)step * shape->sentences + b;
		real *cell = state->cell + row * H, *hidden = state->hidden + row * H;
		if (step >= lengths[b]) {
			memset(cell, 0, H * sizeof *cell);
			memset(hidden, 0, H * sizeof *hidden);
			continue;
		}
		const real *cell_before = before < 0 ? NULL : step_of(state->cell, before, H, shape) + b * H;
		cell_forward(state->gates + row * 4 * H, cell, hidden, cell_before, H);
	}
}

void lstm_forward(const struct lstm_state *state, const struct lstm_weights *weights, const real *in,
        const int *lengths, const struct lstm_shape *shape)
{
	size_t H = shape->units, B = shape->sentences;
	assert(H > 0 && shape->tokens > 0);
	struct affine_shape all = {shape->tokens * B, shape->in, 4 * H};
	affine_forward(state->gates, in, weights->input, weights->bias, &all);
	for (size_t n = 0; n < shape->tokens; n++) {
		long step = nth(shape, n), before = previous(shape, step);
		if (before >= 0)
			/* gates[t] (B,4H) += hidden[t∓1] (B,H) · recurrent' (H,4H) */
			matrix_multiply(state->gates + (size_t)step * B * 4 * H,
			        step_of(state->hidden, before, H, shape), weights->recurrent,
			        &(struct product){.m = B,
			                .n = 4 * H,
			                .k = H,
			                .lda = H,
			                .ldb = H,
			                .ldc = 4 * H,
			                .transpose_b = 1,
			                .alpha = 1,
			                .beta = 1});
		step_forward(state, step, lengths, shape);
	}
}

struct cell_gradient {
	real *d_gates, *d_cell; /* out (4H); in and out (H) */
	const real *d_hidden, *gates, *cell, *cell_before;
};

/* Derivatives of cell_forward; tanh c is recomputed. d_cell arrives from the later step and leaves
 * for the earlier one. */
REAL_CLONES static void cell_backward(const struct cell_gradient *pass, real *tanh_cell, size_t H)
{
	const real *i = pass->gates, *f = i + H, *g = i + 2 * H, *o = i + 3 * H, *before = pass->cell_before;
	real *di = pass->d_gates, *df = di + H, *dg = di + 2 * H, *d_o = di + 3 * H, *d_cell = pass->d_cell;
	const real *d_hidden = pass->d_hidden;
	memcpy(tanh_cell, pass->cell, H * sizeof *tanh_cell);
	vector_tanh(tanh_cell, H);
	REAL_APART
	for (size_t u = 0; u < H; u++) {
		const real dc = d_cell[u] + d_hidden[u] * o[u] * (1 - tanh_cell[u] * tanh_cell[u]);
		di[u] = dc * g[u] * i[u] * (1 - i[u]);
		df[u] = dc * f[u] * (1 - f[u]); /* times the cell before, which is 0 at the start */
		dg[u] = dc * i[u] * (1 - g[u] * g[u]);
		d_o[u] = d_hidden[u] * tanh_cell[u] * o[u] * (1 - o[u]);
		d_cell[u] = dc * f[u];
	}
	REAL_APART
	for (size_t u = 0; u < H; u++)
		df[u] *= before ? before[u] : 0;
}

/* One step of the walk back: gate gradients of every sentence, then what flows into the step
 * before. */
static void step_backward(const struct lstm_backward *pass, long step, const struct lstm_shape *shape)
{
	size_t H = shape->units, B = shape->sentences;
	long before = previous(shape, step);
	for (size_t b = 0; b < B; b++) {
		size_t row = (size_t)step * B + b;
		real *d_gates = pass->d_gates + row * 4 * H, *d_cell = pass->d_cell + b * H;
		if (step >= pass->lengths[b]) {
			memset(d_gates, 0, 4 * H * sizeof *d_gates);
			memset(d_cell, 0, H * sizeof *d_cell);
			continue;
		}
		const real *cell_before = before < 0 ? NULL : step_of(pass->state->cell, before, H, shape) + b * H;
		struct cell_gradient cell = {d_gates, d_cell, pass->d_hidden + row * H,
		        pass->state->gates + row * 4 * H, pass->state->cell + row * H, cell_before};
		cell_backward(&cell, pass->hidden_before + row * H, H);
	}
	if (before >= 0)
		/* d_hidden[t∓1] (B,H) += d_gates[t] (B,4H) · recurrent (4H,H) */
		matrix_multiply(pass->d_hidden + (size_t)before * B * H, pass->d_gates + (size_t)step * B * 4 * H,
		        pass->weights->recurrent,
		        &(struct product){
		                .m = B, .n = H, .k = 4 * H, .lda = 4 * H, .ldb = H, .ldc = H, .alpha = 1, .beta = 1});
}

/* hidden_before[t] = hidden of the step before t: lets the recurrent gradient be one product over
 * all steps. */
static void shift_hidden(const struct lstm_backward *pass, const struct lstm_shape *shape)
{
	size_t block = shape->sentences * shape->units;
	for (size_t n = 0; n < shape->tokens; n++) {
		long step = nth(shape, n), before = previous(shape, step);
		real *to = pass->hidden_before + (size_t)step * block;
		if (before < 0)
			memset(to, 0, block * sizeof *to);
		else
			memcpy(to, pass->state->hidden + (size_t)before * block, block * sizeof *to);
	}
}

void lstm_backward(const struct lstm_backward *pass, const struct lstm_shape *shape)
{
	size_t H = shape->units, rows = shape->tokens * shape->sentences;
	memset(pass->d_cell, 0, shape->sentences * H * sizeof *pass->d_cell);
	for (size_t n = shape->tokens; n-- > 0;)
		step_backward(pass, nth(shape, n), shape);
	shift_hidden(pass, shape);
	struct affine_shape all = {rows, shape->in, 4 * H};
	affine_backward_weight(pass->d_weights->input, pass->d_weights->bias, pass->d_gates, pass->in, &all);
	/* d_recurrent (4H,H) += d_gates' (4H,T·B) · hidden_before (T·B,H) */
	matrix_multiply(pass->d_weights->recurrent, pass->d_gates, pass->hidden_before,
	        &(struct product){.m = 4 * H,
	                .n = H,
	                .k = rows,
	                .lda = 4 * H,
	                .ldb = H,
	                .ldc = H,
	                .transpose_a = 1,
	                .alpha = 1,
	                .beta = 1});
	if (pass->d_in)
		affine_backward_input(pass->d_in, pass->d_gates, pass->weights->input, &all, pass->add);
}
