#include "worker/agent/renewal.h"

#include <errno.h>

#include "schema/api/lease.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "worker/agent/machine.h"

int renewal_init(struct renewal *renewal, uv_loop_t *loop)
{
	renewal->timer.data = renewal;
	return uv_timer_init(loop, &renewal->timer);
}

static void on_answer(void *context, const struct call_reply *reply)
{
	const struct renewal *renewal = context;
	const struct renew_answer *answer = reply->answer;
	for (size_t i = 0; answer && i < answer->lost.count; i++)
		slots_stop_run(renewal->slots, (struct lease_claim){answer->lost.items[i], -1}, STOP_LOST);
	for (size_t i = 0; answer && i < answer->stop.count; i++)
		slots_stop_run(renewal->slots, (struct lease_claim){answer->stop.items[i].run_id, -1},
		        answer->stop.items[i].reason);
	if (answer || reply->error_code)
		renewal->answered(renewal->context);
}

/* To be freed when it was sent; without memory for it nothing is said. */
static struct fetching_run *list_fetching(struct renew_request *request, const struct slots *slots)
{
	struct fetching_run *items = memory_alloc((size_t)slots->count, sizeof *items);
	size_t count = 0;
	for (int64_t i = 0; items && i < slots->count; i++) {
		const struct slot *slot = &slots->items[i];
		int64_t percent;
		const char *file = file_search_fetching(&percent, slot->search);
		if (file)
			items[count++] = (struct fetching_run){slot->assignment.run->id, file, percent};
	}
	request->fetching.items = items;
	request->fetching.count = count;
	return items;
}

static int renew(struct renewal *renewal)
{
	struct lease_claim *claims =
	        memory_alloc((size_t)renewal->slots->count + renewal->doubts->count, sizeof *claims);
	size_t count = 0;
	if (!claims)
		return -ENOMEM;
	for (int64_t i = 0; i < renewal->slots->count; i++) {
		const struct slot *slot = &renewal->slots->items[i];
		if (slot->state != SLOT_FREE)
			claims[count++] = (struct lease_claim){slot->assignment.run->id, slot->assignment.run->lease};
	}
	for (size_t i = 0; i < renewal->doubts->count; i++)
		claims[count++] = renewal->doubts->items[i].result.claim;
	struct renew_request request = {.leases = {count, claims}, .load = machine_load()};
	struct fetching_run *fetching = list_fetching(&request, renewal->slots);
	int rc = link_call(renewal->link, &(struct link_request){METHOD_LEASE_RENEW, &request, 0, on_answer, renewal});
	memory_free(fetching);
	memory_free(claims);
	return rc;
}

static void on_timer(uv_timer_t *timer)
{
	struct renewal *renewal = timer->data;
	renewal->due(renewal->context);
	bool idle = slots_are_idle(renewal->slots) && renewal->doubts->count == 0;
	if (!link_is_up(renewal->link) || idle)
		return;
	int rc = renew(renewal);
	if (rc < 0) /* a lease lasts for two more attempts */
		log_warning("leases could not be renewed: %s; trying again", uv_strerror(rc));
}

void renewal_start(struct renewal *renewal, double lease_s)
{
	uint64_t third_ms = (uint64_t)(lease_s * 1000 / 3) + 1;
	uv_timer_start(&renewal->timer, on_timer, 0, third_ms);
}

void renewal_stop(struct renewal *renewal)
{
	uv_timer_stop(&renewal->timer);
}

void renewal_close(struct renewal *renewal)
{
	renewal->link = NULL;
	uv_close((uv_handle_t *)&renewal->timer, NULL);
}
