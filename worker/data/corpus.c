#include "worker/data/corpus.h"

#include <assert.h>
#include <string.h>

#include "schema/base/rng.h"
#include "schema/base/utf8.h"
#include "worker/data/grammar.h"

#define NAME_BYTES 96
#define HANGUL_FIRST 0xac00u
#define HANGUL_LAST 0xd7a3u
#define BYSTANDER_SHARE 0.8 /* chance of a clause about others, on either side */
#define NEUTRAL_SHARE 0.25  /* of the rows without relation: both names in one clause that says nothing */

/* A name and where the sentence has it. */
struct mention {
	enum name_kind kind;
	char word[NAME_BYTES];
	size_t start; /* code points; set once it has been written */
	bool placed;
};

/* A sentence under construction. */
struct draft {
	struct rng *rng;
	double typos;
	struct text sentence;
	size_t length; /* code points */
	struct mention subject, object;
	uint32_t last; /* the newest code point */
};

static bool chance(struct draft *draft, double probability)
{
	return rng_uniform(draft->rng) < probability;
}

static size_t count_words(const char *const *list)
{
	size_t count = 0;
	while (list[count])
		count++;
	return count;
}

static const char *pick(struct rng *rng, const char *const *list)
{
	assert(list[0]);
	return list[rng_below(rng, count_words(list))];
}

static void draw_name(struct mention *out, struct rng *rng, enum name_kind kind)
{
	*out = (struct mention){.kind = kind};
	for (size_t part = 0; part < NAME_PARTS && name_rules[kind].parts[part]; part++)
		strncat(out->word, pick(rng, name_rules[kind].parts[part]), NAME_BYTES - 1 - strlen(out->word));
}

static void write_text(struct draft *draft, const char *bytes, size_t length)
{
	const char *at = bytes, *end = bytes + length;
	while (at < end) {
		draft->last = utf8_next(&at, end);
		draft->length++;
	}
	text_append_bytes(&draft->sentence, bytes, length);
}

static void write_mention(struct draft *draft, struct mention *mention)
{
	if (!mention->placed)
		mention->start = draft->length;
	mention->placed = true;
	write_text(draft, mention->word, strlen(mention->word));
}

/* Hangul syllables stand in blocks of 28: the first of each block has no final consonant. */
static bool has_final_consonant(uint32_t code)
{
	return code >= HANGUL_FIRST && code <= HANGUL_LAST && (code - HANGUL_FIRST) % 28 != 0;
}

/* `at` is after "[" and two particles, of which one is written; the second is a single syllable.
 * Returns the place after "]". */
static const char *write_particle(struct draft *draft, const char *at)
{
	const char *close = strchr(at, ']');
	assert(close && close - at >= 2);
	const char *second = close;
	while ((*--second & 0xc0) == 0x80)
		;
	if (has_final_consonant(draft->last))
		write_text(draft, at, (size_t)(second - at));
	else
		write_text(draft, second, (size_t)(close - second));
	return close + 1;
}

static void write_slot(struct draft *draft, char slot)
{
	static const struct {
		char slot;
		enum name_kind kind;
	} others[] = {{'p', NAME_PERSON}, {'g', NAME_COMPANY}, {'l', NAME_PLACE}, {'d', NAME_DATE}, {'t', NAME_TITLE}};
	struct mention other;
	if (slot == 's' || slot == 'o') {
		write_mention(draft, slot == 's' ? &draft->subject : &draft->object);
		return;
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (others[i].slot != slot)
			continue;
		draw_name(&other, draft->rng, others[i].kind);
		write_text(draft, other.word, strlen(other.word));
	}
}

/* Plain words of a clause, some of their syllables mistyped. */
static void write_words(struct draft *draft, const char *at, const char *end)
{
	while (at < end) {
		const char *start = at;
		uint32_t code = utf8_next(&at, end);
		char wrong[4];
		if (code >= HANGUL_FIRST && code <= HANGUL_LAST && chance(draft, draft->typos)) {
			code = HANGUL_FIRST + (uint32_t)rng_below(draft->rng, HANGUL_LAST - HANGUL_FIRST + 1);
			write_text(draft, wrong, utf8_encode(code, wrong));
		} else {
			write_text(draft, start, (size_t)(at - start));
		}
	}
}

static void write_clause(struct draft *draft, const char *clause)
{
	while (*clause) {
		size_t plain = strcspn(clause, "{[");
		write_words(draft, clause, clause + plain);
		clause += plain;
		if (*clause == '{') {
			write_slot(draft, clause[1]);
			clause += 3;
		} else if (*clause == '[') {
			clause = write_particle(draft, clause + 1);
		}
	}
	write_text(draft, ". ", 2);
}

