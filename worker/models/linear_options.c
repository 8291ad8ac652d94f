#include "worker/models/linear.h"

const char *const linear_optimizers[] = {"sgd", "adagrad", NULL};
const char *const linear_schedules[] = {"constant", "linear", "cosine", NULL};

#define AT(member) offsetof(struct linear_options, member)
#define FEATURES(member) AT(encoder.features.member)
#define WEIGHT(group) AT(encoder.weights) + (group) * sizeof(double)

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
        {"char_min", OPTION_INTEGER, FEATURES(char_min), "1", 1, 10, NULL, "characters", "shortest character n-gram"},
        {"char_max", OPTION_INTEGER, FEATURES(char_max), "4", 0, 10, NULL, "characters",
                "longest character n-gram; 0 = none"},
        {"word_max", OPTION_INTEGER, FEATURES(word_max), "2", 0, 4, NULL, "words", "longest word n-gram; 0 = none"},
        {"entity_max", OPTION_INTEGER, FEATURES(entity_max), "5", 0, 10, NULL, "characters",
                "longest n-gram inside an entity"},
        {"beside", OPTION_INTEGER, FEATURES(beside), "6", 0, 20, NULL, "characters",
                "longest run that touches an entity"},
        {"window", OPTION_INTEGER, FEATURES(window), "0", 0, 1000, NULL, "characters",
                "context kept outside the entities; 0 = all"},
        {"join_types", OPTION_SWITCH, FEATURES(join_types), "true", 0, 0, NULL, "",
                "repeat the n-grams between the entities under the pair of types"},
        {"fold_case", OPTION_SWITCH, FEATURES(fold_case), "true", 0, 0, NULL, "",
                "capital letters count as small ones"},
        {"min_count", OPTION_INTEGER, AT(encoder.min_count), "2", 1, 1000, NULL, "rows",
                "leave out features of fewer training rows"},
        {"idf", OPTION_SWITCH, AT(encoder.idf), "true", 0, 0, NULL, "", "rare features count more"},
        {"damp_counts", OPTION_SWITCH, AT(encoder.damp_counts), "true", 0, 0, NULL, "",
                "a feature seen k times counts 1 + ln k"},
        {"weight_outside", OPTION_NUMBER, WEIGHT(FEATURES_OUTSIDE), "0.5", 0, 100, NULL, "",
                "weight of the text before and behind the entities"},
        {"weight_between", OPTION_NUMBER, WEIGHT(FEATURES_BETWEEN), "1", 0, 100, NULL, "",
                "weight of the text between the entities"},
        {"weight_entity", OPTION_NUMBER, WEIGHT(FEATURES_ENTITY), "1", 0, 100, NULL, "",
                "weight of the entities' own text"},
        {"weight_beside", OPTION_NUMBER, WEIGHT(FEATURES_BESIDE), "1", 0, 100, NULL, "",
                "weight of the characters that touch an entity"},
        {"weight_frame", OPTION_NUMBER, WEIGHT(FEATURES_FRAME), "1", 0, 100, NULL, "",
                "weight of types, order and distance"},
};
