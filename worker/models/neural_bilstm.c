/* Zhou et al. 2016, with attention. */
#include "worker/models/neural_file.h"
#include "worker/models/neural_rows.h"
#include "worker/models/neural_train.h"

static const struct neural_kind kind = {&body_bilstm, false};

static const struct option table[] = {
        NEURAL_TOKEN_ROWS,
        NEURAL_POOLING_ROW("attention"),
        NEURAL_BILSTM_ROWS,
        NEURAL_INIT_ROW,
        NEURAL_HEAD_ROWS,
        NEURAL_TRAINING_ROWS("0.002", "0.05", "none"),
};

static int create(void **out, const struct model_setup *setup, const struct text_rows *rows, struct error *error)
{
	return neural_create(out, setup, rows, &kind, error);
}

static int load(void **out, const struct model_setup *setup, const char *bytes, size_t length)
{
	return neural_load(out, setup, &kind, bytes, length);
}

const struct model_class model_bilstm = {
        .name = "bilstm",
        .help = "bidirectional LSTM with pooling over the tokens",
        .options = table,
        .option_count = sizeof table / sizeof *table,
        .option_bytes = sizeof(struct neural_options),
        .create = create,
        .destroy = neural_destroy,
        .train = neural_train,
        .encode = neural_encode,
        .encoded_destroy = neural_encoded_destroy,
        .predict = neural_predict,
        .save = neural_save,
        .load = load,
        .state = neural_state,
        .spell = neural_spell,
};
