#include "worker/agent/ending.h"

#include <assert.h>
#include <signal.h>

#include "schema/base/log.h"

#define RESULTS_WAIT_MS 5000 /* how long the last results may wait for the daemon */

static void move(struct ending *ending, enum ending_state to)
{
	static const bool moves[ENDING_STATE_COUNT][ENDING_STATE_COUNT] = {
	        [ENDING_WORKING] = {[ENDING_DRAINING] = true,
	                [ENDING_HANDING_BACK] = true,
	                [ENDING_KILLING] = true,
	                [ENDING_CLOSED] = true},
	        [ENDING_DRAINING] = {[ENDING_HANDING_BACK] = true, [ENDING_KILLING] = true, [ENDING_CLOSED] = true},
	        [ENDING_HANDING_BACK] = {[ENDING_KILLING] = true, [ENDING_CLOSED] = true},
	        [ENDING_KILLING] = {[ENDING_CLOSED] = true},
	};
	assert(moves[ending->state][to]);
	(void)moves;
	ending->state = to;
}

void ending_close(struct ending *ending)
{
	if (ending->state == ENDING_CLOSED)
		return;
	move(ending, ENDING_CLOSED);
	uv_close((uv_handle_t *)&ending->wait_timer, NULL);
	for (size_t i = 0; i < ENDING_SIGNAL_COUNT; i++)
		uv_close((uv_handle_t *)&ending->signals[i], NULL);
	ending->close(ending->context);
}

static void on_wait_over(uv_timer_t *timer)
{
	struct ending *ending = timer->data;
	log_warning("%zu messages did not reach the daemon; their leases will expire", ending->outbox->count);
	ending_close(ending);
}

void ending_settle(struct ending *ending)
{
	if (ending->state == ENDING_WORKING || ending->state == ENDING_CLOSED || !slots_are_idle(ending->slots))
		return;
	/* The answer to a question in flight may be a run, and that must be handed back. */
	const bool told = ending->outbox->count == 0 && !ending->asking->in_flight;
	if (told && !ending->busy(ending->context))
		ending_close(ending);
	else if (told)
		uv_timer_stop(&ending->wait_timer);
	else if (!uv_is_active((uv_handle_t *)&ending->wait_timer))
		uv_timer_start(&ending->wait_timer, on_wait_over, RESULTS_WAIT_MS, 0);
}

void ending_begin(struct ending *ending, enum ending_state state)
{
	if (state <= ending->state)
		return;
	bool first = ending->state == ENDING_WORKING;
	move(ending, state);
	if (first)
		ending->begun(ending->context);
	if (state >= ENDING_HANDING_BACK)
		slots_hand_back(ending->slots);
	if (state == ENDING_KILLING) {
		ending->killed = true;
		slots_kill(ending->slots);
	}
	ending_settle(ending);
}

static void on_signal(uv_signal_t *handle, int number)
{
	static const char *const words[] = {[ENDING_DRAINING] = "finishing what runs, taking nothing new",
	        [ENDING_HANDING_BACK] = "stopping the trainers and handing their runs back (again to kill them)",
	        [ENDING_KILLING] = "killing the trainers"};
	struct ending *ending = handle->data;
	bool gentle = number == SIGUSR1 || (ending->finish_first && ending->state == ENDING_WORKING);
	enum ending_state next = gentle                                ? ENDING_DRAINING
	                         : ending->state < ENDING_HANDING_BACK ? ENDING_HANDING_BACK
	                                                               : ENDING_KILLING;
	log_info("%s", words[next]);
	ending_begin(ending, next);
}

int ending_init(struct ending *ending, uv_loop_t *loop)
{
	static const int numbers[ENDING_SIGNAL_COUNT] = {SIGINT, SIGTERM, SIGUSR1};
	int rc = uv_timer_init(loop, &ending->wait_timer);
	ending->wait_timer.data = ending;
	for (size_t i = 0; i < ENDING_SIGNAL_COUNT; i++) {
		int made = uv_signal_init(loop, &ending->signals[i]);
		ending->signals[i].data = ending;
		if (made == 0)
			made = uv_signal_start(&ending->signals[i], on_signal, numbers[i]);
		if (rc == 0)
			rc = made;
	}
	return rc;
}
