/* The tokenizer of a pretrained folder, by the files that Hugging Face's libraries keep beside the
 * weights: WordPiece (BERT), byte pairs (RoBERTa) or unigram (XLM-R). Ids are those of the
 * original programs. */
#ifndef WORKER_TOKENIZERS_TOKENIZER_H
#define WORKER_TOKENIZERS_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/error.h"
#include "worker/tokenizers/token_pieces.h"
#include "worker/tokenizers/tokenizer_special.h"

struct tokenizer;

/* Reads the tokenizer of a folder: tokenizer.json; or else vocab.txt, vocab.json and merges.txt, or
 * sentencepiece.bpe.model; beside them tokenizer_config.json, special_tokens_map.json and
 * added_tokens.json, where they are. Where the config of a BertTokenizer says other than
 * tokenizer.json about small letters, accents and ideographs, the config counts. 0 (destroy it);
 * -ENOENT, -EINVAL or another -errno with one sentence; -ENOMEM. */
int tokenizer_read(struct tokenizer **out, const char *folder, struct error *error);

/* Frees it; NULL is fine. */
void tokenizer_destroy(struct tokenizer *tokenizer);

/* Appends the text as ids and where they come from, without [CLS] and [SEP] around. Special and
 * added tokens that are written in the text are recognized. Malformed bytes count as U+FFFD. 0;
 * -EFBIG for a text of 4 GiB or more; -ENOMEM. */
int tokenizer_encode(struct token_pieces *out, const struct tokenizer *tokenizer, const char *text, size_t length);

/* The id of a special token, or -1 when it has none. */
int tokenizer_special(const struct tokenizer *tokenizer, enum tokenizer_special which);

/* Ids are smaller than this: the rows that a table of embeddings needs. */
size_t tokenizer_size(const struct tokenizer *tokenizer);

/* How the token is written, or NULL when no token has the id. Lives as long as the tokenizer. */
const char *tokenizer_piece(const struct tokenizer *tokenizer, int id);

/* The text of a word that is this piece alone; NULL for pieces inside words, special and added
 * tokens, and pieces of byte pairs. Lives as long as the tokenizer. */
const char *tokenizer_word(const struct tokenizer *tokenizer, int id);

/* The id of a special token of that content (at most TOKEN_CONTENT_MAX bytes), which is added
 * behind all others unless there is a token written so. Negative errno: -ENOMEM, -EINVAL for a
 * content that is empty, too long or no text. */
int tokenizer_add(struct tokenizer *tokenizer, const char *content);

/* Whether tokenizer_add had to add a token that the files do not know. */
bool tokenizer_grew(const struct tokenizer *tokenizer);

/* One sentence for who trains when texts come out otherwise than they probably want: lower-casing
 * takes Hangul syllables apart; NULL = nothing to say. */
const char *tokenizer_warning(const struct tokenizer *tokenizer);

#endif
