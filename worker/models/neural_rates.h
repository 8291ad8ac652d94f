/* How far the tensors of a pretrained encoder and of what stands above it step. */
#ifndef WORKER_MODELS_NEURAL_RATES_H
#define WORKER_MODELS_NEURAL_RATES_H

#include "worker/models/neural_options.h"

/* Sets the tensors' own rates (parameters.h) by the options. With L layers, layer l (from 1)
 * has layer_decay^(L + 1 − l), the embeddings are layer 0 (Clark et al. 2020, appendix A), and
 * all above has head_rate. Frozen are the embeddings and the lower freeze_layers layers, and
 * with --train=bias all of the encoder but its biases (Ben Zaken et al. 2022): their
 * values stay those of the folder. */
void neural_rates_set(
        struct parameters *parameters, const struct network *network, const struct neural_options *options);

#endif
