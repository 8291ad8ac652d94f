#include "worker/tokenizers/tokenizer_parts.h"

#include <errno.h>
#include <string.h>

#include "schema/base/utf8.h"

int tokenizer_parts_find(const struct tokenizer *tokenizer, const char *text)
{
	const struct added_token *token = added_tokens_find(&tokenizer->added, text);
	return token ? token->id : piece_list_find(&tokenizer->model.pieces, text);
}

int tokenizer_parts_put(struct tokenizer *tokenizer, const struct added_token *token)
{
	const size_t length = strlen(token->content);
	if (length == 0 || length > TOKEN_CONTENT_MAX || !utf8_valid(token->content, length))
		return -EINVAL;
	if (token->id < 0 || token->id >= PIECES_MAX)
		return -EINVAL;
	if (added_tokens_put(&tokenizer->added, token, &tokenizer->normalizer) < 0)
		return -ENOMEM;
	if (tokenizer->size <= (size_t)token->id)
		tokenizer->size = (size_t)token->id + 1;
	return 0;
}
