#include "worker/tokenizers/unigram.h"

#include <math.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"

/* What an unknown code point costs more than the least likely piece. */
static const double unknown_price = 10.0;

int unigram_add(struct word_model *model, const char *text, double score, struct error *error)
{
	const size_t id = model->pieces.count;
	if (strlen(text) > UNIGRAM_PIECE_MAX || !utf8_valid(text, strlen(text)))
		return error_set(error, -EINVAL, "piece %zu is no text of at most %d bytes", id, UNIGRAM_PIECE_MAX);
	if (!isfinite(score))
		return error_set(error, -EINVAL, "piece %zu: its score is not a number", id);
	if (id >= PIECES_MAX)
		return error_set(error, -EINVAL, "there are more than %d pieces", PIECES_MAX);
	if (array_reserve(model->scores, &model->score_capacity, id + 1) < 0)
		return error_no_memory(error);
	model->scores[id] = score;
	model->least = id == 0 || score < model->least ? score : model->least;
	return piece_list_put(&model->pieces, (int)id, text) < 0 ? error_no_memory(error) : 0;
}

int unigram_init(struct word_model *model, int unknown, struct error *error)
{
	if (unknown < 0 || (size_t)unknown >= model->pieces.count)
		return error_set(
		        error, -EINVAL, "the unknown token %d is none of %zu pieces", unknown, model->pieces.count);
	model->class = &unigram_class;
	model->unknown = unknown;
	return 0;
}

/* The best way to a place: its last piece begins at `from`. */
struct step {
	double score;
	uint32_t from;
	int id; /* PIECE_NONE = none leads here yet */
};

static void offer(struct step *step, double score, uint32_t from, int id)
{
	if (step->id == PIECE_NONE || score > step->score)
		*step = (struct step){score, from, id};
}

/* Goes on from a place, which some way leads to, by every piece that begins there. */
static void go_on(struct step *steps, const struct word_model *model, const struct aligned_span *word, uint32_t from)
{
	const char *after = word->bytes + from, *const end = word->bytes + word->length;
	utf8_next(&after, end);
	const size_t single = (size_t)(after - word->bytes);
	bool known = false;
	uint32_t node = TRIE_ROOT;
	for (size_t i = from; i < word->length; i++) {
		node = piece_trie_step(&model->pieces.trie, node, (unsigned char)word->bytes[i]);
		if (node == TRIE_NOWHERE)
			break;
		const int id = piece_trie_id(&model->pieces.trie, node);
		if (id == PIECE_NONE)
			continue;
		offer(&steps[i + 1], steps[from].score + model->scores[id], from, id);
		known |= i + 1 == single;
	}
	if (!known)
		offer(&steps[single], steps[from].score + model->least - unknown_price, from, model->unknown);
}

static void find_best(struct step *steps, const struct word_model *model, const struct aligned_span *word)
{
	steps[0] = (struct step){0, 0, 0};
	for (size_t i = 1; i <= word->length; i++)
		steps[i].id = PIECE_NONE;
	for (const char *at = word->bytes, *end = at + word->length; at < end;) {
		const char *const here = at;
		utf8_next(&at, end);
		go_on(steps, model, word, (uint32_t)(here - word->bytes));
	}
}

/* Turns the way round: each step then leads to the place where its piece ends. */
static void turn(struct step *steps, size_t end)
{
	int id = PIECE_NONE;
	uint32_t next = 0;
	for (uint32_t at = (uint32_t)end;;) {
		const struct step step = steps[at];
		steps[at] = (struct step){0, next, id};
		if (at == 0)
			return;
		next = at;
		id = step.id;
		at = step.from;
	}
}

static int add_pieces(struct token_pieces *out, const struct step *steps, const struct word_model *model,
        const struct aligned_span *word)
{
	int rc = 0;
	for (size_t at = 0; rc == 0 && at < word->length;) {
		const int id = steps[at].id;
		size_t end = steps[at].from;
		while (id == model->unknown && end < word->length && steps[end].id == id)
			end = steps[end].from;
		const struct aligned_span part = {word->bytes + at, word->origins + at, end - at};
		rc = token_pieces_add(out, id, aligned_span_origin(&part));
		at = end;
	}
	return rc;
}

static int encode(struct token_pieces *out, const struct word_model *model, const struct aligned_span *word)
{
	enum { MOST = 128 }; /* of longer words the steps are on the heap */
	struct step some[MOST + 1], *steps = some;
	if (word->length > MOST)
		steps = memory_alloc(word->length + 1, sizeof *steps);
	if (!steps)
		return -ENOMEM;
	find_best(steps, model, word);
	turn(steps, word->length);
	int rc = add_pieces(out, steps, model, word);
	if (steps != some)
		memory_free(steps);
	return rc;
}

const struct word_model_class unigram_class = {"Unigram", encode};
