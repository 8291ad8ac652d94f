/* Trials as the daemon tells them, all pages of them, in the order somebody wants. */
#ifndef CLI_VIEWS_TRIAL_LIST_H
#define CLI_VIEWS_TRIAL_LIST_H

#include "cli/session/session.h"
#include "schema/api/trial.h"
#include "schema/study/study_spec.h"

struct trial_list {
	struct arena arena; /* owns what the trials point to */
	size_t count, capacity;
	struct trial_summary *trials; /* (count), owned */
};

/* Fetches a study's trials, of one state (TRIAL_STATE_COUNT = all), page after page. Returns an
 * exit code; failures are said. */
int trial_list_fetch(struct trial_list *out, struct session *session, const char *study, enum trial_state state);

/* Frees it; a zeroed list is fine. */
void trial_list_finish(struct trial_list *list);

enum trial_order { ORDER_NUMBER, ORDER_BEST, ORDER_DURATION };

/* Sorts: by number; best value first (`direction` says which is best), trials without a value last;
 * longest first. */
void trial_list_sort(struct trial_list *list, enum trial_order order, enum direction direction);

/* Prints at most `limit` trials as a table, only those with a value when `ranked`. Returns an exit
 * code. */
int trial_list_print(const struct trial_list *list, const struct output *output, size_t limit, bool ranked);

/* The value of the trial's first objective; NAN = none. */
double trial_value(const struct trial_summary *trial);

#endif
