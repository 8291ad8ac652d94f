/* Rows of option tables that several neural models share; offsets are in struct neural_options. */
#ifndef WORKER_MODELS_NEURAL_ROWS_H
#define WORKER_MODELS_NEURAL_ROWS_H

#include "worker/models/neural_options.h"
#include "worker/vectors/vectors.h"
#include "schema/base/option.h"

#define NEURAL_AT(member) offsetof(struct neural_options, member)
#define NEURAL_NETWORK(member) NEURAL_AT(network.member)

/* clang-format off */
#define NEURAL_INPUT_ROWS \
	{"unit", OPTION_CHOICE, NEURAL_AT(tokens.unit), "syllable", 0, 0, token_units, "", \
		"what a token is; ngrams: a word and the character n-grams inside; bpe: byte pairs learned from the training rows"}, \
	{"ngram_min", OPTION_INTEGER, NEURAL_AT(tokens.ngram_min), "1", 1, 10, NULL, "characters", "shortest n-gram (ngrams)"}, \
	{"ngram_max", OPTION_INTEGER, NEURAL_AT(tokens.ngram_max), "4", 1, 10, NULL, "characters", "longest n-gram (ngrams)"}, \
	{"ngram_buckets", OPTION_INTEGER, NEURAL_AT(tokens.ngram_buckets), "50000", 1, 1e7, NULL, "", \
		"vectors that n-grams share by their hashes (ngrams)"}, \
	{"bpe_size", OPTION_INTEGER, NEURAL_AT(tokens.bpe_size), "4000", 0, 1e6, NULL, "", \
		"byte pairs to merge at most (bpe)"}, \
	{"marker", OPTION_CHOICE, NEURAL_AT(tokens.marker), "typed_punct", 0, 0, token_markers, "", \
		"how the entities are marked in the sentence"}, \
	{"token_min_count", OPTION_INTEGER, NEURAL_AT(tokens.min_count), "2", 1, 1000, NULL, "", \
		"tokens that the training rows have less often are unknown"}, \
	{"max_tokens", OPTION_INTEGER, NEURAL_AT(tokens.most), "160", 16, 1024, NULL, "tokens", \
		"longer sentences keep the part around their entities"}, \
	{"token_fold_case", OPTION_SWITCH, NEURAL_AT(tokens.fold_case), "true", 0, 0, NULL, "", \
		"capital letters count as small ones"}, \
	{"embedding_width", OPTION_INTEGER, NEURAL_NETWORK(embedding_width), "100", 4, VECTOR_WIDTH_MAX, NULL, "", "numbers per token"}, \
	{"position_width", OPTION_INTEGER, NEURAL_NETWORK(position_width), "10", 0, 128, NULL, "", \
		"numbers for the distance to each entity; 0 = none"}, \
	{"position_reach", OPTION_INTEGER, NEURAL_NETWORK(position_reach), "50", 1, 512, NULL, "tokens", \
		"farther distances are the same"}, \
	{"embedding_dropout", OPTION_NUMBER, NEURAL_NETWORK(embedding_dropout), "0.2", 0, 0.9, NULL, "", \
		"dropout of embedded tokens"}

#define NEURAL_TOKEN_ROWS \
	NEURAL_INPUT_ROWS, \
	{"word_dropout", OPTION_NUMBER, NEURAL_AT(word_dropout), "0.02", 0, 0.9, NULL, "", \
		"share of tokens made unknown in training"}, \
	{"hidden_dropout", OPTION_NUMBER, NEURAL_NETWORK(hidden_dropout), "0.5", 0, 0.9, NULL, "", \
		"dropout of the sentence's vector"}, \
	{"vectors_rate", OPTION_NUMBER, NEURAL_AT(vectors_rate), "1", 0, 100, NULL, "", \
		"step size of the tokens' vectors that --vectors begins, in that of the rest; 0 = they stay"}, \
	{"vectors_words", OPTION_INTEGER, NEURAL_AT(vectors_words), "20000", 0, 1e7, NULL, "words", \
		"of --vectors, the most frequent, known although the training rows lack them (word, ngrams)"}

