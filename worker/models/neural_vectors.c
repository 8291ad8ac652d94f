#include "worker/models/neural_vectors.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/text/marked_sentence.h"
#include "worker/vectors/vectors.h"

/* Standard deviation of a table's numbers: that of a table that begins by chance. */
#define TABLE_SD 0.1f

static bool has_words(const struct neural *neural)
{
	const int unit = neural->source.options.unit;
	return unit == TOKEN_UNIT_WORD || unit == TOKEN_UNIT_NGRAMS;
}

int neural_vectors_add_words(struct neural *neural)
{
	const struct vectors *vectors = neural->setup.vectors;
	const size_t most = (size_t)neural->options->vectors_words;
	uint32_t column;
	int rc = 0;
	if (!vectors || neural->source.tokenizer || !has_words(neural))
		return 0;
	for (size_t i = 0; rc == 0 && i < vectors->words.count && i < most; i++)
		rc = vocabulary_add(&column, &neural->source.inventory.names, vectors->words.keys[i]);
	return rc;
}

struct beginning {
	struct neural *neural;
	float *mean; /* (width) scratch, owned */
	bool *begun; /* (tokens) has its vector, or was looked for in vain; owned */
	bool failed;
};

static void put(struct beginning *beginning, uint32_t column, const float *values)
{
	const struct neural *neural = beginning->neural;
	const size_t width = neural->setup.vectors->width;
	real *row = parameters_value(&neural->parameters, neural->network.input.embedding) +
	            (TOKEN_FIRST + (size_t)column) * width;
	for (size_t k = 0; k < width; k++)
		row[k] = (real)(TABLE_SD * values[k]);
}

/* A token as it is written; byte pairs say where a word ends. */
static void note(void *context, uint64_t name, const char *bytes, size_t length)
{
	static const char end[] = "</w>";
	struct beginning *beginning = context;
	const struct neural *neural = beginning->neural;
	const uint32_t column = vocabulary_find(&neural->source.inventory.names, name);
	if (column == VOCABULARY_ABSENT || beginning->begun[column])
		return;
	if (length > strlen(end) && memcmp(bytes + length - strlen(end), end, strlen(end)) == 0)
		length -= strlen(end);
	beginning->begun[column] = true;
	const int rc = vectors_mean(beginning->mean, neural->setup.vectors, bytes, length);
	if (rc == 1)
		put(beginning, column, beginning->mean);
	beginning->failed |= rc < 0;
}

static int begin_from_rows(struct beginning *beginning, const struct text_rows *rows)
{
	const struct token_source *source = &beginning->neural->source;
	struct token_view view = {.note = note, .note_context = beginning, .merges = &source->inventory.merges};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < rows->count; i++)
		rc = marked_sentence_read(&view, &source->options, &rows->rows[i]);
	token_view_finish(&view);
	return beginning->failed ? -ENOMEM : rc;
}

/* Words that no row has. */
static void begin_from_words(struct beginning *beginning)
{
	const struct neural *neural = beginning->neural;
	const struct vectors *vectors = neural->setup.vectors;
	for (size_t i = 0; has_words(neural) && i < vectors->words.count; i++) {
		const uint32_t column = vocabulary_find(&neural->source.inventory.names, vectors->words.keys[i]);
		if (column != VOCABULARY_ABSENT && !beginning->begun[column])
			put(beginning, column, vectors->values + vectors->rows[i] * vectors->width);
	}
}

/* A word is its vector alone: what chance would add for its n-grams has to be learned first. */
static void clear_grams(const struct neural *neural)
{
	const struct input *input = &neural->network.input;
	if (input->options.grams > 0)
		memset(parameters_value(&neural->parameters, input->grams), 0,
		        input->options.grams * input->options.embedding_width * sizeof(real));
}

int neural_vectors_begin(struct neural *neural, const struct text_rows *rows)
{
	const struct vectors *vectors = neural->setup.vectors;
	struct beginning beginning = {.neural = neural};
	if (!vectors || neural->source.tokenizer)
		return 0;
	assert(vectors->width == neural->network.input.options.embedding_width);
	beginning.mean = memory_alloc(vectors->width, sizeof *beginning.mean);
	beginning.begun = memory_alloc(neural->source.inventory.names.count, sizeof *beginning.begun);
	int rc = beginning.mean && beginning.begun ? begin_from_rows(&beginning, rows) : -ENOMEM;
	if (rc == 0) {
		begin_from_words(&beginning);
		clear_grams(neural);
		neural->parameters.tensors[neural->network.input.embedding].rate = neural->options->vectors_rate;
	}
	memory_free(beginning.mean);
	memory_free(beginning.begun);
	return rc;
}
