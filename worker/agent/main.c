/* kre-worker: the program. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/file.h"
#include "schema/base/log.h"
#include "schema/transport/address_home.h"
#include "worker/agent/agent.h"
#include "worker/agent/supervisor.h"

static int complain(const struct error *error)
{
	fprintf(stderr, "kre-worker: %s\n", error->text);
	return AGENT_USAGE;
}

static int print_help(void)
{
	struct text help = TEXT_NULL;
	worker_options_help(&help);
	fputs(text_string(&help), stdout);
	text_finish(&help);
	return AGENT_DONE;
}

/* A folder of a run is emptied and models of lost trials go, by the names of studies alone. */
static int refuse_strange_home(const struct options *options)
{
	struct error error = {0};
	error_set(&error, -EEXIST,
	        "%s is the home of another daemon, whose studies may have the names of this one's: --home DIR (or "
	        "KRE_HOME) names a folder for the runs of this worker",
	        options->home);
	return complain(&error);
}

static int work(const struct options *options)
{
	struct error error = {0};
	if (options->help)
		return print_help();
	if (options->version) {
		puts("kre-worker " KRE_VERSION);
		return AGENT_DONE;
	}
	if (address_is_strange(options->address, options->home))
		return refuse_strange_home(options);
	log_set_level((enum log_level)options->log_level);
	int status = agent_run(options, &error);
	if (*error.text) {
		complain(&error);
		log_debug("that began at %s", error_place(&error));
	}
	return status;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], SUPERVISOR_WORD) == 0)
		return supervisor_run(argc, argv);
	struct options options;
	struct error error = {0};
	file_allow_owner();
	int rc = worker_options_init(&options, argc, argv, &error);
	int status = rc < 0 ? complain(&error) : work(&options);
	worker_options_finish(&options);
	return status;
}
