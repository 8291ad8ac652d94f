#include "daemon/config.h"

#include <errno.h>
#include <string.h>

#include "schema/base/home.h"
#include "schema/base/number.h"

/* A reader stores `text` (NULL for flags) and answers whether it was one it takes. */
static bool read_home(struct config *config, const char *text)
{
	config->home = text;
	return *text != '\0';
}

static bool read_lease(struct config *config, const char *text)
{
	double seconds;
	if (!number_parse(&seconds, text, false) || seconds < 1 || seconds > 86400)
		return false;
	config->lease_ms = (int64_t)(seconds * 1000);
	return true;
}

static bool read_log_level(struct config *config, const char *text)
{
	return log_level_parse(&config->log_level, text) == 0;
}

static bool read_help(struct config *config, const char *text)
{
	(void)text;
	return config->help = true;
}

static bool read_version(struct config *config, const char *text)
{
	(void)text;
	return config->version = true;
}

static const struct {
	const char *name, *argument; /* argument NULL: a flag */
	bool (*read)(struct config *config, const char *text);
	const char *expected, *help;
} options[] = {
        {"home", "DIR", read_home, "a folder",
                "where trials.db, daemon.sock and the rest are (KRE_HOME; default kre-runs)"},
        {"lease-s", "SECONDS", read_lease, "1 to 86400", "how long a silent worker keeps its run (default 60)"},
        {"log-level", "LEVEL", read_log_level, "debug, info, warning or error",
                "what is logged to stderr (default info)"},
        {"help", NULL, read_help, "", "print this and end"},
        {"version", NULL, read_version, "", "print the version and end"},
};

#define OPTION_COUNT (sizeof options / sizeof *options)

void config_append_help(struct text *out)
{
	text_append(out,
	        "usage: kre-searchd [options]\n\n"
	        "Keeps studies and trials in HOME/trials.db and hands out runs at HOME/daemon.sock.\n"
	        "kre-search start begins one by itself; ends on SIGTERM, SIGINT or kre-search daemon stop.\n\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		size_t start = out->length;
		text_printf(out, "  --%s%s%s", options[i].name, options[i].argument ? "=" : "",
		        options[i].argument ? options[i].argument : "");
		int padding = 24 - (int)(out->length - start);
		text_printf(out, "%*s%s\n", padding > 1 ? padding : 1, "", options[i].help);
	}
	text_append(out, "\nexit codes: 0 ended as asked, 1 could not start or go on, 2 wrong option\n");
}

/* The option `argument` names ("--lease-s=5" or "--lease-s"), with *value behind its '=' or NULL. */
static size_t find_option(const char *argument, const char **value)
{
	size_t length = strcspn(argument + 2, "=");
	*value = argument[2 + length] == '=' ? argument + 2 + length + 1 : NULL;
	size_t i = 0;
	while (i < OPTION_COUNT &&
	        !(strlen(options[i].name) == length && strncmp(options[i].name, argument + 2, length) == 0))
		i++;
	return i;
}

static int read_option(struct config *config, char ***at, struct error *error)
{
	const char *argument = *(*at)++, *value = NULL;
	size_t i = strncmp(argument, "--", 2) == 0 ? find_option(argument, &value) : OPTION_COUNT;
	if (i == OPTION_COUNT)
		return error_set(error, -EINVAL, "%s: unknown option; --help lists them", argument);
	if (options[i].argument && !value)
		value = **at ? *(*at)++ : NULL;
	if (!options[i].argument != !value)
		return error_set(
		        error, -EINVAL, "--%s: %s", options[i].name, value ? "takes no value" : "a value is missing");
	if (!options[i].read(config, value))
		return error_set(
		        error, -EINVAL, "--%s: expected %s, not '%s'", options[i].name, options[i].expected, value);
	return 0;
}

int config_read(struct config *out, int argc, char **argv, struct error *error)
{
	struct config config = {.home = home_folder(NULL), .lease_ms = 60000, .log_level = LOG_INFO};
	char **at = argc > 0 ? argv + 1 : argv;
	while (*at) {
		int rc = read_option(&config, &at, error);
		if (rc < 0)
			return rc;
	}
	*out = config;
	return 0;
}
