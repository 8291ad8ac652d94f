/* Changes of a history that is lent, noted in order until the loan ends. */
#ifndef DAEMON_SAMPLERS_HISTORY_LOAN_H
#define DAEMON_SAMPLERS_HISTORY_LOAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/study/trial.h"

struct history;

enum change_kind { CHANGE_START, CHANGE_REPORT, CHANGE_FINISH, CHANGE_ESTIMATE, CHANGE_REMOVE };

/* One call of history.h; the fields that its kind has. */
struct change {
	enum change_kind kind;
	enum trial_state state;
	int64_t number, step;
	double value, violation;
	const double
	        *numbers; /* a point, values or an estimate; noted ones are in loan::numbers, from number_place on */
	size_t number_count, number_place;
};

struct loan {
	bool open;
	bool lost;              /* a change could not be noted for lack of memory */
	struct change *changes; /* owned */
	size_t count, capacity;
	double *numbers; /* owned; of the changes, at their number_place */
	size_t number_count, number_capacity;
};

/* Frees the changes; a zeroed loan is fine. */
void loan_finish(struct loan *loan);

/* Notes a change (its numbers are copied); without memory the loan is `lost`. */
void loan_note(struct loan *loan, const struct change *change);

/* Calls `apply` for each noted change, in order. 0, the first other value of `apply`, or -ENOMEM
 * when changes were lost. */
int loan_replay(
        const struct loan *loan, int (*apply)(struct history *, const struct change *), struct history *history);

#endif
