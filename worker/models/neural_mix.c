/* A network and the linear model in one, trained together: their scores are added. */
#include "worker/models/encoder_rows.h"
#include "worker/models/neural_class.h"
#include "worker/models/neural_rows.h"

static const char *const bodies[] = {"cnn", "bilstm", "transformer", NULL};

static const struct neural_kind kinds[] = {{&body_cnn, true}, {&body_bilstm, true}, {&body_transformer, true}};

static const struct option table[] = {
        NEURAL_TOKEN_ROWS,
        {"body", OPTION_CHOICE, NEURAL_AT(body), "cnn", 0, 0, bodies, "", "the network"},
        NEURAL_CNN_ROWS("cnn_pooling"),
        NEURAL_POOLING_ROW("attention"),
        NEURAL_BILSTM_ROWS,
        NEURAL_TRANSFORMER_ROWS,
        NEURAL_INIT_ROW,
        NEURAL_HEAD_ROWS,
        NEURAL_TRAINING_ROWS("0.002", "0.05", "effective_number"),
        {"feature_rate", OPTION_NUMBER, NEURAL_AT(optimizer.feature_rate), "6", 0, 1000, NULL, "",
                "step size of the linear part, in those of the network"},
        ENCODER_OPTION_ROWS(NEURAL_AT, "feature_window"),
};

const struct model_class model_mix = {
        .name = "mix",
        .help = "a network and the linear model, trained together",
        .options = table,
        .option_count = sizeof table / sizeof *table,
        .kinds = kinds,
        NEURAL_FUNCTIONS,
};
