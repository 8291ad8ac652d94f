#include "worker/agent/options.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/home.h"
#include "schema/base/number.h"

enum worker_option_kind { OPTION_FLAG, OPTION_COUNT, OPTION_SECONDS, OPTION_TEXT, OPTION_ALLOW };

struct option_info {
	const char *flag;
	const char *unit; /* of its value in the help; NULL for a flag */
	enum worker_option_kind kind;
	size_t offset; /* of its field in struct options */
	const char *otherwise;
	double least, most;
	const char *help;
};

#define FIELD(member) offsetof(struct options, member)

static const struct option_info option_infos[] = {
        {"--slots", "N", OPTION_COUNT, FIELD(slots), "1", 1, 256, "trainers running at the same time"},
        {"--study", "NAME", OPTION_TEXT, FIELD(study), NULL, 0, 0, "work for this study only"},
        {"--name", "NAME", OPTION_TEXT, FIELD(name), NULL, 0, 0, "name of this worker (default: the host's name)"},
        {"--home", "DIR", OPTION_TEXT, FIELD(home), NULL, 0, 0, "folder of runs (default: $KRE_HOME or ./kre-runs)"},
        {"--allow-command", "PROGRAM", OPTION_ALLOW, 0, NULL, 0, 0,
                "let studies run PROGRAM too; repeatable, '*' = any"},
        {"--count", "N", OPTION_COUNT, FIELD(count), "0", 0, 1e9, "end after N runs; 0 = no limit"},
        {"--until-finished", NULL, OPTION_FLAG, FIELD(until_finished), NULL, 0, 0, "end when the studies are finished"},
        {"--exit-when-idle", NULL, OPTION_FLAG, FIELD(exit_when_idle), NULL, 0, 0,
                "end as soon as there is nothing to do"},
        {"--finish", NULL, OPTION_FLAG, FIELD(finish), NULL, 0, 0, "the first signal lets running trainers finish"},
        {"--grace-s", "SECONDS", OPTION_SECONDS, FIELD(grace_s), "30", 0, 86400, "from SIGTERM to SIGKILL"},
        {"--allow-flapping", NULL, OPTION_FLAG, FIELD(flapping_okay), NULL, 0, 0, "go on when the first runs all fail"},
        {"--log-level", "LEVEL", OPTION_TEXT, FIELD(log_level), "info", 0, 0, "debug, info, warning or error"},
        {"--help", NULL, OPTION_FLAG, FIELD(help), NULL, 0, 0, "print this"},
        {"--version", NULL, OPTION_FLAG, FIELD(version), NULL, 0, 0, "print the version"},
};
#define OPTION_INFO_COUNT (sizeof option_infos / sizeof *option_infos)

static const struct option_info *option_find(const char *text, size_t length)
{
	for (size_t i = 0; i < OPTION_INFO_COUNT; i++)
		if (strlen(option_infos[i].flag) == length && strncmp(option_infos[i].flag, text, length) == 0)
			return &option_infos[i];
	return NULL;
}

static int set_number(const struct option_info *info, void *field, const char *value, struct error *error)
{
	double number;
	if (!number_parse(&number, value, false) || number < info->least || number > info->most)
		return error_set(error, -EINVAL, "%s wants a number from %g to %g, not '%s'", info->flag, info->least,
		        info->most, value);
	if (info->kind == OPTION_COUNT && !number_is_integral(number))
		return error_set(error, -EINVAL, "%s wants a whole number, not '%s'", info->flag, value);
	if (info->kind == OPTION_COUNT)
		*(int64_t *)field = (int64_t)number;
	else
		*(double *)field = number;
	return 0;
}

static int add_allowed(struct options *options, const char *program, struct error *error)
{
	if (options->allow_count == OPTIONS_ALLOW_MAX)
		return error_set(error, -EINVAL, "--allow-command may be given %d times", OPTIONS_ALLOW_MAX);
	options->allow[options->allow_count++] = program;
	return 0;
}

static int set_option(struct options *options, const struct option_info *info, const char *value, struct error *error)
{
	void *field = (char *)options + info->offset;
	if (info->kind == OPTION_ALLOW)
		return add_allowed(options, value, error);
	if (info->kind == OPTION_COUNT || info->kind == OPTION_SECONDS)
		return set_number(info, field, value, error);
	if (info->kind == OPTION_TEXT)
		*(const char **)field = value;
	else
		*(bool *)field = true;
	return 0;
}

