#include "worker/models/model.h"

const struct model_class *const model_classes[] = {
        &model_linear, &model_cnn, &model_bilstm, &model_transformer, &model_mix, &model_encoder, NULL};
const char *const model_names[] = {"linear", "cnn", "bilstm", "transformer", "mix", "encoder", NULL};
