/* Bidirectional LSTM layer (Graves & Schmidhuber 2005): (B,T,I) → (B,T,2H), left-to-right units
 * first. */
#ifndef WORKER_NETWORK_BILSTM_H
#define WORKER_NETWORK_BILSTM_H

#include "worker/network/batch.h"
#include "worker/network/layers/lstm.h"
#include "worker/network/workspace.h"

struct bilstm {
	size_t in, units; /* I, H */
	struct {
		size_t input, recurrent, bias; /* tensors */
		struct lstm_state state;
	} direction[2];
	int *order;  /* (B) sentences by length, the longest first: the rows of every step */
	int *starts; /* (T + 1) see lstm.h */
	real *out;   /* (B,T,2H) */
	real *d_hidden, *d_in, *d_seen, *d_cell, *d_weight, *panels; /* scratch of one direction; see lstm.h */
};

/* Declares the tensors "PREFIX.forward.input" …. 0 or -ENOMEM. */
int bilstm_declare(struct bilstm *layer, struct parameters *parameters, const char *prefix, const size_t sizes[2]);

/* Places the activations for a batch. */
void bilstm_plan(struct bilstm *layer, struct workspace *workspace, const struct batch *batch);

/* Fills layer->out from in (B,T,I). */
void bilstm_forward(struct bilstm *layer, const struct pass *pass, const real *in);

/* Adds to the parameters' gradients and writes d_in (B,T,I) from d_out (B,T,2H). */
void bilstm_backward(struct bilstm *layer, const struct pass *pass, real *d_in, const real *d_out);

#endif
