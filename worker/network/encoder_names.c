#include "worker/network/encoder_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the columns of `rows` below. */
static const struct encoder_family families[] = {
        {"bert", "bert.", "Bert", true, false, false, ACTIVATION_TANH},
        {"roberta", "roberta.", "Roberta", true, true, true, ACTIVATION_TANH},
        {"xlm-roberta", "roberta.", "XLMRoberta", true, true, true, ACTIVATION_TANH},
        {"electra", "electra.", "Electra", true, false, true, ACTIVATION_GELU},
        {"distilbert", "distilbert.", "DistilBert", false, false, false, ACTIVATION_RELU},
};

enum name_style { BERT, ROBERTA, ELECTRA, DISTILBERT, STYLE_COUNT };

static const enum name_style styles[] = {BERT, ROBERTA, ROBERTA, ELECTRA, DISTILBERT};

const struct encoder_family *encoder_family_find(const char *model_type)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strcmp(families[i].name, model_type) == 0)
			return &families[i];
	return NULL;
}

/* Our name without what the tensor is ("weight", "gain", "bias"), and theirs; NULL = as BERT's. */
struct name_row {
	const char *ours;
	enum encoder_part part;
	const char *theirs[STYLE_COUNT];
};

static const struct name_row rows[] = {
        {"words", ENCODER_PART_BODY, {"embeddings.word_embeddings"}},
        {"places", ENCODER_PART_BODY, {"embeddings.position_embeddings"}},
        {"types", ENCODER_PART_BODY, {"embeddings.token_type_embeddings"}},
        {"embeddings.norm", ENCODER_PART_BODY, {"embeddings.LayerNorm"}},
        {"embeddings.project", ENCODER_PART_BODY, {"embeddings_project"}},
        {"hidden", ENCODER_PART_HEAD, {"pooler.dense", "classifier.dense", "classifier.dense", "pre_classifier"}},
        {"out", ENCODER_PART_HEAD, {"classifier", "classifier.out_proj", "classifier.out_proj", "classifier"}},
        {"masked", ENCODER_PART_GUESSES,
                {"cls.predictions.transform.dense", "lm_head.dense", "generator_predictions.dense", "vocab_transform"}},
        {"masked.norm", ENCODER_PART_GUESSES,
                {"cls.predictions.transform.LayerNorm", "lm_head.layer_norm", "generator_predictions.LayerNorm",
                        "vocab_layer_norm"}},
        {"masked.scores", ENCODER_PART_GUESSES, {"cls.predictions", "lm_head", "generator_lm_head", "vocab_projector"}},
};

/* Within a block; queries, keys and values are three. */
static const struct {
	const char *ours, *theirs[2][ENCODER_PIECES_MAX]; /* BERT's, DistilBERT's */
} block_rows[] = {
        {"qkv", {{"attention.self.query", "attention.self.key", "attention.self.value"},
                        {"attention.q_lin", "attention.k_lin", "attention.v_lin"}}},
        {"project", {{"attention.output.dense"}, {"attention.out_lin"}}},
        {"norm1", {{"attention.output.LayerNorm"}, {"sa_layer_norm"}}},
        {"inner", {{"intermediate.dense"}, {"ffn.lin1"}}},
        {"outer", {{"output.dense"}, {"ffn.lin2"}}},
        {"norm2", {{"output.LayerNorm"}, {"output_layer_norm"}}},
};

static enum name_style style_of(const struct encoder_family *family)
{
	return styles[family - families];
}

/* Length of our name without its last word; *bias = that word is "bias". */
static size_t stem_of(bool *bias, const char *name)
{
	const char *dot = strrchr(name, '.');
	*bias = dot && strcmp(dot, ".bias") == 0;
	return dot && (*bias || strcmp(dot, ".weight") == 0 || strcmp(dot, ".gain") == 0) ? (size_t)(dot - name)
	                                                                                  : strlen(name);
}

static bool is(const char *word, const char *name, size_t length)
{
	return strlen(word) == length && memcmp(word, name, length) == 0;
}

static size_t block_pieces(struct encoder_piece pieces[ENCODER_PIECES_MAX], const struct encoder_family *family,
        const struct tensor *tensor, const char *name)
{
	const bool distilled = style_of(family) == DISTILBERT;
	const unsigned long layer = strtoul(tensor->name + strlen("block"), NULL, 10);
	bool bias;
	const size_t length = stem_of(&bias, name);
	size_t count = 0;
	for (size_t i = 0; i < sizeof block_rows / sizeof *block_rows; i++) {
		const char *const *theirs = block_rows[i].theirs[distilled];
		while (is(block_rows[i].ours, name, length) && count < ENCODER_PIECES_MAX && theirs[count]) {
			pieces[count] = (struct encoder_piece){.prefixed = true, .part = ENCODER_PART_BODY};
			snprintf(pieces[count].name, sizeof pieces->name, "%s.layer.%lu.%s.%s",
			        distilled ? "transformer" : "encoder", layer, theirs[count], bias ? "bias" : "weight");
			count++;
		}
	}
	for (size_t i = 0; i < count; i++)
		pieces[i].rows = tensor->rows / count;
	return count;
}

size_t encoder_pieces(struct encoder_piece pieces[ENCODER_PIECES_MAX], const struct encoder_family *family,
        const struct tensor *tensor)
{
	const char *dot = strchr(tensor->name, '.');
	if (dot && strncmp(tensor->name, "block", strlen("block")) == 0)
		return block_pieces(pieces, family, tensor, dot + 1);
	const enum name_style style = style_of(family);
	bool bias;
	const size_t length = stem_of(&bias, tensor->name);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!is(rows[i].ours, tensor->name, length))
			continue;
		const char *theirs = rows[i].theirs[style] ? rows[i].theirs[style] : rows[i].theirs[BERT];
		*pieces = (struct encoder_piece){.part = rows[i].part, .rows = tensor->rows};
		pieces->prefixed =
		        rows[i].part == ENCODER_PART_BODY || (style == BERT && strcmp(rows[i].ours, "hidden") == 0);
		snprintf(pieces->name, sizeof pieces->name, "%s.%s", theirs, bias ? "bias" : "weight");
		return 1;
	}
	return 0;
}

/* Replaces the end of a name that has the length of `with` at most after it. */
static void replace_end(char *name, const char *old, const char *with)
{
	const size_t length = strlen(name), old_length = strlen(old);
	if (length >= old_length && strcmp(name + length - old_length, old) == 0 &&
	        length - old_length + strlen(with) < TENSOR_NAME_BYTES)
		memcpy(name + length - old_length, with, strlen(with) + 1);
}

void encoder_name_plain(char out[TENSOR_NAME_BYTES], const struct encoder_family *family, const char *name)
{
	const size_t prefix = strlen(family->prefix);
	snprintf(out, TENSOR_NAME_BYTES, "%s", strncmp(name, family->prefix, prefix) == 0 ? name + prefix : name);
	replace_end(out, ".gamma", ".weight");
	replace_end(out, ".beta", ".bias");
}

bool encoder_name_is_spare(const char *plain)
{
	static const char *const spare[] = {"embeddings.position_ids", "embeddings.token_type_ids",
	        "cls.predictions.decoder.weight", "cls.predictions.decoder.bias", "lm_head.decoder.weight",
	        "lm_head.decoder.bias", "generator_lm_head.weight", "vocab_projector.weight"};
	for (size_t i = 0; i < sizeof spare / sizeof *spare; i++)
		if (strcmp(plain, spare[i]) == 0)
			return true;
	return false;
}
