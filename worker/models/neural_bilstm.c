/* Zhou et al. 2016, with attention. */
#include "worker/models/neural_class.h"
#include "worker/models/neural_rows.h"

static const struct neural_kind kind = {&body_bilstm, false};

static const struct option table[] = {
        NEURAL_TOKEN_ROWS,
        NEURAL_POOLING_ROW("attention"),
        NEURAL_BILSTM_ROWS,
        NEURAL_INIT_ROW,
        NEURAL_HEAD_ROWS,
        NEURAL_TRAINING_ROWS("0.002", "0.05", "none"),
};

const struct model_class model_bilstm = {
        .name = "bilstm",
        .help = "bidirectional LSTM with pooling over the tokens",
        .options = table,
        .option_count = sizeof table / sizeof *table,
        .kinds = &kind,
        NEURAL_FUNCTIONS,
};