/* A clause about other names; the row's own mentions are put aside meanwhile. */
static void write_bystander(struct draft *draft)
{
	const struct relation_rule *rule = &relation_rules[rng_below(draft->rng, relation_rule_count)];
	struct mention subject = draft->subject, object = draft->object;
	draw_name(&draft->subject, draft->rng, rule->subject);
	draw_name(&draft->object, draft->rng, rule->object);
	write_clause(draft, pick(draft->rng, rule->clauses));
	draft->subject = subject;
	draft->object = object;
}

static const struct relation_rule *draw_rule(struct rng *rng)
{
	double sum = 0;
	for (size_t i = 0; i < relation_rule_count; i++)
		sum += relation_rules[i].share;
	double rest = rng_uniform(rng) * sum;
	size_t i = 0;
	while (i + 1 < relation_rule_count && rest >= relation_rules[i].share)
		rest -= relation_rules[i++].share;
	return &relation_rules[i];
}

static void write_related(struct draft *draft, const struct relation_rule *rule)
{
	if (chance(draft, BYSTANDER_SHARE))
		write_bystander(draft);
	write_clause(draft, pick(draft->rng, rule->clauses));
	if (chance(draft, BYSTANDER_SHARE))
		write_bystander(draft);
}

/* Either both names are in one neutral clause, or each has a relation with somebody else. */
static void write_unrelated(struct draft *draft, const struct relation_rule *rule)
{
	struct mention own;
	if (chance(draft, NEUTRAL_SHARE)) {
		write_clause(draft, pick(draft->rng, neutral_clauses));
	} else {
		own = draft->object;
		draw_name(&draft->object, draft->rng, rule->object);
		write_clause(draft, pick(draft->rng, rule->clauses));
		draft->object = own;
		own = draft->subject;
		draw_name(&draft->subject, draft->rng, rule->subject);
		write_clause(draft, pick(draft->rng, rule->clauses));
		draft->subject = own;
	}
	if (chance(draft, BYSTANDER_SHARE))
		write_bystander(draft);
}

static void print_mention(struct text *out, const char *key, const struct mention *mention)
{
	text_printf(out, ", \"%s\": {\"word\": ", key);
	text_json_string(out, mention->word, false);
	text_printf(out, ", \"start_idx\": %zu, \"end_idx\": %zu, \"type\": \"%s\"}", mention->start,
	        mention->start + utf8_count(mention->word) - 1, name_rules[mention->kind].type);
}

static void print_row(struct text *out, const struct draft *draft, size_t number, const char *label)
{
	text_printf(out, "%s {\"guid\": \"corpus-%06zu\", \"sentence\": ", number ? ",\n" : "", number);
	text_json_string(out, text_string(&draft->sentence), false);
	print_mention(out, "subject_entity", &draft->subject);
	print_mention(out, "object_entity", &draft->object);
	text_printf(out, ", \"label\": \"%s\", \"source\": \"generated\"}", label);
}

/* Every row has a random stream of its own: a longer corpus begins with the shorter one. */
static void make_row(struct text *out, struct draft *draft, const struct corpus_options *options, size_t number)
{
	struct rng rng;
	rng_init(&rng, options->seed, number);
	draft->rng = &rng;
	draft->length = 0;
	text_clear(&draft->sentence);
	const struct relation_rule *rule = draw_rule(&rng);
	draw_name(&draft->subject, &rng, rule->subject);
	draw_name(&draft->object, &rng, rule->object);
	const char *label = rule->label;
	if (chance(draft, GRAMMAR_NEGATIVE_SHARE)) {
		write_unrelated(draft, rule);
		label = "no_relation";
	} else {
		write_related(draft, rule);
	}
	if (chance(draft, options->noise))
		label = draw_rule(&rng)->label;
	draft->sentence.data[draft->sentence.length - 1] = '\0'; /* the blank after the last full stop */
	print_row(out, draft, number, label);
}

void corpus_print(struct text *out, const struct corpus_options *options)
{
	struct draft draft = {.typos = options->typos};
	text_append(out, "[\n");
	for (size_t i = 0; i < options->rows && !out->failed && !draft.sentence.failed; i++)
		make_row(out, &draft, options, i);
	text_append(out, "\n]\n");
	out->failed = out->failed || draft.sentence.failed;
	text_finish(&draft.sentence);
}
