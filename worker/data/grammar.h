/* The words and clauses the generated corpus is made of. */
#ifndef WORKER_DATA_GRAMMAR_H
#define WORKER_DATA_GRAMMAR_H

#include <stddef.h>

/* Kinds of names, each with an entity type. */
enum name_kind {
	NAME_PERSON,
	NAME_COMPANY,
	NAME_PARTY,
	NAME_PLACE,
	NAME_DATE,
	NAME_TITLE,
	NAME_WORK,
	NAME_COUNT,
	NAME_KINDS
};

/* A name is one word of each part, in order; parts may be empty lists. Lists end with NULL. */
#define NAME_PARTS 3
struct name_rule {
	const char *type; /* entity type, "PER" */
	const char *const *parts[NAME_PARTS];
};
extern const struct name_rule name_rules[NAME_KINDS];

/* Clauses. {s} and {o} are subject and object; {p} {g} {l} {d} {t} are another person, company,
 * place, date, title. [은는] picks the particle that fits the syllable before it: the first after a
 * final consonant, else the second. */
struct relation_rule {
	const char *label;
	double share; /* of all rows, before scaling to 1 */
	enum name_kind subject, object;
	const char *const *clauses; /* ended by NULL */
};
extern const struct relation_rule relation_rules[];
extern const size_t relation_rule_count;

/* Share of rows without a relation, and clauses in which two names meet by chance. */
#define GRAMMAR_NEGATIVE_SHARE 0.3
extern const char *const neutral_clauses[];

#endif
