#include "worker/tokenizers/sentence_pieces.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/tokenizers/protobuf.h"
#include "worker/tokenizers/unigram.h"

/* Numbers of fields: ModelProto; SentencePiece; TrainerSpec; NormalizerSpec. */
enum { MODEL_PIECE = 1, MODEL_TRAINER = 2, MODEL_NORMALIZER = 3 };
enum { PIECE_TEXT = 1, PIECE_SCORE = 2, PIECE_TYPE = 3 };
enum { TRAINER_MODEL_TYPE = 3 };
enum { NORMALIZER_CHARSMAP = 2, NORMALIZER_PREFIX = 3, NORMALIZER_ONE_BLANK = 4, NORMALIZER_ESCAPE = 5 };

/* Values: of a piece's type, of the model's type. */
enum { PIECE_NORMAL = 1, PIECE_BYTE = 6, MODEL_UNIGRAM = 1 };

struct model_reading {
	struct tokenizer *tokenizer;
	const struct json_source *source;
	size_t pieces; /* read so far, in the file's own numbers */
	uint64_t model_type;
	bool one_blank;
};

static int malformed(const struct model_reading *reading)
{
	return error_set(
	        reading->source->error, -EINVAL, "%s: it is cut or no model of SentencePiece", reading->source->file);
}

static int refuse(const struct model_reading *reading, const char *what)
{
	return error_set(reading->source->error, -EINVAL, "%s: %s", reading->source->file, what);
}

static int add_piece(struct model_reading *reading, const char *text, double score)
{
	struct word_model *model = &reading->tokenizer->model;
	int rc = unigram_add(model, text, score, reading->source->error);
	return rc == -EINVAL ? error_prefix(reading->source->error, rc, reading->source->file) : rc;
}

/* XLM-R has four tokens where the file has three. */
static int begin_pieces(struct model_reading *reading)
{
	static const char *const first[] = {"<s>", "<pad>", "</s>", "<unk>"};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < sizeof first / sizeof *first; i++)
		rc = add_piece(reading, first[i], 0);
	return rc;
}

static int take_piece(struct model_reading *reading, const char *text, double score, uint64_t type)
{
	static const char *const first[] = {"<unk>", "<s>", "</s>"};
	const size_t place = reading->pieces++;
	if (type == PIECE_BYTE)
		return refuse(reading, "pieces of single bytes are not supported");
	if (place >= sizeof first / sizeof *first)
		return add_piece(reading, text, score);
	if (strcmp(text, first[place]) != 0)
		return refuse(reading, "expected <unk>, <s> and </s> as the first three pieces, as XLM-R has them");
	return place == 0 ? begin_pieces(reading) : 0;
}

static float float_of(uint64_t bits)
{
	const uint32_t low = (uint32_t)bits;
	float value;
	memcpy(&value, &low, sizeof value);
	return value;
}

static int read_piece(struct model_reading *reading, struct protobuf message)
{
	struct protobuf_field field;
	struct protobuf text = {"", ""};
	uint64_t type = PIECE_NORMAL;
	float score = 0;
	int rc;
	while ((rc = protobuf_next(&field, &message)) == 0) {
		if (field.number == PIECE_TEXT && field.wire == PROTOBUF_BYTES)
			text = field.bytes;
		else if (field.number == PIECE_SCORE && field.wire == PROTOBUF_FIXED32)
			score = float_of(field.value);
		else if (field.number == PIECE_TYPE && field.wire == PROTOBUF_VARINT)
			type = field.value;
	}
	if (rc < 0)
		return malformed(reading);
	char *copy = memory_strndup(text.at, (size_t)(text.end - text.at));
	rc = copy ? take_piece(reading, copy, (double)score, type) : error_no_memory(reading->source->error);
	memory_free(copy);
	return rc;
}

