#include "worker/models/masked_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "worker/models/neural_rows.h"
#include "worker/tokenizers/marked_text.h"

#define MASKED_ROWS                                                                                                    \
	{                                                                                                              \
		"mask_share", OPTION_NUMBER, offsetof(struct masked_options, share), "0.15", 0.01, 0.9, NULL, "",      \
		        "share of a sentence's tokens to hide and guess"                                               \
	}

#define LAYER_DROPOUT_ROW(of)                                                                                          \
	{                                                                                                              \
		"layer_dropout", OPTION_NUMBER, NEURAL_NETWORK(body.dropout), "0.1", 0, 0.9, NULL, "", of              \
	}

static const struct option transformer_table[] = {
        NEURAL_INPUT_ROWS,
        LAYER_DROPOUT_ROW("dropout of the layers' branches"),
        NEURAL_TRANSFORMER_ROWS,
        NEURAL_STEP_ROWS("0.002", "0.1"),
        MASKED_ROWS,
};

static const struct option bilstm_table[] = {
        NEURAL_INPUT_ROWS,
        LAYER_DROPOUT_ROW("dropout between layers"),
        NEURAL_BILSTM_ROWS,
        NEURAL_STEP_ROWS("0.003", "0.05"),
        MASKED_ROWS,
};

static const struct option encoder_table[] = {
        {"init", OPTION_TEXT, NEURAL_AT(init), NULL, 0, 0, NULL, "DIR",
                "folder of the pretrained encoder, in Hugging Face's layout [KRE_FILE_ENCODER]"},
        {"marker", OPTION_CHOICE, NEURAL_AT(tokens.marker), "typed_punct", 0, 0, marked_text_markers, "",
                "how the entities of --data are marked in the sentence"},
        {"max_tokens", OPTION_INTEGER, NEURAL_AT(tokens.most), "128", 16, 8192, NULL, "tokens",
                "longer sentences keep the part around their entities"},
        {"layer_dropout", OPTION_NUMBER, NEURAL_NETWORK(body.dropout), "0.1", 0, 0.9, NULL, "",
                "dropout of the embedded tokens and inside the layers (the folder's, if not given)"},
        {"attention_dropout", OPTION_NUMBER, NEURAL_NETWORK(body.encoder.attention_dropout), "0.1", 0, 0.9, NULL, "",
                "dropout of attention's weights (the folder's, if not given)"},
        NEURAL_STEP_ROWS_OF("5e-05", "0.1", "0.999", "1", "16"),
        MASKED_ROWS,
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

const struct masked_kind masked_kinds[] = {
        {"transformer", "a transformer encoder", &body_transformer, false, transformer_table, COUNT(transformer_table)},
        {"bilstm", "bidirectional LSTM layers, hidden tokens guessed from both directions", &body_bilstm, false,
                bilstm_table, COUNT(bilstm_table)},
        {"encoder", "a pretrained encoder (BERT, RoBERTa, XLM-R, ELECTRA, DistilBERT) goes on, on your sentences",
                &body_encoder, true, encoder_table, COUNT(encoder_table)},
        {NULL, NULL, NULL, false, NULL, 0},
};
const char *const masked_names[] = {"transformer", "bilstm", "encoder", NULL};

/* Options that are saved with the encoder. How entities are marked and where sentences are cut may
 * differ in the model. */
static const struct {
	const char *name;
	bool fixed;
} remembered[] = {{"unit", true}, {"ngram_min", true}, {"ngram_max", true}, {"ngram_buckets", true}, {"bpe_size", true},
        {"marker", false}, {"token_min_count", true}, {"max_tokens", false}, {"token_fold_case", true},
        {"embedding_width", true}, {"position_width", true}, {"position_reach", true}, {"units", true},
        {"lstm_layers", true}, {"width", true}, {"heads", true}, {"layers", true}, {"inner_width", true}};

static int set_trait(struct masked_trait *out, const struct option_group *group, const struct option *option)
{
	struct text value = TEXT_NULL;
	option_print(group, option, &value);
	snprintf(out->value, sizeof out->value, "%s", text_string(&value));
	const bool failed = value.failed;
	text_finish(&value);
	return failed ? -ENOMEM : 1;
}

int masked_trait(
        struct masked_trait *out, const struct masked_kind *kind, const struct masked_options *options, size_t i)
{
	struct masked_options values = *options;
	const struct option_group group = {"", kind->options, kind->option_count, &values};
	if (i == 0) {
		*out = (struct masked_trait){.name = "model", .fixed = true};
		snprintf(out->value, sizeof out->value, "%s", kind->name);
		return 1;
	}
	for (size_t j = 0; j < COUNT(remembered); j++) {
		const struct option *option = option_find(&group, remembered[j].name, strlen(remembered[j].name));
		if (!option || --i > 0)
			continue;
		*out = (struct masked_trait){.name = remembered[j].name, .fixed = remembered[j].fixed};
		return set_trait(out, &group, option);
	}
	return 0;
}
