#include "daemon/studies/context.h"

#include <errno.h>

#include "schema/base/memory.h"

int context_create(
        struct context **out, struct store *store, struct clock *clock, struct event_queue *events, int64_t lease_ms)
{
	struct context *context = memory_alloc(1, sizeof *context);
	if (!context)
		return -ENOMEM;
	context->store = store;
	context->clock = clock;
	context->events = events;
	context->leases.life_ms = lease_ms;
	list_init(&context->studies);
	*out = context;
	return 0;
}

struct monotime context_now(const struct context *context)
{
	return context->clock->monotonic(context->clock);
}

struct walltime context_date(const struct context *context)
{
	return context->clock->wall(context->clock);
}
