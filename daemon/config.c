#include "daemon/config.h"

#include <errno.h>

#include "schema/base/home.h"
#include "schema/base/option_help.h"
#include "schema/base/option_line.h"

#define AT(member) offsetof(struct config, member)

static const struct option table[] = {
        {"home", OPTION_TEXT, AT(home), NULL, 0, 0, NULL, "DIR",
                "where trials.db, daemon.sock and the rest are (KRE_HOME; default kre-runs)"},
        {"lease-s", OPTION_NUMBER, AT(lease_s), "60", 1, 86400, NULL, "SECONDS",
                "how long a silent worker keeps its run"},
        {"log-level", OPTION_CHOICE, AT(log_level), "info", 0, 0, log_level_names, "", "what is logged to stderr"},
        {"help", OPTION_BARE, AT(help), NULL, 0, 0, NULL, "", "print this and end"},
        {"version", OPTION_BARE, AT(version), NULL, 0, 0, NULL, "", "print the version and end"},
};

static struct option_group group_over(struct config *config)
{
	return (struct option_group){"Options", table, sizeof table / sizeof *table, config};
}

void config_append_help(struct text *out)
{
	const struct option_group group = group_over(NULL);
	text_append(out,
	        "usage: kre-searchd [options]\n\n"
	        "Keeps studies and trials in HOME/trials.db and hands out runs at HOME/daemon.sock.\n"
	        "kre-search start begins one by itself; ends on SIGTERM, SIGINT or kre-search daemon stop.\n\n");
	options_help_brief(&group, out);
	text_append(out, "\nexit codes: 0 ended as asked, 1 could not start or go on, 2 wrong option\n");
}

int config_read(struct config *out, int argc, char **argv, struct error *error)
{
	struct config config = {.home = home_folder(NULL)};
	const struct option_group group = group_over(&config);
	options_set_defaults(&group);
	int rc = option_line_read(&(struct option_line){&group, 1}, (const char *const *)argv + (argc > 0), error);
	if (rc == 0 && !*config.home)
		rc = error_set(error, -EINVAL, "--home: a folder is expected");
	if (rc == 0)
		*out = config;
	return rc;
}
