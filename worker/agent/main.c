/* kre-worker: the program. */
#include <stdio.h>
#include <string.h>

#include "schema/base/log.h"
#include "worker/agent/agent.h"
#include "worker/agent/supervisor.h"

static int complain(const struct error *error)
{
	fprintf(stderr, "kre-worker: %s\n", error->text);
	return AGENT_USAGE;
}

static int work(const struct options *options)
{
	struct error error = {0};
	enum log_level level;
	if (options->help) {
		options_help(stdout);
		return AGENT_DONE;
	}
	if (options->version) {
		puts("kre-worker " KRE_VERSION);
		return AGENT_DONE;
	}
	if (log_level_parse(&level, options->log_level) < 0) {
		fprintf(stderr, "kre-worker: --log-level: debug, info, warning or error, not '%s'\n",
		        options->log_level);
		return AGENT_USAGE;
	}
	log_set_level(level);
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
	int rc = options_init(&options, argc, argv, &error);
	int status = rc < 0 ? complain(&error) : work(&options);
	options_finish(&options);
	return status;
}
