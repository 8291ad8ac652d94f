/* How a program is told an address: as a word of its command line, in a file, on stdin, or by the
 * environment. What is secret in it stays nowhere where others could read it. */
#ifndef SCHEMA_TRANSPORT_ADDRESS_WORD_H
#define SCHEMA_TRANSPORT_ADDRESS_WORD_H

#include "schema/base/arena.h"
#include "schema/base/error.h"

/* What may name it; NULL where nothing does. The first that is there counts. */
struct address_word {
	const char *word;     /* of argv, whose secret is overwritten; "-" = the first line of stdin */
	const char *file;     /* its first line; the file is its owner's alone */
	const char *variable; /* of the environment, from which it is taken away */
};

/* The address, in the arena; NULL when nothing names one. 0, or a negative errno, said in words. */
int address_word_read(const char **out, struct arena *arena, const struct address_word *from, struct error *error);

#endif
