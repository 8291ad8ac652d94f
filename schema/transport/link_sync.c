#include "schema/transport/link_sync.h"

#include <errno.h>

#include "schema/base/memory.h"
#include "schema/transport/address.h"

struct link_sync {
	uv_loop_t loop;
	uv_timer_t timer;
	struct link *link; /* NULL once the connection is lost */
	int64_t timeout_ms;
	bool timed_out;     /* what is waited for */
	bool done;          /* hello was answered, or the connection is lost */
	int status;         /* of hello: 0 or a negative errno */
	struct arena arena; /* owns hello's strings */
	struct hello_answer hello;
	bool greeted;
	struct error error;
};

static void finish_call(struct link_sync *sync, int status, const char *text)
{
	sync->done = true;
	sync->status = error_set(&sync->error, status, "%s", text);
}

static int keep_features(struct link_sync *sync, const struct hello_answer *hello)
{
	const size_t count = hello->features.count;
	const char **items = arena_alloc(&sync->arena, (count + 1) * sizeof *items);
	for (size_t i = 0; items && i < count; i++)
		if (!(items[i] = arena_strdup(&sync->arena, hello->features.items[i])))
			return -ENOMEM;
	sync->hello.features.items = items;
	return items ? 0 : -ENOMEM;
}

static void on_up(void *context, const struct hello_answer *hello)
{
	struct link_sync *sync = context;
	sync->hello = *hello;
	sync->hello.session = arena_strdup(&sync->arena, hello->session);
	sync->hello.software = arena_strdup(&sync->arena, hello->software);
	sync->greeted = sync->hello.session && sync->hello.software && keep_features(sync, hello) == 0;
	finish_call(sync, sync->greeted ? 0 : -ENOMEM, "out of memory");
}

static void on_down(void *context, int why, const char *reason)
{
	struct link_sync *sync = context;
	link_destroy(sync->link);
	sync->link = NULL;
	if (!sync->done)
		finish_call(sync, sync->greeted ? -ECONNRESET : why, reason);
}

static void finish_question(struct link_question *question, int status, const char *text)
{
	question->done = true;
	question->status = status ? error_set(&question->sync->error, status, "%s", text) : 0;
}

static void on_reply(void *context, const struct call_reply *reply)
{
	struct link_question *question = context;
	if (reply->answer) {
		call_reply_keep(question->answer, reply, question->arena);
		finish_question(question, 0, "");
	} else if (reply->error_code) {
		question->code = reply->error_code;
		finish_question(question, LINK_REFUSED, reply->error_text);
	} else {
		finish_question(question, -ECONNRESET, "the connection was lost before an answer came");
	}
}

static void on_timeout(uv_timer_t *timer)
{
	struct link_sync *sync = timer->data;
	sync->timed_out = true;
}

/* Runs the loop until *done. 0 or -ETIMEDOUT. */
static int wait_until(struct link_sync *sync, const bool *done)
{
	sync->timed_out = false;
	uv_update_time(&sync->loop); /* the loop slept since the last call, its clock with it */
	uv_timer_start(&sync->timer, on_timeout, (uint64_t)sync->timeout_ms, 0);
	while (!*done && !sync->timed_out)
		uv_run(&sync->loop, UV_RUN_ONCE);
	uv_timer_stop(&sync->timer);
	if (*done)
		return 0;
	link_destroy(sync->link); /* a late answer must not pass for that of the next call */
	sync->link = NULL;
	return error_set(&sync->error, -ETIMEDOUT, "the daemon did not answer in time");
}

static int wait_for_hello(struct link_sync *sync)
{
	int rc = wait_until(sync, &sync->done);
	if (rc < 0)
		sync->status = rc;
	return sync->status;
}

/* How it is said, and which errors are told apart: a missing daemon the caller may want to
 * start. */
