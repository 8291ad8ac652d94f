/* The daemon's options: one table that reads the command line and prints --help. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/error.h"
#include "schema/base/log.h"
#include "schema/base/text.h"

struct config {
	const char *home; /* borrowed from argv or the environment */
	double lease_s;
	int log_level; /* enum log_level */
	bool help, version;
};

/* Reads argv (borrowed) over the defaults and KRE_HOME. 0, or -EINVAL with a sentence that names
 * the option. */
int config_read(struct config *out, int argc, char **argv, struct error *error);

/* Appends what --help prints. */
void config_append_help(struct text *out);

#endif
