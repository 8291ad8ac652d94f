/* Rows of option tables for models that look at sparse features. */
#ifndef WORKER_MODELS_ENCODER_ROWS_H
#define WORKER_MODELS_ENCODER_ROWS_H

#include "worker/features/encoder.h"
#include "schema/base/option.h"

/* clang-format off */
#define ENCODER_WEIGHT_ROW(AT, name, group, fallback, help) \
	{name, OPTION_NUMBER, AT(encoder.features.weights) + (group) * sizeof(double), fallback, 0, 100, NULL, "", help}
/* clang-format on */

/* AT(member) is the offset of a member of a struct that has a struct encoder_options called
 * encoder; `context` is what the option for the context is called, as a network's window is another
 * thing. */
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
	{"pattern_max", OPTION_INTEGER, AT(encoder.features.pattern_max), "3", 1, 6, NULL, "words", \
		"longest n-gram of the words between, entities as placeholders"}, \
	{"skip", OPTION_INTEGER, AT(encoder.features.skip), "8", 1, 32, NULL, "words", \
		"largest gap in pairs of words between"}, \
	{"near", OPTION_INTEGER, AT(encoder.features.near), "20", 0, 100, NULL, "characters", \
		"text outside the entities repeated under the pair of types; 0 = none"}, \
	{"join_types", OPTION_SWITCH, AT(encoder.features.join_types), "true", 0, 0, NULL, "", \
		"repeat the n-grams between the entities under the pair of types"}, \
	{"fold_case", OPTION_SWITCH, AT(encoder.features.fold_case), "true", 0, 0, NULL, "", \
		"capital letters count as small ones"}, \
	{"min_count", OPTION_INTEGER, AT(encoder.min_count), "2", 1, 1000, NULL, "rows", \
		"leave out features of fewer training rows"}, \
	{"idf", OPTION_SWITCH, AT(encoder.idf), "true", 0, 0, NULL, "", "rare features count more"}, \
	{"damp_counts", OPTION_SWITCH, AT(encoder.damp_counts), "true", 0, 0, NULL, "", \
		"a feature seen k times counts 1 + ln k"}, \
	ENCODER_WEIGHT_ROW(AT, "weight_outside", FEATURES_OUTSIDE, "0.5", \
		"weight of the text before and behind the entities"), \
	ENCODER_WEIGHT_ROW(AT, "weight_between", FEATURES_BETWEEN, "1", \
		"weight of the text between the entities"), \
	ENCODER_WEIGHT_ROW(AT, "weight_entity", FEATURES_ENTITY, "1", \
		"weight of the entities' own text"), \
	ENCODER_WEIGHT_ROW(AT, "weight_beside", FEATURES_BESIDE, "1", \
		"weight of the characters that touch an entity"), \
	ENCODER_WEIGHT_ROW(AT, "weight_frame", FEATURES_FRAME, "1", \
		"weight of types, order and distance"), \
	ENCODER_WEIGHT_ROW(AT, "weight_pattern", FEATURES_PATTERN, "0.5", "weight of n-grams of the words between; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_skip", FEATURES_SKIP, "0.3", "weight of pairs of words between; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_head", FEATURES_HEAD, "0.7", "weight of the entities' last words; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_shape", FEATURES_SHAPE, "1", \
		"weight of the entities' kinds of characters and likeness; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_typed", FEATURES_TYPED, "0.7", \
		"weight of the entities' own text under the pair of types; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_near", FEATURES_NEAR, "0.7", "weight of the text that --near names; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_class", FEATURES_CLASS, "0.7", \
		"weight of the entities' classes in the lexicon; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_class_pair", FEATURES_CLASS_PAIR, "1", "weight of pairs of classes; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_class_word", FEATURES_CLASS_WORD, "0.7", \
		"weight of classes with words between; 0 = none"), \
	ENCODER_WEIGHT_ROW(AT, "weight_vectors", FEATURES_VECTOR, "1", \
		"weight of what --vectors says of the sentence and its parts; 0 = none")
/* clang-format on */

#endif
