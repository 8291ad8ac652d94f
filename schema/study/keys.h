/* The keys of a study file as tables: they drive the reader, and a test holds STUDY_FILE.md to
 * them. */
#ifndef SCHEMA_STUDY_KEYS_H
#define SCHEMA_STUDY_KEYS_H

#include "schema/study/complain.h"
#include "schema/study/study_spec.h"

/* A parameter that was declared, whether or not it could be read; its conditions are resolved at
 * the end. */
struct declaration {
	const char *name;
	const struct node *node; /* its map, or its value under `fixed` */
	const struct node *when; /* NULL = unconditional */
	struct declaration *next;
};

/* What readers share while one file is read. The tree and all texts live in the arena of `spec`. */
struct reader {
	struct study_spec *spec;
	struct complaints *complaints;
	const struct node *root;
	struct declaration *declarations; /* newest first */
	bool failed;                      /* out of memory */
};

/* What a study that exists does when its file is read again and the key has another value. */
enum key_change {
	CHANGE_INHERITED, /* as with the map that the key is in; at the top: it is another study */
	CHANGE_FREE,      /* takes the value */
	CHANGE_UPWARD,    /* takes a greater number */
	CHANGE_FILES,     /* takes other paths of files that have the same content */
};

struct key {
	const char *name;
	/* Reads `value` into the struct study_spec, or makes complaints. */
	void (*read)(struct reader *reader, const struct key *key, const struct node *value);
	size_t offset;           /* of the field, for the plain readers below */
	double low, high;        /* inclusive bounds of numbers; both 0 = none */
	const char *type;        /* "text", "integer", "number", "flag", "map", "list", or several */
	const char *fallback;    /* the default, in words */
	const char *example;     /* a line of YAML */
	const char *help;        /* one sentence */
	const struct key *inner; /* keys of a map, or NULL */
	enum key_change change;
};

/* All tables, for the test of STUDY_FILE.md; ended by name NULL. */
extern const struct key study_keys[];

/* Reads every member of `map` by its row in `keys`; unknown keys are complaints that name the
 * nearest known one. */
void keys_read(struct reader *reader, const struct key *keys, const struct node *map);

/* Reader of a map whose keys are key->inner. */
void read_map(struct reader *reader, const struct key *key, const struct node *value);

/* Plain readers: the value goes to the field at key->offset. A null leaves the default. */
void read_text(struct reader *reader, const struct key *key, const struct node *value);
void read_integer(struct reader *reader, const struct key *key, const struct node *value);
void read_number(struct reader *reader, const struct key *key, const struct node *value);
void read_flag(struct reader *reader, const struct key *key, const struct node *value);

/* For keys that only W&B's server or launcher needs: a warning that says so. */
void read_ignored(struct reader *reader, const struct key *key, const struct node *value);

/* For keys that another reader looks up. */
void read_elsewhere(struct reader *reader, const struct key *key, const struct node *value);

/* Values of nodes; false after a complaint. A quoted number is taken, with a warning. */
bool get_number(double *out, struct reader *reader, const struct node *value, double low, double high);
bool get_integer(double *out, struct reader *reader, const struct node *value, double low, double high);
bool get_flag(bool *out, struct reader *reader, const struct node *value);
bool get_text(const char **out, struct reader *reader, const struct node *value);

/* Zeroed memory in the spec's arena; NULL is remembered in reader->failed. */
void *reader_alloc(struct reader *reader, size_t size_bytes);

/* Readers of the larger keys, one file each. */

/* Keys of the inner maps. */
extern const struct key metric_keys[];
extern const struct key parameter_keys[];
extern const struct key report_keys[];
extern const struct key file_keys[];

#endif
