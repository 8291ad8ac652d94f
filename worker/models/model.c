#include "worker/models/model.h"

const struct model_class *const model_classes[] = {&model_linear, NULL};
const char *const model_names[] = {"linear", NULL};
