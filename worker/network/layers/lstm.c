#include "worker/network/layers/lstm.h"

#include <assert.h>
#include <string.h>

#include "worker/network/layers/fast_exp.h"
#include "worker/network/layers/matrix.h"
#include "worker/network/layers/vector.h"

/* Rows of the weights' gradient that are summed in one product: few enough to be in the cache
 * still, enough to be worth the copies that OpenBLAS makes. */
enum { GRADIENT_ROWS = 192 };

static size_t nth(const struct lstm_shape *shape, size_t n)
{
	return shape->reverse ? shape->tokens - 1 - n : n;
}

static size_t start_of(const struct lstm_shape *shape, size_t step)
{
	return (size_t)shape->starts[step];
}

static size_t rows_of(const struct lstm_shape *shape, size_t step)
{
	return start_of(shape, step + 1) - start_of(shape, step);
}

static size_t width_of(const struct lstm_shape *shape)
{
	return shape->in + shape->units;
}

size_t lstm_panels_size(const struct lstm_shape *shape)
{
	const size_t forward = panels_size(width_of(shape), 4 * shape->units),
	             backward = panels_size(4 * shape->units, width_of(shape));
	return forward > backward ? forward : backward;
}

/* [input, recurrent]' (I+H,4H): a step is one product. */
static struct panels forward_panels(real *data, const struct lstm_weights *weights, const struct lstm_shape *shape)
{
	const size_t I = shape->in, H = shape->units;
	const struct panels panels = {data, I + H, 4 * H};
	panels_put(&panels, &(struct panels_part){weights->input, I, 4 * H, 1, I}, 0, 0);
	panels_put(&panels, &(struct panels_part){weights->recurrent, H, 4 * H, 1, H}, I, 0);
	return panels;
}

/* [input, recurrent] (4H,I+H). */
static struct panels backward_panels(real *data, const struct lstm_weights *weights, const struct lstm_shape *shape)
{
	const size_t I = shape->in, H = shape->units;
	const struct panels panels = {data, 4 * H, I + H};
	panels_put(&panels, &(struct panels_part){weights->input, 4 * H, I, I, 1}, 0, 0);
	panels_put(&panels, &(struct panels_part){weights->recurrent, 4 * H, H, H, 1}, 0, I);
	return panels;
}

/* The rows of one step, and of the one before in walking order: those are fewer where sentences
 * begin here. */
struct lstm_step {
	size_t at, rows, before, rows_before;
};

static struct lstm_step step_of(const struct lstm_shape *shape, size_t n)
{
	const size_t t = nth(shape, n);
	struct lstm_step step = {start_of(shape, t), rows_of(shape, t), 0, 0};
	if (n > 0) {
		step.before = start_of(shape, nth(shape, n - 1));
		step.rows_before = rows_of(shape, nth(shape, n - 1));
	}
	return step;
}

static void see_hidden(const struct lstm_state *state, const struct lstm_step *step, const struct lstm_shape *shape)
{
	const size_t H = shape->units;
	for (size_t row = 0; row < step->rows; row++) {
		real *to = state->seen + (step->at + row) * width_of(shape) + shape->in;
		if (row < step->rows_before)
			memcpy(to, state->hidden + (step->before + row) * H, H * sizeof *to);
		else
			memset(to, 0, H * sizeof *to);
	}
}

/* c = f·c₋ + i·g, h = o·tanh c for one sentence; gates (4H) hold pre-activations on entry.
 * cell_before NULL = zeros. */
REAL_CLONES static void cell_forward(
        real *restrict gates, real *restrict cell, real *restrict hidden, const real *cell_before, size_t H)
{
	real *i = gates, *f = gates + H, *g = gates + 2 * H, *o = gates + 3 * H;
	REAL_APART
	for (size_t u = 0; u < H; u++) {
		i[u] = fast_sigmoid(i[u]);
		f[u] = fast_sigmoid(f[u]);
		g[u] = fast_tanh(g[u]);
		o[u] = fast_sigmoid(o[u]);
		cell[u] = i[u] * g[u];
	}
	REAL_APART
	for (size_t u = 0; u < H; u++) {
		cell[u] += cell_before ? f[u] * cell_before[u] : 0;
		hidden[u] = o[u] * fast_tanh(cell[u]);
	}
}

void lstm_forward(
        const struct lstm_state *state, const struct lstm_weights *weights, real *data, const struct lstm_shape *shape)
{
	const size_t H = shape->units, width = width_of(shape);
	assert(H > 0 && shape->tokens > 0);
	const struct panels panels = forward_panels(data, weights, shape);
	for (size_t n = 0; n < shape->tokens; n++) {
		const struct lstm_step step = step_of(shape, n);
		see_hidden(state, &step, shape);
		/* gates[t] = bias + seen[t] · [input, recurrent]' */
		panels_multiply(&panels, &(struct panels_product){.m = step.rows,
		                                 .a = state->seen + step.at * width,
		                                 .a_stride = width,
		                                 .start = weights->bias,
		                                 .c = state->gates + step.at * 4 * H,
		                                 .c_stride = 4 * H});
		for (size_t row = 0; row < step.rows; row++)
			cell_forward(state->gates + (step.at + row) * 4 * H, state->cell + (step.at + row) * H,
			        state->hidden + (step.at + row) * H,
			        row < step.rows_before ? state->cell + (step.before + row) * H : NULL, H);
	}
}

