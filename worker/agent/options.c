#include "worker/agent/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "schema/base/home.h"
#include "schema/base/log.h"
#include "schema/base/option_help.h"
#include "schema/base/option_line.h"
#include "schema/transport/address_word.h"
#include "worker/agent/batch_job.h"

#define AT(member) offsetof(struct options, member)

static const struct option table[] = {
        {"join-file", OPTION_TEXT, AT(join_file), NULL, 0, 0, NULL, "FILE",
                "read ADDRESS from the first line of FILE, which only you may read"},
        {"slots", OPTION_INTEGER, AT(slots), "1", 1, 256, NULL, "N", "trainers running at the same time"},
        {"study", OPTION_TEXT, AT(study), NULL, 0, 0, NULL, "NAME", "work for this study only"},
        {"name", OPTION_TEXT, AT(name), NULL, 0, 0, NULL, "NAME",
                "name of this worker (default: slurm-JOB-TASK in such a job, else the host's name)"},
        {"home", OPTION_TEXT, AT(home), NULL, 0, 0, NULL, "DIR", "folder of runs (default: $KRE_HOME or ./kre-runs)"},
        {"cache", OPTION_TEXT, AT(cache), NULL, 0, 0, NULL, "DIR",
                "folder of fetched files (default: $KRE_CACHE or ~/.cache/kre-search)"},
        {"cache-gb", OPTION_NUMBER, AT(cache_gb), "10", 0, 1e6, NULL, "GB",
                "what it may have; of more, the least recently used goes"},
        {"allow-command", OPTION_TEXTS, AT(allow), NULL, 0, 0, NULL, "PROGRAM",
                "let studies run PROGRAM too; repeatable, '*' = any"},
        {"threads", OPTION_INTEGER, AT(threads), NULL, 0, 4096, NULL, "N",
                "CPU threads of a run whose study names none (default: its share of a Slurm job, else 1)"},
        {"count", OPTION_INTEGER, AT(count), "0", 0, 1e9, NULL, "N", "end after N runs; 0 = no limit"},
        {"until-finished", OPTION_BARE, AT(until_finished), NULL, 0, 0, NULL, "", "end when the studies are finished"},
        {"exit-when-idle", OPTION_BARE, AT(exit_when_idle), NULL, 0, 0, NULL, "",
                "end as soon as there is nothing to do"},
        {"finish", OPTION_BARE, AT(finish), NULL, 0, 0, NULL, "", "the first signal lets running trainers finish"},
        {"grace-s", OPTION_NUMBER, AT(grace_s), "30", 0, 86400, NULL, "SECONDS", "from SIGTERM to SIGKILL"},
        {"allow-flapping", OPTION_BARE, AT(flapping_okay), NULL, 0, 0, NULL, "", "go on when the first runs all fail"},
        {"log-level", OPTION_CHOICE, AT(log_level), "info", 0, 0, log_level_names, "", "what is logged to stderr"},
        {"help", OPTION_BARE, AT(help), NULL, 0, 0, NULL, "", "print this"},
        {"version", OPTION_BARE, AT(version), NULL, 0, 0, NULL, "", "print the version"},
};

static struct option_group group_over(struct options *options)
{
	return (struct option_group){"Options", table, sizeof table / sizeof *table, options};
}

static int read_address(void *context, const char *word, struct error *error)
{
	struct options *options = context;
	if (options->address)
		return error_set(error, -EINVAL, "one address is enough: '%s' is a second", word);
	options->address = word;
	return 0;
}

static const char *host_name(struct arena *arena)
{
	char host[256] = "";
	if (gethostname(host, sizeof host - 1) < 0 || !*host)
		return "worker";
	return arena_strdup(arena, host);
}

/* NULL when out of memory. */
static const char *find_cache(struct options *options)
{
	struct text found = TEXT_NULL;
	if (options->cache)
		return options->cache;
	if (!home_cache_print(&found))
		text_printf(&found, "%s/cache", options->home);
	const char *cache = found.failed ? NULL : arena_strdup(&options->arena, text_string(&found));
	text_finish(&found);
	return cache;
}

/* Programs have another working directory. NULL when out of memory, or when there is none. */
static const char *absolute(struct arena *arena, const char *path)
{
	char here[4096];
	if (!path || *path == '/')
		return path;
	return getcwd(here, sizeof here) ? arena_printf(arena, "%s/%s", here, path) : NULL;
}

/* Programs of studies inherit the environment: no line stays in it, whichever counts here. */
static int find_address(struct options *options, struct error *error)
{
	static const char *const lines[] = {"KRE_JOIN", "KRE_CONNECT"};
	const struct address_word from = {options->address, options->join_file, "KRE_JOIN"};
	if (options->address && options->join_file)
		return error_set(error, -EINVAL, "one address is enough: --join-file names a second");
	int rc = address_word_read(&options->address, &options->arena, &from, error);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		unsetenv(lines[i]);
	return rc;
}

static int fill_in(struct options *options, struct error *error)
{
	int rc = find_address(options, error);
	if (rc < 0)
		return rc;
	options->home = home_folder(options->home);
	options->cache = absolute(&options->arena, find_cache(options));
	if (!options->address)
		options->address = arena_printf(&options->arena, "%s/" HOME_SOCKET, options->home);
	if (!options->threads)
		options->threads = batch_job_threads(options->slots);
	if (!options->name)
		options->name = batch_job_name(&options->arena);
	if (!options->name)
		options->name = host_name(&options->arena);
	return options->address && options->name && options->cache ? 0 : error_no_memory(error);
}

int worker_options_init(struct options *options, int argc, char **argv, struct error *error)
{
	*options = (struct options){0};
	const struct option_group group = group_over(options);
	const struct option_line line = {&group, 1, .operand = read_address, .context = options};
	options_set_defaults(&group);
	int rc = option_line_read(&line, (const char *const *)argv + (argc > 0), error);
	return rc < 0 ? rc : fill_in(options, error);
}

void worker_options_finish(struct options *options)
{
	arena_finish(&options->arena);
}

void worker_options_help(struct text *out)
{
	const struct option_group group = group_over(NULL);
	text_append(out, "usage: kre-worker [ADDRESS] [OPTION...]\n\n"
	                 "Takes runs from a kre-search daemon and trains them here. ADDRESS is the line that "
	                 "`kre-search join` prints,\n"
	                 "kre://HOST:PORT/TOKEN, or - to read it from stdin, or the path of a socket; default: "
	                 "$KRE_JOIN or HOME/daemon.sock.\n\n");
	options_help_brief(&group, out);
	text_append(out,
	        "\nCommands: only kre-train is run unless --allow-command names another. The name must be the "
	        "command's "
	        "first\n"
	        "word, letter by letter: 'python3' allows python3 from PATH, '/usr/bin/env' allows that file (and so "
	        "all "
	        "it\n"
	        "starts). A trainer works in this program's directory; $KRE_RUN_DIR is a private folder for what it "
	        "writes.\n\n"
	        "Signals: the first SIGINT or SIGTERM stops the trainers (SIGTERM, after the grace time SIGKILL) and "
	        "hands their\n"
	        "runs back, so that another worker continues; the second kills them at once; SIGUSR1, or the first "
	        "signal with\n"
	        "--finish, takes no new runs and lets the running ones finish.\n\n"
	        "Exit status: 0 ended as asked or handed back; 1 could not work (a full disk, a missing program or "
	        "file); 2 wrong\n"
	        "usage; 3 the first three runs, or later eight in a row, failed within a minute each (--allow-flapping "
	        "goes on);\n"
	        "130 trainers were killed by a second signal.\n");
}
