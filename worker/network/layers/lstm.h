/* One direction of a long short-term memory layer (Hochreiter & Schmidhuber 1997; gates as in
 * Graves 2013, eq. 7–11, without peepholes). Legend: B sentences, T steps, I input width, H units,
 * N rows: the tokens of all sentences; gate order i, f, g, o.
 *
 * Rows are time-major and without padding: those of step t are [starts[t], starts[t + 1]), a row
 * for each sentence that is so long, and a sentence's row is the same one of every step. So the
 * longest sentences come first, and the reverse direction, which walks from T − 1 down, meets each
 * at its last token. */
#ifndef WORKER_NETWORK_LAYERS_LSTM_H
#define WORKER_NETWORK_LAYERS_LSTM_H

#include "worker/network/layers/panels.h"

struct lstm_shape {
	size_t tokens, in, units; /* T, I, H */
	const int *starts;        /* (T + 1) */
	int reverse;
};

struct lstm_weights {
	real *input;     /* (4H, I) */
	real *recurrent; /* (4H, H) */
	real *bias;      /* (4H) */
};

/* What the forward pass leaves for the backward one. */
struct lstm_state {
	real *seen;   /* (N,I+H) what each step reads: its input, and hidden of the step before */
	real *gates;  /* (N,4H) after their nonlinearities */
	real *cell;   /* (N,H) */
	real *hidden; /* (N,H): the output */
};

/* lstm_panels_size reals. */
size_t lstm_panels_size(const struct lstm_shape *shape);

/* Fills `state`, of which the first I columns of seen are filled already. panels: scratch. */
void lstm_forward(const struct lstm_state *state, const struct lstm_weights *weights, real *panels,
        const struct lstm_shape *shape);

/* Adds to the gradients of the weights and writes (add: adds) d_in (N,I). Overwrites the state's
 * gates. Scratch: panels (lstm_panels_size), d_seen (B,I+H), d_cell (B,H), d_weight (4H,I+H). */
struct lstm_backward {
	const struct lstm_weights *d_weights, *weights;
	const struct lstm_state *state;
	const real *d_hidden; /* (N,H) */
	real *d_in;
	int add;
	real *panels, *d_seen, *d_cell, *d_weight;
};
void lstm_backward(const struct lstm_backward *pass, const struct lstm_shape *shape);

#endif
