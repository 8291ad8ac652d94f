#include "daemon/studies/outcome.h"

#include <assert.h>
#include <errno.h>

#include "daemon/storage/outcome.h"

bool studies_outcome_is(int rc)
{
	return rc >= STUDIES_NOT_FOUND && rc <= STUDIES_LATER;
}

int studies_from_store(int rc)
{
	assert(rc <= 0 || store_outcome_is(rc));
	switch (rc) {
	case STORE_GONE:
	case STORE_FINISHED:
		return -ESTALE;
	case STORE_BUSY:
		return -EBUSY;
	case STORE_NEWER:
	case STORE_DAMAGED:
		return -EIO;
	default:
		return rc;
	}
}
