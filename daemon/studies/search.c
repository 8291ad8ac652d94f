#include "daemon/studies/search.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/memory.h"

int search_create(struct search **out, struct study_spec *spec, uint64_t seed, struct error *error)
{
	struct search *search = memory_alloc(1, sizeof *search);
	if (!search)
		return error_no_memory(error);
	search->claim_count = 1;
	int rc = history_create(&search->history, spec->space, spec->objectives, spec->objective_count);
	if (rc == 0)
		rc = sampler_create(&search->sampler, spec, search->history, seed, error);
	if (rc != 0) {
		search_release(search);
		return rc;
	}
	search->spec = spec;
	*out = search;
	return 0;
}

struct search *search_claim(struct search *search)
{
	assert(search->claim_count > 0);
	search->claim_count++;
	return search;
}

void search_release(struct search *search)
{
	assert(!search || search->claim_count > 0);
	if (!search || --search->claim_count > 0)
		return;
	sampler_destroy(search->sampler);
	history_destroy(search->history);
	study_spec_destroy(search->spec);
	memory_free(search);
}

static int find_bracket(const void *rule, int64_t number)
{
	return bracket_rule_find(rule, number);
}

void search_part(struct search *search, const struct bracket_rule *rule)
{
	if (rule)
		sampler_set_brackets(search->sampler, find_bracket, rule);
}
