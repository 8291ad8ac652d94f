#include "worker/agent/blob_fetch.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "schema/api/blob.h"
#include "schema/base/base64.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

#define ANSWER_MS 10000
#define STEP_MS 100 /* how soon it notices that it is to stop */
#define NEIGHBOUR_MS 200
#define DAEMON_IN_TROUBLE (-EBUSY) /* say its disk is full: that may pass */
#define CATCH_UP_BYTES ((int64_t)16 << 20)

/* ---- one piece ---- */

static int connect_once(struct blob_fetch *fetch, struct error *error)
{
	return fetch->connection ? 0 : link_sync_create(&fetch->connection, &fetch->link, ANSWER_MS, error);
}

static int get(struct blob_get_answer *answer, struct blob_fetch *fetch, const struct blob_get_request *request,
        struct arena *arena, struct error *error)
{
	struct link_question question = {METHOD_BLOB_GET, request, answer, arena, 0};
	int rc = link_sync_call(fetch->connection, &question, error);
	if (rc != LINK_REFUSED)
		return rc;
	return question.code == WIRE_INTERNAL ? DAEMON_IN_TROUBLE : -ENODATA;
}

static int add_piece(struct blob_intake *intake, const char *data, struct arena *arena, struct error *error)
{
	size_t length = strlen(data);
	void *bytes = arena_alloc(arena, BASE64_BYTES(length) + 1);
	if (!bytes)
		return error_no_memory(error);
	if (base64_read(bytes, &length, data, length) < 0 || length == 0)
		return error_set(error, -EBADMSG, "the daemon sent no bytes of it");
	return blob_intake_add(intake, bytes, length, error);
}

static int take_piece(struct blob_fetch *fetch, struct blob_intake *intake, struct error *error)
{
	struct arena arena = ARENA_NULL;
	struct blob_get_answer answer;
	const struct blob_get_request request = {intake->sha256, intake->length_bytes, BLOB_CHUNK_BYTES};
	int rc = get(&answer, fetch, &request, &arena, error);
	if (rc == 0)
		rc = add_piece(intake, answer.data, &arena, error);
	arena_finish(&arena);
	if (intake->size_bytes)
		atomic_store(fetch->percent, (int)(intake->length_bytes * 100 / intake->size_bytes));
	return rc;
}

/* ---- the whole ---- */

static int take_rest(struct blob_fetch *fetch, struct blob_intake *intake, struct error *error)
{
	int64_t left = 1;
	int rc = 0;
	while (rc == 0 && intake->length_bytes < intake->size_bytes)
		rc = atomic_load(fetch->stop) ? -ECANCELED : take_piece(fetch, intake, error);
	while (rc == 0 && left > 0) {
		left = atomic_load(fetch->stop) ? -ECANCELED : blob_intake_catch_up(intake, CATCH_UP_BYTES);
		rc = left < 0 ? error_set(error, (int)left, "%s", strerror((int)-left)) : 0;
	}
	return rc;
}

/* What the daemon says that the whole has: its study may not. */
static int ask_size(int64_t *size_bytes, struct blob_fetch *fetch, struct error *error)
{
	struct arena arena = ARENA_NULL;
	struct blob_get_answer answer;
	const struct blob_get_request request = {fetch->file->sha256, 0, 0};
	int rc = connect_once(fetch, error);
	if (rc == 0)
		rc = get(&answer, fetch, &request, &arena, error);
	if (rc == 0)
		*size_bytes = answer.size_bytes;
	arena_finish(&arena);
	return rc;
}

static int take(struct blob_fetch *fetch, struct error *error)
{
	struct blob_intake intake;
	struct blob blob = {.sha256 = fetch->file->sha256};
	int rc = ask_size(&blob.size_bytes, fetch, error);
	if (rc == 0)
		rc = blob_intake_begin(&intake, fetch->store, &blob, error);
	if (rc != 0)
		return rc == BLOB_IS_THERE ? 0 : rc;
	rc = take_rest(fetch, &intake, error);
	if (rc == 0)
		return blob_intake_end(&intake, error);
	blob_intake_leave(&intake);
	return rc;
}

/* ---- again and again ---- */

static void wait_ms(const struct blob_fetch *fetch, int64_t ms)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	for (; ms > 0 && !atomic_load(fetch->stop); ms -= STEP_MS)
		nanosleep(&step, NULL);
}

static void hang_up(struct blob_fetch *fetch)
{
	link_sync_destroy(fetch->connection);
	fetch->connection = NULL;
}

/* How long the next attempt waits, and up to how long it may become; what is not here is final. A
 * hello that is refused is not: the worker's own was not. */
static const struct {
	int code;
	int64_t first_ms, longest_ms;
} waits[] = {{BLOB_NO_ROOM, 30000, 600000}, {-EWOULDBLOCK, NEIGHBOUR_MS, NEIGHBOUR_MS}, {-ECONNRESET, 1000, 15000},
        {-ECONNREFUSED, 1000, 15000}, {-ENOENT, 1000, 15000}, {-ETIMEDOUT, 1000, 15000}, {-ENOTCONN, 1000, 15000},
        {-EPIPE, 1000, 15000}, {-EPROTO, 1000, 15000}, {DAEMON_IN_TROUBLE, 1000, 15000}};

static int64_t pause_ms(int code, int64_t before_ms)
{
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		if (waits[i].code != code)
			continue;
		int64_t ms = before_ms < waits[i].first_ms ? waits[i].first_ms : 2 * before_ms;
		return ms < waits[i].longest_ms ? ms : waits[i].longest_ms;
	}
	return 0;
}

/* A full disk is worth a sentence each time, for somebody has to do something; a neighbour that
 * fetches the same file is not. */
static void say(const struct blob_fetch *fetch, int code, int64_t ms, const struct error *why)
{
	if (code == BLOB_NO_ROOM)
		log_warning("'%s': %s; trying again in %lld s; --cache DIR uses another disk", fetch->file->name,
		        why->text, (long long)(ms / 1000));
	else if (code != -EWOULDBLOCK)
		log_info("'%s' is not here yet: %s; trying again", fetch->file->name, why->text);
}

int blob_fetch_run(struct blob_fetch *fetch, struct error *error)
{
	int64_t ms = 0;
	int rc;
	while ((rc = take(fetch, error)) != 0) {
		ms = pause_ms(rc, ms);
		if (atomic_load(fetch->stop))
			rc = -ECANCELED;
		if (ms == 0 || rc == -ECANCELED)
			break;
		if (rc == BLOB_NO_ROOM)
			blob_store_trim(fetch->store, fetch->cache_bytes / 2);
		say(fetch, rc, ms, error);
		if (rc < 0 && rc != -EWOULDBLOCK)
			hang_up(fetch);
		wait_ms(fetch, ms);
	}
	hang_up(fetch);
	return rc > 0 ? -EBADMSG : rc;
}
