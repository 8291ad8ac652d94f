/* One-dimensional convolution over tokens with max pooling over segments (Zeng et al. 2014,
 * "Relation Classification via Convolutional Deep Neural Network", §3.4; with three segments: Zeng
 * et al. 2015, piecewise CNN, §3.3). Legend: B sentences, T padded length, D input width, F
 * filters, W window (odd), S segments.
 *
 * The pooled maximum lets one position per filter and segment through, so the backward pass touches
 * B·S·F windows instead of B·T·F: it costs a small part of the forward pass. tanh is monotone, so
 * it is applied after pooling. */
#ifndef WORKER_NETWORK_LAYERS_CONVOLUTION_H
#define WORKER_NETWORK_LAYERS_CONVOLUTION_H

#include "worker/network/layers/real.h"

struct convolution_shape {
	size_t sentences, tokens, in, filters, window, segments; /* B, T, D, F, W, S */
};

/* Rows of the padded input: each sentence has W/2 zero rows before and after its T tokens. */
size_t convolution_padded_rows(const struct convolution_shape *shape);

/* Reals of the panels. */
size_t convolution_panels_size(const struct convolution_shape *shape);

/* pooled (B,S,F) = tanh(bias + max over a segment's tokens of the convolution), 0 where a segment
 * is empty; argmax (B,S,F) is the token that won, −1 if none. input: (padded rows, D), sentence b's
 * token t in row b·(T+W−1) + W/2 + t, zero rows between. weight: (F,W,D); bias (F). ends (B,S):
 * segment s of sentence b is [ends[s−1], ends[s]), the first from 0; ends ≤ T. Scratch: convolved
 * (T,F), panels (convolution_panels_size). */
struct convolution_forward {
	real *pooled;
	int *argmax;
	real *convolved, *panels;
	const real *input, *weight, *bias;
	const int *ends;
};
void convolution_forward(const struct convolution_forward *pass, const struct convolution_shape *shape);

/* Adds to d_weight, d_bias and d_input (may be NULL) from d_pooled (B,S,F). */
struct convolution_backward {
	real *d_weight, *d_bias, *d_input;
	const real *d_pooled, *pooled;
	const int *argmax;
	const real *input, *weight;
};
void convolution_backward(const struct convolution_backward *pass, const struct convolution_shape *shape);

#endif
