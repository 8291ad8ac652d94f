/* Rows of option tables for models that look at sparse features. */
#ifndef WORKER_MODELS_ENCODER_OPTIONS_H
#define WORKER_MODELS_ENCODER_OPTIONS_H

#include "worker/models/encoder.h"
#include "worker/models/option.h"

/* AT(member) is the offset of a member of a struct that has a struct encoder_options called encoder; `context` is what the option
 * for the context is called, as a network's window is another thing. */
/* clang-format off */
#define ENCODER_OPTION_ROWS(AT, context) \
	{"char_min", OPTION_INTEGER, AT(encoder.features.char_min), "1", 1, 10, NULL, "characters", "shortest character n-gram"}, \
	{"char_max", OPTION_INTEGER, AT(encoder.features.char_max), "4", 0, 10, NULL, "characters", \
		"longest character n-gram; 0 = none"}, \
	{"word_max", OPTION_INTEGER, AT(encoder.features.word_max), "2", 0, 4, NULL, "words", "longest word n-gram; 0 = none"}, \
	{"entity_max", OPTION_INTEGER, AT(encoder.features.entity_max), "5", 0, 10, NULL, "characters", \
		"longest n-gram inside an entity"}, \
	{"beside", OPTION_INTEGER, AT(encoder.features.beside), "6", 0, 20, NULL, "characters", \
		"longest run that touches an entity"}, \
	{context, OPTION_INTEGER, AT(encoder.features.window), "0", 0, 1000, NULL, "characters", \
		"context kept outside the entities; 0 = all"}, \
	{"join_types", OPTION_SWITCH, AT(encoder.features.join_types), "true", 0, 0, NULL, "", \
		"repeat the n-grams between the entities under the pair of types"}, \
	{"fold_case", OPTION_SWITCH, AT(encoder.features.fold_case), "true", 0, 0, NULL, "", \
		"capital letters count as small ones"}, \
	{"min_count", OPTION_INTEGER, AT(encoder.min_count), "2", 1, 1000, NULL, "rows", \
		"leave out features of fewer training rows"}, \
	{"idf", OPTION_SWITCH, AT(encoder.idf), "true", 0, 0, NULL, "", "rare features count more"}, \
	{"damp_counts", OPTION_SWITCH, AT(encoder.damp_counts), "true", 0, 0, NULL, "", \
		"a feature seen k times counts 1 + ln k"}, \
	{"weight_outside", OPTION_NUMBER, AT(encoder.weights) + FEATURES_OUTSIDE * sizeof(double), "0.5", 0, 100, NULL, "", \
		"weight of the text before and behind the entities"}, \
	{"weight_between", OPTION_NUMBER, AT(encoder.weights) + FEATURES_BETWEEN * sizeof(double), "1", 0, 100, NULL, "", \
		"weight of the text between the entities"}, \
	{"weight_entity", OPTION_NUMBER, AT(encoder.weights) + FEATURES_ENTITY * sizeof(double), "1", 0, 100, NULL, "", \
		"weight of the entities' own text"}, \
	{"weight_beside", OPTION_NUMBER, AT(encoder.weights) + FEATURES_BESIDE * sizeof(double), "1", 0, 100, NULL, "", \
		"weight of the characters that touch an entity"}, \
	{"weight_frame", OPTION_NUMBER, AT(encoder.weights) + FEATURES_FRAME * sizeof(double), "1", 0, 100, NULL, "", \
		"weight of types, order and distance"}
/* clang-format on */

#endif
