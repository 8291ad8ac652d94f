#include "cli/command_line/verb.h"

#include <string.h>

static const struct option global_table[] = {
        {"home", OPTION_TEXT, 0, NULL, 0, 0, NULL, "DIR",
                "the folder of the trials and the daemon (KRE_HOME; default ./kre-runs)"},
        {"connect", OPTION_TEXT, 0, NULL, 0, 0, NULL, "ADDRESS",
                "a daemon elsewhere: a line of `join` there (KRE_CONNECT; - = stdin)"},
        {"json", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "print JSON for programs instead of tables"},
        {"quiet", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "print results only, no remarks"},
        {"color", OPTION_CHOICE, 0, "auto", 0, 0, OPTION_CHOICES("auto", "always", "never"), "",
                "colours; auto = on a terminal unless NO_COLOR is set"},
        {"help", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "print help"},
        {"version", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "print the version"},
};

const struct option_group global_options = {
        "Options of every command", global_table, sizeof global_table / sizeof *global_table, NULL};

struct option_group verb_options(const struct verb *verb)
{
	return (struct option_group){"Options", verb->options, verb->option_count, NULL};
}

const struct verb *verb_find(const struct verb *const *verbs, const char *name)
{
	for (; *verbs; verbs++)
		if (strcmp((*verbs)->name, name) == 0 || ((*verbs)->alias && strcmp((*verbs)->alias, name) == 0))
			return *verbs;
	return NULL;
}
