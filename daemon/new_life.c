#include "daemon/new_life.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/studies/table_life.h"
#include "schema/base/home_restored.h"
#include "schema/base/log.h"

/* The old daemon gives out fewer than that after the last backup. By chance some of these: where
 * one backup is put back twice, the leases of one life mean nothing in the other. */
#define LEASES_AT_LEAST ((int64_t)1 << 20)
#define LEAPS 1048576

static int choose_leap(int64_t *leap)
{
	uint32_t random;
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return -EIO;
	*leap = LEASES_AT_LEAST * (1 + random % LEAPS);
	return 0;
}

int new_life_begin(const char *home, struct study_table *table, struct error *error)
{
	int64_t leap, lost;
	if (!home_is_restored(home))
		return 0;
	int rc = choose_leap(&leap);
	if (rc < 0)
		return error_set(error, rc, "no random number can be had");
	rc = study_table_begin_life(&lost, table, leap, error);
	if (rc != 0)
		return rc > 0 ? -EBUSY : rc;
	log_info("the trial file was restored from a backup and lives on; runs that were out and are handed out again: "
	         "%lld",
	        (long long)lost);
	rc = home_forget_restored(home);
	return rc < 0 ? error_set(error, rc, "the folder restored/ in %s cannot be removed: %s", home, strerror(-rc))
	              : 0;
}
