/* How a struct becomes a JSON object and back. Each struct that goes over the wire has one table of
 * fields, its shape; both sides write and read by it, and PROTOCOL.md is checked against it. */
#ifndef SCHEMA_API_FIELD_H
#define SCHEMA_API_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/words.h"

/* What a field is in C, and on the wire. */
enum field_kind {
	FIELD_TEXT,           /* const char *; NULL is null */
	FIELD_INTEGER,        /* int64_t */
	FIELD_NATURAL,        /* int64_t from 0 on */
	FIELD_NUMBER,         /* double; "nan", "inf" and "-inf" where it is not finite */
	FIELD_MEASURE,        /* double; NAN is null */
	FIELD_GIVEN,          /* struct given_number: a number or nothing */
	FIELD_SWITCH,         /* bool */
	FIELD_TIME,           /* struct walltime as ISO 8601; 0 is null */
	FIELD_WORD,           /* an enum; one of `words`, null for a value without a word */
	FIELD_JSON,           /* const char *: the text of any JSON value; NULL is null */
	FIELD_JSON_OBJECT,    /* the same, but it has to be an object */
	FIELD_COUNTS,         /* int64_t[words->count]: an object word → integer */
	FIELD_OBJECT,         /* a struct of `shape` */
	FIELD_OBJECT_OR_NULL, /* const pointer to a struct of `shape`, or NULL */
	FIELD_PART,           /* a struct of `shape` whose fields stand among these, without a key of its own */
	/* Lists: LIST_OF the type. */
	FIELD_TEXTS,    /* const char * */
	FIELD_WORDS,    /* an enum */
	FIELD_INTEGERS, /* int64_t */
	FIELD_NUMBERS,  /* double, as FIELD_NUMBER */
	FIELD_MEASURES, /* double, as FIELD_MEASURE */
	FIELD_OBJECTS,  /* structs of `shape` */
	/* LIST_OF structs of `shape`, as one object: keyed by their first field, a text; the value
	 * is the second one if there are two, else an object of all others. */
	FIELD_MAP,
};

/* Whether a field has to be there. */
enum field_presence {
	FIELD_ALWAYS,   /* always written; `otherwise` when an older peer leaves it out, or says null */
	FIELD_REQUIRED, /* always written; reading without it fails */
	FIELD_OPTIONAL, /* left out where it says no more than `otherwise` */
};

struct shape;

struct field {
	const char *key;
	enum field_kind kind;
	enum field_presence presence;
	size_t offset;       /* of the member; of a list's `items` */
	size_t count_offset; /* of a list's `count` */
	const struct shape *shape;
	const struct words *words;
	const char *text;     /* otherwise: of a text */
	double number;        /* otherwise: of an integer, number, switch or word */
	const char *expected; /* what to say of a wrong value, where the kind says too little */
};

struct shape {
	const struct field *fields; /* (count) in the order in which they are written */
	size_t count;
	size_t size_bytes; /* of the struct */
};

/* A member that is a list. */
#define LIST_OF(type)                                                                                                  \
	struct {                                                                                                       \
		size_t count;                                                                                          \
		type const *items; /* (count) */                                                                       \
	}

/* A number that may be left out. */
struct given_number {
	bool given;
	double value;
};

/* Where a member lies, for the rows of a table. NOLINTBEGIN(bugprone-macro-parentheses): a member's
 * name has none. */
#define MEMBER(type, member) .offset = offsetof(struct type, member)
#define MEMBER_LIST(type, member)                                                                                      \
	.offset = offsetof(struct type, member.items), .count_offset = offsetof(struct type, member.count)
#define MEMBER_COUNTED(type, member, member_count)                                                                     \
	.offset = offsetof(struct type, member), .count_offset = offsetof(struct type, member_count)
/* NOLINTEND(bugprone-macro-parentheses) */
#define SHAPE(type, table)                                                                                             \
	{                                                                                                              \
		table, sizeof(table) / sizeof *(table), sizeof(struct type)                                            \
	}

/* A struct that says nothing, for methods without parameters or results. */
struct nothing {
	char unused;
};
extern const struct shape nothing_shape;

/* What is known of a kind beside its code. */
struct field_trait {
	const char *expected;    /* what to say of a wrong value */
	size_t bytes;            /* of the member in the struct; of structs, 0 */
	enum field_kind element; /* of a list; FIELD_TEXT otherwise */
	bool is_list;
};
const struct field_trait *field_trait(enum field_kind kind);

/* A list as every list lies in its struct. */
struct field_list {
	size_t count;
	const void *items;
};

/* A field for the elements of that list, and how many bytes each has. */
struct field field_element(const struct field *list, size_t *bytes);

/* The list of that field in the struct at `base`; and setting it. */
struct field_list field_get_list(const struct field *field, const void *base);
void field_set_list(const struct field *field, void *base, struct field_list list);
#endif
