/* What a study file says otherwise than the version that a study was made of, and whether the study
 * can take it. The rows of keys.h say which keys may change. */
#ifndef SCHEMA_STUDY_SPEC_CHANGES_H
#define SCHEMA_STUDY_SPEC_CHANGES_H

#include "schema/study/study_spec.h"

struct spec_change {
	const char *path;      /* "budget.trials" */
	const char *from, *to; /* as people read them; of a key that is left out, what it means then */
	bool refused;          /* with this value it is another study */
};

struct spec_changes {
	struct arena arena;        /* owns all below */
	struct spec_change *items; /* in the order of the keys' table */
	size_t count, refused_count;
};

/* Compares two versions by what they mean: order of keys, spelling of numbers and defaults that are
 * written out make no difference. Files are the same where their paths or hashes are. `out` is
 * zeroed or finished. 0 or -ENOMEM; finish it in either case. */
int spec_changes_find(struct spec_changes *out, const struct study_spec *before, const struct study_spec *after);

/* Frees the list; a zeroed one is fine. */
void spec_changes_finish(struct spec_changes *changes);

#endif
