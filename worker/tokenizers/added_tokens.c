#include "worker/tokenizers/added_tokens.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"
#include "worker/tokenizers/characters.h"

void added_tokens_finish(struct added_tokens *added)
{
	arena_finish(&added->arena);
	memory_free(added->tokens);
	piece_trie_finish(&added->contents);
	piece_trie_finish(&added->raw);
	piece_trie_finish(&added->normalized);
	*added = ADDED_TOKENS_NULL;
}

static int put_normalized(struct added_tokens *added, size_t place, const struct normalizer *normalizer)
{
	const char *content = added->tokens[place].content;
	struct aligned_text text = ALIGNED_TEXT_NULL;
	int rc = aligned_text_append_given(&text, content, (struct text_origin){0, (uint32_t)strlen(content)});
	if (rc == 0)
		rc = normalizer_apply(&text, normalizer);
	if (rc == 0 && text.length > 0)
		rc = piece_trie_add(&added->normalized, text.bytes, text.length, (int)place);
	aligned_text_finish(&text);
	return rc;
}

static struct added_token *find(const struct added_tokens *added, const char *content)
{
	const struct piece_trie *trie = &added->contents;
	const int place = piece_trie_id(trie, piece_trie_walk(trie, content, strlen(content)));
	return place == PIECE_NONE ? NULL : &added->tokens[place];
}

static struct added_token *add_token(struct added_tokens *added, const struct added_token *token)
{
	if (array_reserve(added->tokens, &added->capacity, added->count + 1) < 0)
		return NULL;
	assert(added->tokens && added->count < added->capacity);
	struct added_token *made = &added->tokens[added->count];
	*made = *token;
	made->content = arena_strdup(&added->arena, token->content);
	if (!made->content ||
	        piece_trie_add(&added->contents, made->content, strlen(made->content), (int)added->count) < 0)
		return NULL;
	added->count++;
	return made;
}

int added_tokens_put(struct added_tokens *added, const struct added_token *token, const struct normalizer *normalizer)
{
	const size_t length = strlen(token->content);
	struct added_token *made = find(added, token->content);
	if (made) {
		const char *content = made->content;
		*made = *token;
		made->content = content;
	} else {
		made = add_token(added, token);
	}
	if (!made)
		return -ENOMEM;
	const size_t place = (size_t)(made - added->tokens);
	if (token->normalized)
		return put_normalized(added, place, normalizer);
	return piece_trie_add(&added->raw, token->content, length, (int)place);
}

const struct added_token *added_tokens_find(const struct added_tokens *added, const char *content)
{
	return find(added, content);
}

const struct added_token *added_tokens_of(const struct added_tokens *added, int id)
{
	for (size_t i = 0; i < added->count; i++)
		if (added->tokens[i].id == id)
			return &added->tokens[i];
	return NULL;
}

static bool word_ends(const char *text, size_t end)
{
	size_t at = end;
	while (at > 0 && end - at < 4 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
		at--;
	const char *from = text + (at > 0 ? at - 1 : 0);
	return end > 0 && code_is_word(utf8_next(&from, text + end));
}

static bool word_begins(const char *at, const char *end)
{
	return at < end && code_is_word(utf8_next(&at, end));
}

/* How far back white space goes from `end`, at most to `from`. */
static size_t white_before(const char *text, size_t from, size_t end)
{
	size_t white = from;
	for (const char *at = text + from; at < text + end;)
		if (!code_is_white(utf8_next(&at, text + end)))
			white = (size_t)(at - text);
	return white;
}

static size_t white_after(const char *text, size_t from, size_t end)
{
	for (const char *at = text + from; at < text + end;) {
		const char *const here = at;
		if (!code_is_white(utf8_next(&at, text + end)))
			return (size_t)(here - text);
	}
	return end;
}

/* The longest token that begins at byte `at`; NULL when none does. */
static const struct added_token *longest(
        size_t *end, const struct added_tokens *added, const struct added_search *search, size_t at)
{
	const struct piece_trie *trie = search->normalized ? &added->normalized : &added->raw;
	const struct added_token *found = NULL;
	uint32_t node = TRIE_ROOT;
	for (size_t i = at; i < search->length; i++) {
		node = piece_trie_step(trie, node, (unsigned char)search->text[i]);
		if (node == TRIE_NOWHERE)
			break;
		const int place = piece_trie_id(trie, node);
		if (place == PIECE_NONE || added->tokens[place].normalized != search->normalized)
			continue;
		found = &added->tokens[place];
		*end = i + 1;
	}
	return found;
}

bool added_tokens_match(struct added_match *out, const struct added_tokens *added, const struct added_search *search)
{
	const char *const text = search->text;
	for (size_t at = search->from; at < search->length;) {
		size_t end = at;
		const struct added_token *token = longest(&end, added, search, at);
		if (!token || (token->single_word &&
		                      (word_ends(text, at) || word_begins(text + end, text + search->length)))) {
			at = token ? end : at + 1;
			continue;
		}
		out->token = token;
		out->begin = token->lstrip ? white_before(text, search->from, at) : at;
		out->end = token->rstrip ? white_after(text, end, search->length) : end;
		return true;
	}
	return false;
}
