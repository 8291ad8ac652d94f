/* The tokens that structure a text. */
#ifndef WORKER_TOKENIZERS_TOKENIZER_SPECIAL_H
#define WORKER_TOKENIZERS_TOKENIZER_SPECIAL_H

/* Tokens with a meaning of their own. */
enum tokenizer_special {
	TOKENIZER_CLS, /* opens a text: [CLS] or <s> */
	TOKENIZER_SEP, /* closes it: [SEP] or </s> */
	TOKENIZER_PAD,
	TOKENIZER_UNK,
	TOKENIZER_MASK,
	TOKENIZER_SPECIALS
};

/* Bytes of a token that is looked for in texts. */
enum { TOKEN_CONTENT_MAX = 512 };

#endif
