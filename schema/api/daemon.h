/* The daemon itself: whether it is there, a copy of its file, its end. */
#ifndef SCHEMA_API_DAEMON_H
#define SCHEMA_API_DAEMON_H

#include "schema/api/field.h"
#include "schema/base/clock.h"

/* Where a copy of the trial file goes, or went: absolute, on the daemon's machine. */
struct file_export {
	const char *path;
};

/* A sign of life. */
struct daemon_ping_answer {
	const char *software;
	struct walltime server_time;
};

extern const struct shape file_export_shape, daemon_ping_answer_shape;

#endif
