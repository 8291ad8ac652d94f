/* Which of Hyperband's brackets a trial belongs to: as in Optuna it follows from the study's name
 * and the trial's number alone. A rule is a value: a copy does not change when the pruner learns
 * more. */
#ifndef DAEMON_PRUNERS_BRACKET_RULE_H
#define DAEMON_PRUNERS_BRACKET_RULE_H

#include <stddef.h>
#include <stdint.h>

#define BRACKETS_AT_MOST 64

struct bracket_rule {
	const char *study_name; /* borrowed */
	size_t count;           /* 0 = not known yet: all trials are in the first one */
	double budgets[BRACKETS_AT_MOST];
	double budget_sum;
};

/* Shares trials among the brackets that resources from `min` to `max` in steps of `factor` give. */
void bracket_rule_set(struct bracket_rule *rule, int64_t min_resource, int64_t max_resource, int64_t factor);

/* The bracket of a trial. */
int bracket_rule_find(const struct bracket_rule *rule, int64_t number);

#endif
