/* The words for the values of an enum: one list each, from which names, parsing and "expected a, b
 * or c" come. */
#ifndef SCHEMA_BASE_WORDS_H
#define SCHEMA_BASE_WORDS_H

struct words {
	const char *const *names; /* (count) by value of the enum; NULL: this value has no word */
	int count;
};

/* A list of words as an initializer: WORDS({"a", "b"} as an array). */
#define WORDS(array)                                                                                                   \
	{                                                                                                              \
		array, (int)(sizeof(array) / sizeof *(array))                                                          \
	}

/* The word for `value`, which the enum has (asserted); NULL if it has no word. */
const char *words_name(const struct words *words, int value);

/* The value that `name` stands for, or -1. */
int words_find(const struct words *words, const char *name);

#endif