static int read_trainer(struct model_reading *reading, struct protobuf message)
{
	struct protobuf_field field;
	int rc;
	while ((rc = protobuf_next(&field, &message)) == 0)
		if (field.number == TRAINER_MODEL_TYPE && field.wire == PROTOBUF_VARINT)
			reading->model_type = field.value;
	return rc < 0 ? malformed(reading) : 0;
}

static int read_charsmap(struct model_reading *reading, const struct protobuf *bytes)
{
	struct normal_step *step = normalizer_add(&reading->tokenizer->normalizer, NORMAL_CHARSMAP);
	if (!step)
		return malformed(reading);
	int rc = charsmap_read(&step->charsmap, bytes->at, (size_t)(bytes->end - bytes->at));
	return rc == -EINVAL ? refuse(reading, "its precompiled_charsmap is cut or damaged") : rc;
}

static int read_normalizer(struct model_reading *reading, struct protobuf message)
{
	struct splitter *splitter = &reading->tokenizer->splitter;
	struct protobuf_field field;
	int rc;
	while ((rc = protobuf_next(&field, &message)) == 0) {
		if (field.number == NORMALIZER_CHARSMAP && field.wire == PROTOBUF_BYTES &&
		        field.bytes.at < field.bytes.end) {
			rc = read_charsmap(reading, &field.bytes);
			if (rc < 0)
				return rc;
		} else if (field.number == NORMALIZER_PREFIX && field.wire == PROTOBUF_VARINT) {
			splitter->prefix = field.value != 0;
		} else if (field.number == NORMALIZER_ONE_BLANK && field.wire == PROTOBUF_VARINT) {
			reading->one_blank = field.value != 0;
		} else if (field.number == NORMALIZER_ESCAPE && field.value == 0) {
			return refuse(reading, "models that do not escape white space are not supported");
		}
	}
	return rc < 0 ? malformed(reading) : 0;
}

/* Blanks at the ends go, and runs of them become one: after the replacements. */
static int end_normalizer(struct model_reading *reading)
{
	struct normalizer *normalizer = &reading->tokenizer->normalizer;
	if (!reading->one_blank)
		return 0;
	struct normal_step *strip = normalizer_add(normalizer, NORMAL_STRIP);
	struct normal_step *collapse = normalizer_add(normalizer, NORMAL_COLLAPSE);
	if (!strip || !collapse)
		return malformed(reading);
	strip->left = strip->right = true;
	collapse->content = memory_strdup(" ");
	return collapse->content ? 0 : -ENOMEM;
}

static int read_fields(struct model_reading *reading, struct protobuf message)
{
	struct protobuf_field field;
	int rc;
	while ((rc = protobuf_next(&field, &message)) == 0) {
		if (field.wire != PROTOBUF_BYTES)
			continue;
		if (field.number == MODEL_PIECE)
			rc = read_piece(reading, field.bytes);
		else if (field.number == MODEL_TRAINER)
			rc = read_trainer(reading, field.bytes);
		else if (field.number == MODEL_NORMALIZER)
			rc = read_normalizer(reading, field.bytes);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? malformed(reading) : 0;
}

int sentence_pieces_read(struct tokenizer *tokenizer, const struct json_source *source, const struct protobuf *bytes)
{
	struct model_reading reading = {tokenizer, source, 0, MODEL_UNIGRAM, true};
	tokenizer->splitter = (struct splitter){.mark = WORD_METASPACE, .prefix = true, .apart = true};
	int rc = read_fields(&reading, *bytes);
	if (rc == 0 && reading.model_type != MODEL_UNIGRAM)
		rc = refuse(&reading, "expected a unigram model (model_type 1)");
	if (rc == 0 && reading.pieces < 3)
		rc = malformed(&reading);
	if (rc == 0)
		rc = end_normalizer(&reading);
	if (rc == 0)
		rc = add_piece(&reading, "<mask>", 0);
	if (rc == 0)
		rc = unigram_init(&tokenizer->model, 3, source->error);
	return rc == -ENOMEM ? error_no_memory(source->error) : rc;
}
