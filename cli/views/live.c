#include "cli/views/live.h"

#include <signal.h>
#include <string.h>
#include <uv.h>

#include "cli/terminal/hangup.h"
#include "cli/terminal/log_tail.h"
#include "cli/views/live_view.h"
#include "cli/views/study_list.h"
#include "cli/views/study_status.h"
#include "schema/api/study.h"
#include "schema/api/trial.h"
#include "schema/base/home.h"
#include "schema/transport/link.h"

#define REFRESH_MS 500
#define RUNNING_MOST 100 /* more lines than that nobody reads */
#define PLAIN_LINE_MS 10000

enum { SIGNAL_INT, SIGNAL_TERM, SIGNAL_HUP, SIGNAL_CHILD, SIGNAL_COUNT };

struct live {
	uv_loop_t loop;
	uv_timer_t timer;
	uv_signal_t signals[SIGNAL_COUNT];
	struct session *session;
	const char *study;
	struct local_workers *workers;
	struct link *link;
	struct live_view view;
	struct arena status_arena, running_arena; /* own the last answers */
	struct study_summary status;
	struct trial_list_answer running;
	size_t unanswered;      /* requests on their way */
	uint64_t plain_line_ms; /* loop time of the last plain progress line */
	int signal_count;
	int64_t failed_number; /* of the last trial that failed; −1 = none */
	bool study_ended;
	int exit_code;
};

static void finish_loop(struct live *live)
{
	uv_stop(&live->loop);
}

/* The end: the study has ended and so have our workers (they end by themselves once nothing is
 * left), or we were interrupted and our workers have handed back. */
static void end_if_done(struct live *live)
{
	if (live->workers->running_count > 0)
		return;
	if (live->signal_count > 0)
		live->exit_code = EXIT_INTERRUPTED;
	else if (!live->study_ended)
		return;
	finish_loop(live);
}

/* The answer in place of the last one. */
static void keep(void *out, struct arena *arena, const struct call_reply *reply)
{
	arena_finish(arena);
	call_reply_keep(out, reply, arena);
}

static bool has_ended(const struct study_headline *study)
{
	bool over = study->state == STUDY_FINISHED || study->state == STUDY_STOPPED;
	return over && study->counts[TRIAL_RUNNING] < 1;
}

static void draw(struct live *live)
{
	const struct output *output = &live->session->output;
	if (output->quiet || output->json)
		return;
	if (output->screen) {
		live_view_draw(&live->view, &live->status, &live->running);
		return;
	}
	if (uv_now(&live->loop) - live->plain_line_ms < PLAIN_LINE_MS)
		return;
	struct text line = TEXT_NULL;
	study_status_line(&live->status, 0, &line);
	output_line(output, "%s", text_string(&line));
	fflush(output->results);
	text_finish(&line);
	live->plain_line_ms = uv_now(&live->loop);
}

static void on_status(void *context, const struct call_reply *reply)
{
	struct live *live = context;
	live->unanswered--;
	if (reply->error_code) {
		live->exit_code = output_failure(&live->session->output, EXIT_FAILED, "%s", reply->error_text);
		finish_loop(live);
		return;
	}
	if (!reply->answer)
		return;
	keep(&live->status, &live->status_arena, reply);
	draw(live);
	if (!live->study_ended && has_ended(&live->status.headline)) {
		live->study_ended = true;
		/* They would notice by themselves, but only when they ask again. */
		local_workers_signal(live->workers, SIGUSR1);
	}
	end_if_done(live);
}

static void on_running(void *context, const struct call_reply *reply)
{
	struct live *live = context;
	live->unanswered--;
	if (reply->answer)
		keep(&live->running, &live->running_arena, reply);
}

static void request(struct live *live, enum method_id method, const void *params, call_reply_function *reply)
{
	if (link_call(live->link, &(struct link_request){method, params, 0, reply, live}) == 0)
		live->unanswered++;
}

/* Asks again only when the last answers have come: a slow daemon is not made slower. */
static void refresh(struct live *live)
{
	struct study_request study = {live->study};
	struct trial_list_request running = {live->study, TRIAL_RUNNING, -1, RUNNING_MOST};
	if (!link_is_up(live->link) || live->unanswered > 0)
		return;
	if (live->session->output.screen)
		request(live, METHOD_TRIAL_LIST, &running, on_running);
	request(live, METHOD_STUDY_GET, &study, on_status);
}

static void on_timer(uv_timer_t *timer)
{
	refresh(timer->data);
}

static void on_watching(void *context, const struct call_reply *reply)
{
	(void)context;
	(void)reply;
}

static void on_ready(void *context, const struct hello_answer *hello)
{
	struct live *live = context;
	(void)hello;
	struct watch_request watch = {live->study};
	link_call(live->link, &(struct link_request){METHOD_WATCH, &watch, 0, on_watching, live});
	refresh(live);
}

static void on_event(void *context, const struct study_event *event)
{
	struct live *live = context;
	if (live->session->output.screen)
		live_view_clear(&live->view);
	live_view_event(&live->view, event);
	if (event->kind == EVENT_FINISHED && strcmp(event->state, "FAIL") == 0)
		live->failed_number = event->number;
	if (live->session->output.screen)
		draw(live);
	if (event->kind == EVENT_STATE)
		refresh(live);
}

