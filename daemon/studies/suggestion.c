#include "daemon/studies/suggestion.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/studies/job.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/search.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

struct suggestion {
	struct study_job job;
	struct study *study;      /* that waits for it; NULL = it is gone */
	struct search *search;    /* a claim: what is lent */
	struct bracket_rule rule; /* as it was at the beginning */
	const char *note;
	bool under_way;
	int64_t number;
	int outcome;      /* of sampler_suggest; -ECANCELED = the job never ran */
	double *point;    /* (space count), in `numbers` */
	double numbers[]; /* (2, space count) the values that were fixed; the point */
};

static void destroy(struct suggestion *suggestion)
{
	search_release(suggestion->search);
	memory_free(suggestion);
}

static void run(struct study_job *job)
{
	struct suggestion *suggestion = (struct suggestion *)(void *)job;
	suggestion->outcome = sampler_suggest(suggestion->search->sampler, suggestion->number, suggestion->point);
}

static int settle(struct study_job *job)
{
	struct suggestion *suggestion = (struct suggestion *)(void *)job;
	if (!suggestion->study) {
		destroy(suggestion);
		return 0;
	}
	suggestion->under_way = false;
	search_part(suggestion->search, pruning_rule(suggestion->study->pruning));
	return history_return(suggestion->search->history);
}

static int create(struct suggestion **out, struct study *study, int64_t number, const double *point)
{
	size_t count = study->spec->space->count;
	struct suggestion *suggestion = memory_alloc(1, sizeof *suggestion + 2 * count * sizeof *point);
	if (!suggestion)
		return -ENOMEM;
	suggestion->job = (struct study_job){.run = run, .settle = settle};
	suggestion->study = study;
	suggestion->search = search_claim(study->choice.search);
	suggestion->note = sampler_reason(study->choice.search->sampler);
	suggestion->number = number;
	suggestion->outcome = -ECANCELED;
	suggestion->point = suggestion->numbers + count;
	memcpy(suggestion->numbers, point, count * sizeof *point);
	memcpy(suggestion->point, point, count * sizeof *point);
	*out = suggestion;
	return 0;
}

/* The pruners may learn the brackets meanwhile, so the job gets a copy of what is known. */
static void lend(struct suggestion *suggestion)
{
	const struct bracket_rule *rule = pruning_rule(suggestion->study->pruning);
	if (rule) {
		suggestion->rule = *rule;
		suggestion->rule.study_name = suggestion->search->spec->name;
		search_part(suggestion->search, &suggestion->rule);
	}
	history_lend(suggestion->search->history);
	suggestion->under_way = true;
}

/* Whoever would not take the job leaves it to us. */
static int begin(struct study *study, int64_t number, double *point)
{
	const struct context *context = study->context;
	assert(!study->choice.suggestion);
	int rc = create(&study->choice.suggestion, study, number, point);
	if (rc < 0)
		return rc;
	lend(study->choice.suggestion);
	if (context->work(context->work_context, &study->choice.suggestion->job) == 0)
		return STUDIES_LATER;
	rc = settle(&study->choice.suggestion->job);
	suggestion_drop(study);
	return rc < 0 ? rc : sampler_suggest(study->choice.search->sampler, number, point);
}

static bool fits(const struct suggestion *suggestion, int64_t number, const double *point)
{
	size_t bytes = suggestion->search->spec->space->count * sizeof *point;
	return suggestion->number == number && suggestion->outcome != -ECANCELED &&
	       memcmp(suggestion->numbers, point, bytes) == 0;
}

static int take(struct study *study, double *point)
{
	struct suggestion *suggestion = study->choice.suggestion;
	int outcome = suggestion->outcome;
	if (outcome == 0)
		memcpy(point, suggestion->point, study->spec->space->count * sizeof *point);
	suggestion_drop(study);
	return outcome;
}

int suggestion_make(struct study *study, int64_t number, double *point)
{
	struct sampler *sampler = study->choice.search->sampler;
	point_drop_inactive(study->spec->space, point);
	if (point_is_complete(study->spec->space, point) && study->spec->space->count > 0)
		return 0; /* a space of constants has one point, and its sampler knows when that is used up */
	if (study->choice.suggestion && study->choice.suggestion->under_way)
		return STUDIES_LATER;
	if (study->choice.suggestion && fits(study->choice.suggestion, number, point))
		return take(study, point);
	suggestion_drop(study);
	if (study->context->work && !study->choice.on_the_spot && sampler_is_slow(sampler, number))
		return begin(study, number, point);
	study->choice.on_the_spot = false;
	return sampler_suggest(sampler, number, point);
}

void suggestion_drop(struct study *study)
{
	if (!study->choice.suggestion || study->choice.suggestion->under_way)
		return;
	destroy(study->choice.suggestion);
	study->choice.suggestion = NULL;
}

void suggestion_leave(struct study *study)
{
	suggestion_drop(study);
	if (study->choice.suggestion)
		study->choice.suggestion->study = NULL;
	study->choice.suggestion = NULL;
}

const char *suggestion_note(const struct study *study)
{
	bool lent = study->choice.suggestion && study->choice.suggestion->under_way;
	return lent ? study->choice.suggestion->note : sampler_reason(study->choice.search->sampler);
}
