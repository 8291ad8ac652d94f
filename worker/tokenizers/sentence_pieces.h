/* sentencepiece.bpe.model: SentencePiece's unigram model with XLM-R's ids. Its pieces come one id
 * later, and <s> <pad> </s> <unk> first; <mask> comes last. Source: google/sentencepiece,
 * sentencepiece_model.proto; huggingface/transformers, convert_slow_tokenizer.py. */
#ifndef WORKER_TOKENIZERS_SENTENCE_PIECES_H
#define WORKER_TOKENIZERS_SENTENCE_PIECES_H

#include "worker/tokenizers/json_source.h"
#include "worker/tokenizers/protobuf.h"
#include "worker/tokenizers/tokenizer_parts.h"

/* Fills the tokenizer's zeroed parts. 0; -EINVAL with a sentence; -ENOMEM. */
int sentence_pieces_read(struct tokenizer *tokenizer, const struct json_source *source, const struct protobuf *bytes);

#endif
