/* Tokens that are looked for in the text itself, before it is split: special ones as [MASK], and
 * those that somebody added to a vocabulary. */
#ifndef WORKER_TOKENIZERS_ADDED_TOKENS_H
#define WORKER_TOKENIZERS_ADDED_TOKENS_H

#include <stdbool.h>

#include "schema/base/arena.h"
#include "worker/tokenizers/normalizer.h"
#include "worker/tokenizers/piece_trie.h"

struct added_token {
	const char *content; /* in the arena */
	int id;
	bool single_word; /* only where no word goes on before or after it */
	bool lstrip;      /* takes the white space before it */
	bool rstrip;      /* ... and after it */
	bool normalized;  /* looked for in the normalized text, and normalized itself */
	bool special;     /* marks the text's structure: not shown to people */
};

struct added_tokens {
	struct arena arena;
	struct added_token *tokens; /* (count), owned */
	size_t count, capacity;
	struct piece_trie contents;        /* their ids, as of the next two, are places in tokens */
	struct piece_trie raw, normalized; /* by how they are looked for */
};

#define ADDED_TOKENS_NULL ((struct added_tokens){0})

/* Frees all; zeroed tokens are fine. */
void added_tokens_finish(struct added_tokens *added);

/* Adds a token, whose content (not empty) is copied, or changes the one of that content; the
 * normalizer is the one of the texts. 0 or -ENOMEM. */
int added_tokens_put(struct added_tokens *added, const struct added_token *token, const struct normalizer *normalizer);

/* The token of that content / that id, or NULL. */
const struct added_token *added_tokens_find(const struct added_tokens *added, const char *content);
const struct added_token *added_tokens_of(const struct added_tokens *added, int id);

struct added_match {
	const struct added_token *token;
	size_t begin, end; /* bytes, with the white space it takes */
};

/* The first token in bytes [from, length) of the text, which are looked through as they are or as
 * normalized ones; the longest of those that begin there. False when there is none. */
struct added_search {
	const char *text;
	size_t length, from;
	bool normalized;
};
bool added_tokens_match(struct added_match *out, const struct added_tokens *added, const struct added_search *search);

#endif
