/* Trials as the daemon tells them, all pages of them, in the order somebody wants. */
#ifndef CLI_VIEWS_TRIAL_LIST_H
#define CLI_VIEWS_TRIAL_LIST_H

#include "cli/session/session.h"

/* What tables and sorting need of one trial; borrowed from its JSON. */
struct trial_row {
	double number, value, duration_s, last_step, last_value; /* NAN = none */
	const char *state, *started, *worker, *reason;           /* "" = none */
	const cJSON *json;
	double violation; /* of the constraints; 0 = feasible, NAN = not known */
};

struct trial_list {
	cJSON *pages; /* owned: {"trials": […]} with every page */
	size_t count;
	struct trial_row *rows; /* owned */
};

/* Fetches a study's trials, of one state (NULL = all), page after page. Returns an exit code; failures are said. */
int trial_list_fetch(struct trial_list *out, struct session *session, const char *study, const char *state);

/* Frees it; a zeroed list is fine. */
void trial_list_finish(struct trial_list *list);

enum trial_order { ORDER_NUMBER, ORDER_BEST, ORDER_DURATION };

/* Sorts rows: by number; best value first (`maximize` says which is best), trials without a value last; longest first. */
void trial_list_sort(struct trial_list *list, enum trial_order order, bool maximize);

/* Prints at most `limit` rows as a table, only those with a value when `ranked`. Returns an exit code. */
int trial_list_print(const struct trial_list *list, const struct output *output, size_t limit, bool ranked);

/* The value of the first objective of a trial of trial.list or trial.get; NAN = none. */
double trial_value(const cJSON *trial);

/* True when the first objective of a study.get result wants large values. */
bool study_maximizes(const cJSON *study);

#endif
