#include "daemon/network/caller.h"

#include "schema/base/memory.h"

void caller_finish(struct caller *caller)
{
	memory_free(caller->name);
	memory_free(caller->session);
	memory_free(caller->software);
	memory_free(caller->watched);
	memory_free(caller->limit);
	*caller = (struct caller){0};
}
