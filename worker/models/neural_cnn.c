/* Zeng et al. 2014; piecewise: Zeng et al. 2015. */
#include "worker/models/neural_class.h"
#include "worker/models/neural_rows.h"

static const struct neural_kind kind = {&body_cnn, false};

static const struct option table[] = {
        NEURAL_TOKEN_ROWS,
        NEURAL_CNN_ROWS("pooling"),
        NEURAL_HEAD_ROWS,
        NEURAL_TRAINING_ROWS("0.002", "0.05", "none"),
};

const struct model_class model_cnn = {
        .name = "cnn",
        .help = "convolution over tokens, pooled by maximum",
        .options = table,
        .option_count = sizeof table / sizeof *table,
        .kinds = &kind,
        NEURAL_FUNCTIONS,
};