struct cell_gradient {
	real *gates, *d_cell;               /* in and out (4H), (H) */
	const real *d_hidden, *d_hidden_on; /* from above, and from the step after */
	const real *cell, *cell_before;
};

/* Derivatives of cell_forward, in the place of the gates; tanh c is recomputed. d_cell arrives from
 * the later step and leaves for the earlier one. */
REAL_CLONES static void cell_backward(const struct cell_gradient *pass, size_t H)
{
	real *i = pass->gates, *f = i + H, *g = i + 2 * H, *o = i + 3 * H, *d_cell = pass->d_cell;
	const real *d_hidden = pass->d_hidden, *on = pass->d_hidden_on, *cell = pass->cell;
	const real *before = pass->cell_before;
	REAL_APART
	for (size_t u = 0; u < H; u++) {
		const real squashed = fast_tanh(cell[u]), dh = d_hidden[u] + on[u];
		const real dc = d_cell[u] + dh * o[u] * (1 - squashed * squashed);
		const real di = dc * g[u] * i[u] * (1 - i[u]), dg = dc * i[u] * (1 - g[u] * g[u]);
		d_cell[u] = dc * f[u];
		f[u] = d_cell[u] * (1 - f[u]); /* times the cell before, which is 0 at the start */
		o[u] = dh * squashed * o[u] * (1 - o[u]);
		i[u] = di;
		g[u] = dg;
	}
	REAL_APART
	for (size_t u = 0; u < H; u++)
		f[u] *= before ? before[u] : 0;
}

static void give_input(real *d_in, const real *d_seen, int add, size_t I)
{
	if (add)
		vector_axpy(d_in, d_seen, 1, I);
	else
		memcpy(d_in, d_seen, I * sizeof *d_in);
}

/* One step of the walk back: gate gradients of every sentence, then what flows into what the step
 * saw. */
static void step_backward(const struct lstm_backward *pass, const struct panels *panels, const struct lstm_step *step,
        const struct lstm_shape *shape)
{
	const size_t I = shape->in, H = shape->units, width = width_of(shape);
	for (size_t row = 0; row < step->rows; row++) {
		const size_t at = step->at + row;
		const struct cell_gradient cell = {pass->state->gates + at * 4 * H, pass->d_cell + row * H,
		        pass->d_hidden + at * H, pass->d_seen + row * width + I, pass->state->cell + at * H,
		        row < step->rows_before ? pass->state->cell + (step->before + row) * H : NULL};
		cell_backward(&cell, H);
	}
	/* d_seen (rows,I+H) = d_gates (rows,4H) · [input, recurrent] */
	panels_multiply(panels, &(struct panels_product){.m = step->rows,
	                                .a = pass->state->gates + step->at * 4 * H,
	                                .a_stride = 4 * H,
	                                .c = pass->d_seen,
	                                .c_stride = width});
	for (size_t row = 0; row < step->rows; row++)
		give_input(pass->d_in + (step->at + row) * I, pass->d_seen + row * width, pass->add, I);
}

/* d_weight (4H,I+H) += d_gates' · seen over rows [from, to), which have their gate gradients;
 * likewise the bias. */
static void gather_gradient(const struct lstm_backward *pass, const size_t range[2], const struct lstm_shape *shape)
{
	const size_t H = shape->units, width = width_of(shape), rows = range[1] - range[0];
	const real *d_gates = pass->state->gates + range[0] * 4 * H;
	matrix_multiply(pass->d_weight, d_gates, pass->state->seen + range[0] * width,
	        &(struct product){.m = 4 * H,
	                .n = width,
	                .k = rows,
	                .lda = 4 * H,
	                .ldb = width,
	                .ldc = width,
	                .transpose_a = 1,
	                .alpha = 1,
	                .beta = 1});
	vector_sum_rows(pass->d_weights->bias, d_gates, rows, 4 * H);
}

static void give_gradient(const struct lstm_backward *pass, const struct lstm_shape *shape)
{
	const size_t I = shape->in, H = shape->units;
	for (size_t row = 0; row < 4 * H; row++) {
		const real *from = pass->d_weight + row * width_of(shape);
		vector_axpy(pass->d_weights->input + row * I, from, 1, I);
		vector_axpy(pass->d_weights->recurrent + row * H, from + I, 1, H);
	}
}

void lstm_backward(const struct lstm_backward *pass, const struct lstm_shape *shape)
{
	const size_t sentences = rows_of(shape, 0), width = width_of(shape);
	const struct panels panels = backward_panels(pass->panels, pass->weights, shape);
	memset(pass->d_cell, 0, sentences * shape->units * sizeof *pass->d_cell);
	memset(pass->d_seen, 0, sentences * width * sizeof *pass->d_seen);
	memset(pass->d_weight, 0, 4 * shape->units * width * sizeof *pass->d_weight);
	size_t range[2] = {0, 0};
	for (size_t n = shape->tokens; n-- > 0;) {
		const struct lstm_step step = step_of(shape, n);
		step_backward(pass, &panels, &step, shape);
		if (range[0] == range[1])
			range[0] = range[1] = step.at + (shape->reverse ? 0 : step.rows);
		range[shape->reverse] = step.at + (shape->reverse ? step.rows : 0);
		if (range[1] - range[0] < GRADIENT_ROWS && n > 0)
			continue;
		gather_gradient(pass, range, shape);
		range[0] = range[1];
	}
	give_gradient(pass, shape);
}