/* Reads the option at argv[*at] and moves *at to its last word. */
static int read_option(struct options *options, char **argv, int *at, struct error *error)
{
	const char *word = argv[*at];
	size_t length = strcspn(word, "=");
	const struct option_info *info = option_find(word, length);
	if (!info)
		return error_set(error, -EINVAL, "unknown option '%s' (see --help)", word);
	if (info->kind == OPTION_FLAG && word[length])
		return error_set(error, -EINVAL, "%s takes no value", info->flag);
	const char *value = word[length] ? word + length + 1 : NULL;
	if (info->kind != OPTION_FLAG && !value)
		value = argv[*at + 1] ? argv[++*at] : NULL;
	if (info->kind != OPTION_FLAG && !value)
		return error_set(error, -EINVAL, "%s wants a value: %s", info->flag, info->unit);
	return set_option(options, info, value, error);
}

static int set_defaults(struct options *options, struct error *error)
{
	for (size_t i = 0; i < OPTION_INFO_COUNT; i++) {
		if (!option_infos[i].otherwise)
			continue;
		int rc = set_option(options, &option_infos[i], option_infos[i].otherwise, error);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static const char *host_name(struct arena *arena)
{
	char host[256] = "";
	if (gethostname(host, sizeof host - 1) < 0 || !*host)
		return "worker";
	return arena_strdup(arena, host);
}

static int fill_in(struct options *options, struct error *error)
{
	options->home = home_folder(options->home);
	if (!options->address)
		options->address = arena_printf(&options->arena, "%s/" HOME_SOCKET, options->home);
	if (!options->name)
		options->name = host_name(&options->arena);
	return options->address && options->name ? 0 : error_no_memory(error);
}

int options_init(struct options *options, int argc, char **argv, struct error *error)
{
	*options = (struct options){0};
	int rc = set_defaults(options, error);
	for (int at = 1; rc == 0 && at < argc; at++) {
		if (argv[at][0] == '-')
			rc = read_option(options, argv, &at, error);
		else if (options->address)
			rc = error_set(error, -EINVAL, "one address is enough: '%s' is a second", argv[at]);
		else
			options->address = argv[at];
	}
	return rc < 0 ? rc : fill_in(options, error);
}

void options_finish(struct options *options)
{
	arena_finish(&options->arena);
}

static void print_option(FILE *out, const struct option_info *info)
{
	char left[64];
	snprintf(left, sizeof left, "%s%s%s", info->flag, info->unit ? " " : "", info->unit ? info->unit : "");
	fprintf(out, "  %-26s %s", left, info->help);
	if (info->otherwise)
		fprintf(out, " (default: %s)", info->otherwise);
	fputc('\n', out);
}

void options_help(FILE *out)
{
	fputs("usage: kre-worker [ADDRESS] [OPTION...]\n\n"
	      "Takes runs from a kre-search daemon and trains them here. ADDRESS is a join address "
	      "kre://HOST:PORT/TOKEN or\n"
	      "the path of a socket; default: HOME/daemon.sock.\n\n",
	        out);
	for (size_t i = 0; i < OPTION_INFO_COUNT; i++)
		print_option(out, &option_infos[i]);
	fputs("\nCommands: only kre-train is run unless --allow-command names another. The name must be the command's "
	      "first\n"
	      "word, letter by letter: 'python3' allows python3 from PATH, '/usr/bin/env' allows that file (and so all "
	      "it\n"
	      "starts). A trainer works in this program's directory; $KRE_RUN_DIR is a private folder for what it "
	      "writes.\n\n"
	      "Signals: the first SIGINT or SIGTERM stops the trainers (SIGTERM, after the grace time SIGKILL) and "
	      "hands their\n"
	      "runs back, so that another worker continues; the second kills them at once; SIGUSR1, or the first "
	      "signal with\n"
	      "--finish, takes no new runs and lets the running ones finish.\n\n"
	      "Exit status: 0 ended as asked or handed back; 1 could not work; 2 wrong usage; 3 the first three runs "
	      "failed\n"
	      "within a minute (--allow-flapping goes on); 130 trainers were killed by a second signal.\n",
	        out);
}
