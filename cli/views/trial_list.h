/* Trials as the daemon tells them, page after page, in the order somebody wants. */
#ifndef CLI_VIEWS_TRIAL_LIST_H
#define CLI_VIEWS_TRIAL_LIST_H

#include "cli/session/session.h"
#include "schema/api/trial.h"
#include "schema/study/study_spec.h"

struct trial_list {
	struct arena arena; /* owns what the trials point to */
	size_t count, capacity;
	struct trial_summary *trials; /* (count), owned */
	const char *constants;        /* JSON: parameters that are the same in all of them */
	bool is_cut;                  /* there was no room for all that were wanted */
};

/* Fetches the trials that are wanted, which may be more than one answer has (TRIAL_LIST_ALL), best
 * being by `direction`; no more than these where they come in one answer. Returns an exit code;
 * failures are said. */
#define TRIAL_LIST_ALL INT64_MAX
int trial_list_fetch(struct trial_list *out, struct session *session, const struct trial_list_request *wanted,
        enum direction direction);

/* Frees it; a zeroed list is fine. */
void trial_list_finish(struct trial_list *list);

/* Sorts: by number; best value first (`direction` says which is best), trials without a value last;
 * longest first. */
void trial_list_sort(struct trial_list *list, enum trial_order order, enum direction direction);

/* Prints the trials as a table, only those that can be best when `ranked`. Returns an exit code. */
int trial_list_print(const struct trial_list *list, const struct output *output, bool ranked);

/* The value of the trial's first objective; NAN = none. */
double trial_value(const struct trial_summary *trial);

#endif
