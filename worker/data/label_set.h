/* The relations of a task: their order is their id, everywhere (probabilities, confusion,
 * submissions). */
#ifndef WORKER_DATA_LABEL_SET_H
#define WORKER_DATA_LABEL_SET_H

#include <stdbool.h>
#include <stddef.h>

#define LABEL_NONE (-1) /* a row whose relation is not known */

struct label_set {
	const char *name;            /* "klue", "semeval" */
	const char *const *names;    /* (count) */
	const char *const *exported; /* (count) the same in the order in which the datasets library numbers them */
	size_t count;
	size_t negative;          /* the id of "no relation"; the ranking metric leaves it out */
	bool directed;            /* ids 2r and 2r+1 are the two directions of relation r */
	const char *const *types; /* entity types that may appear, ended by NULL; NULL = entities have no types */
	const char *unlabelled;   /* what files to be predicted carry in place of a label, or NULL */
};

/* KLUE-RE's 30 relations in the order of the competition's label ids, which is not the order of
 * KLUE's own relation_list.json; and SemEval-2010 Task 8's 19 directed relations, Other last.
 * Static. */
const struct label_set *label_set_klue(void);
const struct label_set *label_set_semeval(void);

/* The set called `name`, or NULL. */
const struct label_set *label_set_named(const char *name);

/* The id of `label`, or LABEL_NONE. */
int label_set_find(const struct label_set *set, const char *label);

/* True when `type` is an entity type of the set; any type is when the set has none. */
bool label_set_has_type(const struct label_set *set, const char *type);

#endif