static void on_closed(void *context, int why, const char *reason)
{
	struct live *live = context;
	(void)why;
	live_view_clear(&live->view);
	const struct session *session = live->session;
	bool here = session_is_home(session);
	live->exit_code = output_failure(&session->output, EXIT_NO_DAEMON,
	        "the daemon is gone (%s; %s %s%s); the study can go on", reason, here ? "see" : "it was at",
	        here ? session->home : session->place, here ? "/" HOME_LOG : "");
	finish_loop(live);
}

/* First signal: workers end their trainers and hand their runs back. Second: they die now; their
 * leases run out. */
static void on_interrupt(uv_signal_t *handle, int signal)
{
	struct live *live = handle->data;
	(void)signal;
	live->signal_count++;
	live_view_clear(&live->view);
	output_remark(&live->session->output,
	        live->signal_count == 1 ? "stopping: runs are handed back (again: at once)" : "killing the workers");
	local_workers_signal(live->workers, live->signal_count == 1 ? SIGTERM : SIGKILL);
	end_if_done(live);
}

static void say_why_workers_ended(struct live *live)
{
	struct text path = TEXT_NULL, tail = TEXT_NULL;
	text_printf(&path, "%s/worker-%zu.log", live->session->home, live->workers->worst + 1);
	log_tail(text_string(&path), &tail);
	live_view_clear(&live->view);
	const char *words = strstr(text_string(&tail), " ERROR "); /* without the date before it */
	if (live->failed_number >= 0)
		text_printf(&path, "; 'kre-search show %s %lld' says why a trial failed", live->study,
		        (long long)live->failed_number);
	live->exit_code = output_failure(&live->session->output, EXIT_FAILED,
	        "all local workers have ended but the study has not: %s; see %s",
	        words ? words + 7 : text_string(&tail), text_string(&path));
	text_finish(&path);
	text_finish(&tail);
}

static void on_child(uv_signal_t *handle, int signal)
{
	struct live *live = handle->data;
	(void)signal;
	local_workers_reap(live->workers);
	if (live->workers->running_count > 0)
		return;
	if (live->signal_count == 0 && live->workers->worst_status != 0 && !live->study_ended) {
		say_why_workers_ended(live);
		finish_loop(live);
		return;
	}
	refresh(live);
	end_if_done(live);
}

static void say_interrupted(const struct live *live)
{
	const struct output *output = &live->session->output;
	if (output->json)
		output_failure(
		        output, EXIT_INTERRUPTED, "interrupted%s", live->study_ended ? "" : "; the study can go on");
	else if (!live->study_ended)
		output_remark(output, "the same command goes on");
}

static int start_handles(struct live *live)
{
	static const struct {
		int number;
		uv_signal_cb callback;
	} rows[SIGNAL_COUNT] = {
	        [SIGNAL_INT] = {SIGINT, on_interrupt},
	        [SIGNAL_TERM] = {SIGTERM, on_interrupt},
	        [SIGNAL_HUP] = {SIGHUP, on_interrupt},
	        [SIGNAL_CHILD] = {SIGCHLD, on_child},
	};
	int rc = uv_timer_init(&live->loop, &live->timer);
	live->timer.data = live;
	for (size_t i = 0; i < SIGNAL_COUNT && rc == 0; i++) {
		rc = uv_signal_init(&live->loop, &live->signals[i]);
		live->signals[i].data = live;
		if (rc == 0 && !(rows[i].number == SIGHUP && hangup_is_ignored()))
			rc = uv_signal_start(&live->signals[i], rows[i].callback, rows[i].number);
	}
	return rc ? rc : uv_timer_start(&live->timer, on_timer, REFRESH_MS, REFRESH_MS);
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static int run_loop(struct live *live)
{
	struct error error = {0};
	struct link_options options = {.address = live->session->address, .role = ROLE_ADMIN, .name = "kre-search"};
	struct link_events events = {on_ready, on_event, on_closed, live};
	int rc = link_create(&live->link, &live->loop, &options, &events, &error);
	if (rc)
		return output_failure(&live->session->output, EXIT_FAILED, "%s", error.text);
	if (start_handles(live) != 0)
		return output_failure(&live->session->output, EXIT_FAILED, "can't watch for signals");
	/* A worker may have ended before its signal was watched. */
	local_workers_reap(live->workers);
	uv_run(&live->loop, UV_RUN_DEFAULT);
	live_view_clear(&live->view);
	if (live->exit_code == EXIT_INTERRUPTED)
		say_interrupted(live);
	return live->exit_code;
}

int live_watch(struct session *session, const char *study, struct local_workers *workers)
{
	struct live live = {
	        .session = session,
	        .study = study,
	        .workers = workers,
	        .view = {.output = &session->output},
	        .failed_number = -1,
	};
	if (uv_loop_init(&live.loop) != 0)
		return output_failure(&session->output, EXIT_FAILED, "can't make an event loop");
	int code = run_loop(&live);
	if (code != EXIT_OK && workers->running_count > 0)
		local_workers_signal(workers, SIGTERM);
	link_destroy(live.link);
	uv_walk(&live.loop, close_handle, NULL);
	uv_run(&live.loop, UV_RUN_DEFAULT);
	uv_loop_close(&live.loop);
	arena_finish(&live.status_arena);
	arena_finish(&live.running_arena);
	return code;
}
