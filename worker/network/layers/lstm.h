/* One direction of a long short-term memory layer (Hochreiter & Schmidhuber 1997; gates as in
 * Graves 2013, eq. 7–11, without peepholes). Legend: B sentences, T padded length, I input width, H
 * units. Arrays are time-major, (T,B,·), so that a step is one contiguous block; gate order i, f,
 * g, o.
 *
 * Beyond a sentence's length the state is held at 0, so the same code serves both directions: the
 * reverse one walks from T − 1 down and starts from 0 at the last token. */
#ifndef WORKER_NETWORK_LAYERS_LSTM_H
#define WORKER_NETWORK_LAYERS_LSTM_H

#include "worker/network/layers/real.h"

struct lstm_shape {
	size_t sentences, tokens, in, units; /* B, T, I, H */
	int reverse;
};

struct lstm_weights {
	real *input;     /* (4H, I) */
	real *recurrent; /* (4H, H) */
	real *bias;      /* (4H) */
};

/* What the forward pass leaves for the backward one. */
struct lstm_state {
	real *gates;  /* (T,B,4H) after their nonlinearities */
	real *cell;   /* (T,B,H) */
	real *hidden; /* (T,B,H): the output; 0 beyond the length */
};

/* Fills `state` from in (T,B,I). lengths (B): 1 ≤ length ≤ T. */
void lstm_forward(const struct lstm_state *state, const struct lstm_weights *weights, const real *in,
        const int *lengths, const struct lstm_shape *shape);

/* Adds to the gradients of the weights and writes (add: adds) d_in (T,B,I). d_hidden (T,B,H) is
 * overwritten; scratch: d_gates (T,B,4H), d_cell (B,H), hidden_before (T,B,H). */
struct lstm_backward {
	const struct lstm_weights *d_weights, *weights;
	const struct lstm_state *state;
	real *d_in;
	int add;
	real *d_hidden, *d_gates, *d_cell, *hidden_before;
	const real *in;
	const int *lengths;
};
void lstm_backward(const struct lstm_backward *pass, const struct lstm_shape *shape);

#endif
