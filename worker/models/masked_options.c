#include "worker/models/masked_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "worker/models/neural_rows.h"

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

#define COUNT(table) (sizeof(table) / sizeof *(table))

const struct masked_kind masked_kinds[] = {
        {"transformer", "a transformer encoder", &body_transformer, transformer_table, COUNT(transformer_table)},
        {"bilstm", "bidirectional LSTM layers, hidden tokens guessed from both directions", &body_bilstm, bilstm_table,
                COUNT(bilstm_table)},
        {NULL, NULL, NULL, NULL, 0},
};
const char *const masked_names[] = {"transformer", "bilstm", NULL};

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