#define NEURAL_STEP_ROWS(rate, warm) NEURAL_STEP_ROWS_OF(rate, warm, "0.99", "5", "32")

#define NEURAL_STEP_ROWS_OF(rate, warm, second, length, rows) \
	{"learning_rate", OPTION_NUMBER, NEURAL_AT(learning_rate), rate, 1e-8, 100, NULL, "", "largest step size"}, \
	{"optimizer", OPTION_CHOICE, NEURAL_AT(optimizer.kind), "adamw", 0, 0, optimizer_names, "", "how steps are made"}, \
	{"weight_decay", OPTION_NUMBER, NEURAL_AT(optimizer.weight_decay), "0.01", 0, 10, NULL, "", \
		"decay of weights (not of biases, gains and tables)"}, \
	{"momentum", OPTION_NUMBER, NEURAL_AT(optimizer.momentum), "0.9", 0, 0.9999, NULL, "", "of sgd"}, \
	{"beta1", OPTION_NUMBER, NEURAL_AT(optimizer.beta1), "0.9", 0, 0.9999, NULL, "", "of adam, adamw and lion"}, \
	{"beta2", OPTION_NUMBER, NEURAL_AT(optimizer.beta2), second, 0, 0.99999, NULL, "", "of adam, adamw and lion"}, \
	{"clip", OPTION_NUMBER, NEURAL_AT(optimizer.clip), length, 0, 1e6, NULL, "", "longest gradient; 0 = any"}, \
	{"schedule", OPTION_CHOICE, NEURAL_AT(schedule), "linear", 0, 0, schedule_names, "", \
		"how the step size changes over the epochs"}, \
	{"warmup", OPTION_NUMBER, NEURAL_AT(warmup), warm, 0, 0.9, NULL, "", "share of all steps in which the step size rises"}, \
	{"batch_size", OPTION_INTEGER, NEURAL_AT(batch_size), rows, 1, 4096, NULL, "rows", "rows per step"}, \
	{"threads", OPTION_INTEGER, NEURAL_AT(threads), "1", 1, 256, NULL, "", "of matrix products"}

#define NEURAL_TRAINING_ROWS(rate, warm, weights) NEURAL_STEP_ROWS(rate, warm), NEURAL_LOSS_ROWS(weights)

#define NEURAL_LOSS_ROWS(weights) \
	{"curriculum", OPTION_CHOICE, NEURAL_AT(curriculum.kind), "none", 0, 0, curriculum_names, "", \
		"easy rows first: few tokens, frequent tokens, or those with a small loss when last seen"}, \
	{"curriculum_pace", OPTION_CHOICE, NEURAL_AT(curriculum.pace), "competence", 0, 0, curriculum_paces, "", \
		"how the share of rows grows: along a square root, or evenly"}, \
	{"curriculum_start", OPTION_NUMBER, NEURAL_AT(curriculum.start), "0.1", 0.001, 1, NULL, "", \
		"share of the rows that a curriculum begins with"}, \
	{"curriculum_share", OPTION_NUMBER, NEURAL_AT(curriculum.share), "0.5", 0, 1, NULL, "", \
		"share of the epochs after which a curriculum has come to all rows"}, \
	{"loss", OPTION_CHOICE, NEURAL_AT(loss.kind), "cross_entropy", 0, 0, loss_names, "", "what is minimised"}, \
	{"label_smoothing", OPTION_NUMBER, NEURAL_AT(loss.smoothing), "0", 0, 0.9, NULL, "", \
		"share of the target given to all classes (cross_entropy)"}, \
	{"focal_gamma", OPTION_NUMBER, NEURAL_AT(loss.focus), "1", 0, 10, NULL, "", \
		"how much easy rows are passed over (focal)"}, \
	{"focal_alpha", OPTION_NUMBER, NEURAL_AT(class_weights.alpha), "0.5", 0.01, 0.99, NULL, "", \
		"weight of rows outside the most frequent class, whose rows weigh the rest (focal)"}, \
	{"r_drop", OPTION_NUMBER, NEURAL_AT(agreement), "0", 0, 20, NULL, "", \
		"how much two passes with other dropout should agree; 0 = one pass"}, \
	{"class_weights", OPTION_CHOICE, NEURAL_AT(class_weights.kind), weights, 0, 0, class_weights_names, "", \
		"what rows of rare classes weigh"}, \
	{"class_beta", OPTION_NUMBER, NEURAL_AT(class_weights.beta), "0.99", 0, 0.99999, NULL, "", "beta of effective_number"}, \
	{"average", OPTION_CHOICE, NEURAL_AT(average.kind), "none", 0, 0, average_names, "", \
		"what predicts: the last weights, their running mean, or the mean of late epochs"}, \
	{"average_decay", OPTION_NUMBER, NEURAL_AT(average.decay), "0.99", 0, 0.99999, NULL, "", "of the running mean (ema)"}, \
	{"swa_start", OPTION_NUMBER, NEURAL_AT(average.start), "0.75", 0, 1, NULL, "", \
		"share of the epochs before the mean begins (swa)"}

