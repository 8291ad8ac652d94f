/* A backup of a home while its daemon works: the trial file as one transaction left it, the keys,
 * and the files by their content, which are copied once. DIR is 0700, all in it its owner's alone.
 *
 *   files by content ─▶ trial file ─▶ files that came meanwhile ─▶ keys ─▶ manifest ─▶ what nobody needs goes
 *
 * Whatever is killed before the manifest leaves the backup of before, whole; whatever is killed
 * after it, the new one. */
#ifndef CLI_SESSION_BACKUP_H
#define CLI_SESSION_BACKUP_H

#include "cli/session/session.h"

/* What was done. */
struct backup_outcome {
	int64_t files, bytes;               /* in the backup */
	int64_t copied_files, copied_bytes; /* of them, this time */
	int64_t damaged;                    /* files of the home that are not what they are called; left out */
	int64_t repaired;                   /* files of the backup that were damaged, and were copied anew */
};

/* Where to, and whether what is there already is read and checked. */
struct backup_order {
	const char *folder;
	bool check;
};

/* Makes one, or brings the one that is there up to date. Returns an exit code; failures are
 * said. */
int backup_make(struct backup_outcome *out, struct session *session, const struct backup_order *order);

#endif
