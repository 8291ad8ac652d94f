#include "worker/agent/asking.h"

#include "schema/base/log.h"

#define FIRST_ID 1e12     /* far from the ids the link counts itself */
#define ASK_AGAIN_MS 2000 /* when the daemon does not say */
#define LONGEST_PAUSE_S 3600

int asking_init(struct asking *asking, uv_loop_t *loop, const struct asking_events *events)
{
	asking->events = *events;
	asking->id = FIRST_ID;
	asking->timer.data = asking;
	return uv_timer_init(loop, &asking->timer);
}

static void on_timer(uv_timer_t *timer)
{
	asking_ask(timer->data);
}

static void ask_later(struct asking *asking, double retry_s)
{
	double pause_ms = retry_s > 0 && retry_s < LONGEST_PAUSE_S ? retry_s * 1000 : ASK_AGAIN_MS;
	if (asking->link)
		uv_timer_start(&asking->timer, on_timer, (uint64_t)pause_ms + 1, 0);
}

static void hear_answer(struct asking *asking, const struct call_reply *reply)
{
	const struct ask_answer *answer = reply->answer;
	void *context = asking->events.context;
	if (answer->run) {
		asking->events.given(context, reply);
		asking_ask(asking);
		return;
	}
	asking->events.none(context, answer->reason);
	ask_later(asking, answer->retry_s);
}

static void on_answer(void *context, const struct call_reply *reply)
{
	struct asking *asking = context;
	bool lost_on_the_way = !reply->answer && reply->error_code == 0;
	asking->in_flight = false;
	if (lost_on_the_way)
		return;
	asking->id++;
	if (reply->answer) {
		hear_answer(asking, reply);
	} else {
		asking->events.refused(asking->events.context, reply->error_code, reply->error_text);
		ask_later(asking, 0);
	}
	asking->events.answered(asking->events.context);
}

void asking_ask(struct asking *asking)
{
	if (!link_is_up(asking->link) || asking->in_flight || !asking->events.wants(asking->events.context))
		return;
	uv_timer_stop(&asking->timer);
	const struct ask_request ask = {
	        .study = asking->study, .commands = {asking->allow->count, asking->allow->names}, .repeats = true};
	const struct link_request request = {METHOD_TRIAL_ASK, &ask, asking->id, on_answer, asking};
	asking->in_flight = link_call(asking->link, &request) == 0;
	if (!asking->in_flight) {
		log_warning("the daemon could not be asked for a run: trying again");
		ask_later(asking, 0);
	}
}

void asking_ask_unless_waiting(struct asking *asking)
{
	if (!uv_is_active((uv_handle_t *)&asking->timer))
		asking_ask(asking);
}

void asking_forget(struct asking *asking)
{
	asking->in_flight = false;
	uv_timer_stop(&asking->timer);
}

void asking_close(struct asking *asking)
{
	asking->link = NULL;
	uv_close((uv_handle_t *)&asking->timer, NULL);
}