static const struct {
	int status;
	const char *format;
} told_apart[] = {{-ENOENT, "no daemon answers at %s: %s"}, {-EACCES, "no daemon answers at %s: %s"},
        {-EPERM, "no daemon answers at %s: %s"}, {-ETIMEDOUT, "no daemon answers at %s: %s"},
        {-ENOMEM, "no daemon answers at %s: %s"}, {-EPROTO, "the daemon at %s refuses: %s"},
        {-EKEYEXPIRED, "the daemon at %s refuses: %s"}, {-EKEYREJECTED, "no daemon answers at %s: %s"}};

static int no_daemon(const struct link_sync *sync, const char *address, struct error *error)
{
	char place[ADDRESS_PLACE_BYTES];
	address_place(place, address);
	for (size_t i = 0; i < sizeof told_apart / sizeof *told_apart; i++)
		if (sync->status == told_apart[i].status)
			return error_set(error, sync->status, told_apart[i].format, place, sync->error.text);
	return error_set(error, -ECONNREFUSED, told_apart[0].format, place, sync->error.text);
}

static int open_loop(struct link_sync *sync)
{
	int rc = uv_loop_init(&sync->loop);
	if (rc < 0)
		return rc;
	rc = uv_timer_init(&sync->loop, &sync->timer);
	if (rc < 0)
		uv_loop_close(&sync->loop);
	sync->timer.data = sync;
	return rc;
}

int link_sync_create(
        struct link_sync **out, const struct link_options *options, int64_t timeout_ms, struct error *error)
{
	struct link_sync *sync = memory_alloc(1, sizeof *sync);
	if (!sync)
		return error_no_memory(error);
	sync->timeout_ms = timeout_ms;
	int rc = open_loop(sync);
	if (rc < 0) {
		memory_free(sync);
		return error_set(error, rc, "cannot make an event loop: %s", uv_strerror(rc));
	}
	struct link_events events = {.up = on_up, .down = on_down, .context = sync};
	rc = link_create(&sync->link, &sync->loop, options, &events, error);
	if (rc == 0 && wait_for_hello(sync) < 0)
		rc = no_daemon(sync, options->address, error);
	if (rc < 0) {
		link_sync_destroy(sync);
		return rc;
	}
	*out = sync;
	return 0;
}

void link_sync_set_patience(struct link_sync *sync, int64_t answer_ms)
{
	sync->timeout_ms = answer_ms;
}

void link_sync_destroy(struct link_sync *sync)
{
	if (!sync)
		return;
	link_destroy(sync->link);
	uv_close((uv_handle_t *)&sync->timer, NULL);
	uv_run(&sync->loop, UV_RUN_DEFAULT);
	uv_loop_close(&sync->loop);
	arena_finish(&sync->arena);
	memory_free(sync);
}

int link_sync_send(struct link_sync *sync, struct link_question *question, struct error *error)
{
	question->code = 0;
	question->done = false;
	question->sync = sync;
	if (!sync->link)
		return error_fold(error, -ECONNRESET, &sync->error, "%s", sync->error.text);
	const struct link_request request = {question->method, question->params, 0, on_reply, question};
	int rc = link_call(sync->link, &request);
	return rc == 0 ? 0 : error_set(error, rc, "%s", uv_strerror(rc));
}

int link_sync_wait(struct link_sync *sync, struct link_question *question, struct error *error)
{
	int rc = 0;
	if (!question->done)
		rc = sync->link ? wait_until(sync, &question->done) : -ECONNRESET;
	if (rc == 0)
		rc = question->status;
	return rc == 0 ? 0 : error_fold(error, rc, &sync->error, "%s", sync->error.text);
}

int link_sync_call(struct link_sync *sync, struct link_question *question, struct error *error)
{
	int rc = link_sync_send(sync, question, error);
	return rc == 0 ? link_sync_wait(sync, question, error) : rc;
}

pid_t link_sync_process(const struct link_sync *sync)
{
	return link_process(sync->link);
}

const struct hello_answer *link_sync_hello(const struct link_sync *sync)
{
	return &sync->hello;
}
