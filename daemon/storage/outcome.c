#include "daemon/storage/outcome.h"

bool store_outcome_is(int rc)
{
	return rc >= STORE_BUSY && rc <= STORE_FINISHED;
}
