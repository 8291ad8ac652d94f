#include "worker/models/linear.h"

#include "worker/models/encoder_rows.h"

const char *const linear_optimizers[] = {"sgd", "adagrad", NULL};
const char *const linear_schedules[] = {"constant", "linear", "cosine", NULL};

#define AT(member) offsetof(struct linear_options, member)

const struct option linear_option_table[LINEAR_OPTION_COUNT] = {
        {"learning_rate", OPTION_NUMBER, AT(learning_rate), "0.2", 1e-6, 1000, NULL, "", "step size at the start"},
        {"l2", OPTION_NUMBER, AT(l2), "1e-05", 0, 1, NULL, "", "weight decay per step, times the step size"},
        {"optimizer", OPTION_CHOICE, AT(optimizer), "adagrad", 0, 0, linear_optimizers, "", "how steps are scaled"},
        {"schedule", OPTION_CHOICE, AT(schedule), "linear", 0, 0, linear_schedules, "",
                "how the step size falls over the epochs"},
        {"loss", OPTION_CHOICE, AT(loss.kind), "cross_entropy", 0, 0, loss_names, "", "what is minimised"},
        {"label_smoothing", OPTION_NUMBER, AT(loss.smoothing), "0", 0, 0.9, NULL, "",
                "share of the target given to all classes (cross_entropy)"},
        {"focal_gamma", OPTION_NUMBER, AT(loss.focus), "1", 0, 10, NULL, "",
                "how much easy rows are passed over (focal)"},
        {"class_balance", OPTION_NUMBER, AT(balance), "0.4", 0, 1, NULL, "",
                "0: rows weigh the same; 1: classes weigh the same"},
        ENCODER_OPTION_ROWS(AT, "window"),
};
