#include "worker/models/neural_options.h"

const char *const neural_poolings[] = {"attention", "max", "last", "cls", "entity_start", "entity_start_end", NULL};
const char *const neural_heads[] = {"linear", "mlp", "lstm", NULL};
const char *const neural_cnn_poolings[] = {"max", "piecewise", NULL};
