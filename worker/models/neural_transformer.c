/* Vaswani et al. 2017; entity starts: Baldini Soares et al. 2019. */
#include "worker/models/neural_class.h"
#include "worker/models/neural_rows.h"

static const struct neural_kind kind = {&body_transformer, false};

static const struct option table[] = {
        NEURAL_TOKEN_ROWS,
        NEURAL_POOLING_ROW("entity_start"),
        NEURAL_TRANSFORMER_ROWS,
        NEURAL_INIT_ROW,
        NEURAL_HEAD_ROWS,
        NEURAL_TRAINING_ROWS("0.001", "0.1", "none"),
};

const struct model_class model_transformer = {
        .name = "transformer",
        .help = "transformer that sees nothing but the training rows",
        .options = table,
        .option_count = sizeof table / sizeof *table,
        .kinds = &kind,
        NEURAL_FUNCTIONS,
};
