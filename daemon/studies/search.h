/* What a study searches with: its spec, its history and its sampler. The study and the jobs that
 * think for it each have a claim, so a study may go while a job is under way. */
#ifndef DAEMON_STUDIES_SEARCH_H
#define DAEMON_STUDIES_SEARCH_H

#include "daemon/pruners/bracket_rule.h"
#include "daemon/samplers/sampler.h"
#include "schema/study/study_spec.h"

struct search {
	struct study_spec *spec; /* owned */
	struct history *history;
	struct sampler *sampler;
	size_t claim_count;
};

/* One with an empty history and one claim. The spec is owned from success on. 0, -ENOMEM, or
 * -EINVAL with a sentence when the sampler refuses the space. */
int search_create(struct search **out, struct study_spec *spec, uint64_t seed, struct error *error);

/* One more claim; returns the search. */
struct search *search_claim(struct search *search);

/* Gives a claim back; the last one frees all. NULL is fine. */
void search_release(struct search *search);

/* Parts the sampler's search by a rule (borrowed until the next call; NULL: there is nothing to
 * part by). */
void search_part(struct search *search, const struct bracket_rule *rule);

#endif
