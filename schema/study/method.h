/* Methods by name: samplers and pruners with their options. One table says which exist, what
 * options they take, their types, defaults and bounds; the study-file reader, STUDY_FILE.md,
 * `check` and the algorithms all use it. */
#ifndef SCHEMA_STUDY_METHOD_H
#define SCHEMA_STUDY_METHOD_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/option.h"

struct method_info {
	const char *name;
	const char *alias; /* W&B's or a short name ("bayes" for tpe), or NULL */
	bool takes_inner;  /* pruners that wrap another one */
	bool learns;       /* from what trials come to, so it needs a metric */
	const char *help;  /* one sentence */
	const struct option *
	        options; /* ended by name NULL; called as Optuna calls them where it has them; a default NULL is "auto" */
};

/* The tables, ended by name NULL. */
extern const struct method_info sampler_infos[];
extern const struct method_info pruner_infos[];

/* The row for a name or alias, or NULL. */
const struct method_info *method_info_find(const struct method_info *table, const char *name);

/* A setting somebody wrote: a number (flags 0/1), or a word. */
struct setting {
	const char *name;
	double number;
	const char *word;   /* OPTION_CHOICE, else NULL */
	size_t list_length; /* OPTION_NUMBERS */
	const double *list;
};

struct method {
	const struct method_info *info; /* static */
	size_t setting_count;
	const struct setting *settings; /* owned by the spec's arena */
	const struct method *inner;     /* what a wrapping pruner wraps, or NULL */
};

/* The options of a method. */
struct option_group method_options(const struct method_info *info);

/* The value of an option: what was set, else the table's default. NAN where
 * neither is. The name must be one of the method's options (asserted). */
double method_number(const struct method *method, const char *option);
bool method_flag(const struct method *method, const char *option);
const char *method_word(const struct method *method, const char *option);

/* The setting itself when somebody wrote it, else NULL. */
const struct setting *method_setting(const struct method *method, const char *option);

#endif