#define NEURAL_INIT_ROW \
	{"init", OPTION_TEXT, NEURAL_AT(init), "none", 0, 0, NULL, "", \
		"file of a pretrained encoder to begin with, see pretrain (bilstm, transformer); none = from scratch"}

#define NEURAL_HEAD_ROWS \
	{"head", OPTION_CHOICE, NEURAL_NETWORK(head), "linear", 0, 0, head_names, "", \
		"from the sentence's vector to the classes; lstm reads all tokens instead of pooling"}, \
	{"head_width", OPTION_INTEGER, NEURAL_NETWORK(head_width), "100", 2, 2048, NULL, "", \
		"units inside the mlp, or of the lstm per direction"}

#define NEURAL_CNN_ROWS(pooling) \
	{pooling, OPTION_CHOICE, NEURAL_NETWORK(body.piecewise), "piecewise", 0, 0, cnn_pooling_names, "", \
		"one maximum, or one before, between and behind the entities (cnn)"}, \
	{"filters", OPTION_INTEGER, NEURAL_NETWORK(body.filters), "230", 4, 2048, NULL, "", "filters (cnn)"}, \
	{"window", OPTION_INTEGER, NEURAL_NETWORK(body.window), "3", 1, 15, NULL, "tokens", "tokens a filter sees, odd (cnn)"}

#define NEURAL_POOLING_ROW(fallback) \
	{"pooling", OPTION_CHOICE, NEURAL_NETWORK(pooling), fallback, 0, 0, pool_names, "", \
		"what becomes the sentence's vector (bilstm, transformer)"}, \
	{"layer_dropout", OPTION_NUMBER, NEURAL_NETWORK(body.dropout), "0.1", 0, 0.9, NULL, "", \
		"dropout between layers (bilstm) or of their branches (transformer)"}

#define NEURAL_BILSTM_ROWS \
	{"units", OPTION_INTEGER, NEURAL_NETWORK(body.units), "128", 2, 1024, NULL, "", "units per direction (bilstm)"}, \
	{"lstm_layers", OPTION_INTEGER, NEURAL_NETWORK(body.lstm_layers), "1", 1, BODY_LAYERS_MAX, NULL, "", \
		"layers (bilstm)"}

#define NEURAL_TRANSFORMER_ROWS \
	{"width", OPTION_INTEGER, NEURAL_NETWORK(body.width), "128", 4, 1024, NULL, "", "numbers per token (transformer)"}, \
	{"heads", OPTION_INTEGER, NEURAL_NETWORK(body.heads), "4", 1, 32, NULL, "", \
		"attention heads; must divide the width (transformer)"}, \
	{"layers", OPTION_INTEGER, NEURAL_NETWORK(body.layers), "2", 1, BODY_LAYERS_MAX, NULL, "", "blocks (transformer)"}, \
	{"inner_width", OPTION_INTEGER, NEURAL_NETWORK(body.inner), "512", 4, 8192, NULL, "", \
		"inside the feed-forward half of a block (transformer)"}
/* clang-format on */

#endif
