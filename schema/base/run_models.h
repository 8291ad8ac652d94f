/* Models in the folders of a study's runs: what is called model there, or model.pt and the like.
 * Nothing else is theirs. */
#ifndef SCHEMA_BASE_RUN_MODELS_H
#define SCHEMA_BASE_RUN_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True for the name of a file or folder that is one. */
bool run_models_is_model(const char *name);

/* Whose stay. */
struct models_rule {
	int64_t before;      /* of trials with this number or a later one all do … */
	size_t kept_count;   /* … and of the others these trials' */
	const int64_t *kept; /* (kept_count) */
	bool dry;            /* nothing is removed, only counted */
};

/* What was removed, or would be. */
struct models_freed {
	int64_t bytes, count;
};

/* Removes the models of other trials from the folders NUMBER-FOLD-ATTEMPT of a study's open folder;
 * folders that a program holds stay as they are. Adds to *freed. 0, or the errno of what could not
 * be removed, negative, after the rest is. */
int run_models_drop(struct models_freed *freed, int study, const struct models_rule *rule);

#endif
