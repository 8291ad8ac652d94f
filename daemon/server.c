#include "daemon/server.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "daemon/access/access.h"
#include "daemon/blobs/blobs.h"
#include "daemon/guard.h"
#include "daemon/home.h"
#include "daemon/network/network.h"
#include "daemon/new_life.h"
#include "daemon/notification.h"
#include "daemon/pool.h"
#include "daemon/storage/store.h"
#include "daemon/storage/store_files.h"
#include "daemon/studies/study_table.h"
#include "daemon/studies/table_files.h"
#include "schema/base/home.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

#define RETRY_MS 50
#define DESCRIPTORS_LEAST 32 /* its own, and some for those who talk to it */
#define DESCRIPTORS_OWN 64   /* and those of this machine's peers, where there are enough */

struct server {
	uv_loop_t loop;
	uv_timer_t timer;        /* the studies' next deadline */
	uv_timer_t sign_of_life; /* for systemd */
	uv_signal_t signals[3];
	uv_handle_t *handles[5]; /* those of the above that were made */
	size_t handle_count;
	struct home home;
	struct guard guard;
	struct error *error; /* why it had to end; the caller's */
	int rc;              /* likewise; 0 = nothing is wrong */
	struct store *store;
	struct study_table *table;
	struct access access;
	struct blobs blobs;
	struct job_pool pool;
	struct daemon_network *network; /* NULL once it closes */
	bool stopping;
};

static void on_network_closed(void *context)
{
	(void)context;
}

/* Unless its file is not ours any more. */
static void save_times(struct server *server)
{
	struct error error = {""};
	int rc = guard_check(&server->guard, &error);
	if (rc == 0)
		rc = study_table_save_times(server->table, &error);
	if (rc == 0)
		rc = study_table_commit(server->table, &error);
	if (rc != 0)
		log_warning("how long the studies ran since it was last written down is lost: %s",
		        *error.text ? error.text : "another program writes to the file");
}

static void stop(struct server *server)
{
	if (server->stopping)
		return;
	server->stopping = true;
	if (server->network) {
		if (server->rc == 0)
			save_times(server);
		log_info("stopping");
		notification_send(NOTIFICATION_STOPPING);
	}
	network_destroy(server->network, on_network_closed, NULL);
	server->network = NULL;
	pool_close(&server->pool);
	for (size_t i = 0; i < server->handle_count; i++)
		uv_close(server->handles[i], NULL);
}

static void on_timer(uv_timer_t *timer);

static void arm_timer(struct server *server)
{
	struct clock *clock = clock_system();
	int64_t due_ms = study_table_next_deadline(server->table).ms, now_ms = clock->monotonic(clock).ms;
	if (due_ms == INT64_MAX)
		uv_timer_stop(&server->timer);
	else
		uv_timer_start(&server->timer, on_timer, due_ms > now_ms ? (uint64_t)(due_ms - now_ms) : 0, 0);
}

/* Nothing that is done from now on would be kept. */
static void give_up(struct server *server)
{
	struct text path = TEXT_NULL;
	struct error error = {""};
	if (guard_rescue(&path, &server->guard, &error) < 0)
		log_error("%s", error.text);
	else if (path.length > 0)
		log_error("all that this daemon knew is in %s, which can become " HOME_DATABASE " while no daemon runs",
		        path.data);
	text_finish(&path);
	stop(server);
}

static bool home_is_lost(struct server *server)
{
	if (server->stopping || server->rc < 0)
		return true;
	server->rc = guard_check(&server->guard, server->error);
	if (server->rc < 0)
		give_up(server);
	return server->rc < 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct server *server = timer->data;
	if (server->network)
		network_call_when_heard(server->network);
}

static void do_what_is_due(void *context)
{
	struct server *server = context;
	struct error error = {""};
	if (home_is_lost(server))
		return;
	int rc = study_table_tick(server->table, &error);
	if (rc == 0)
		rc = study_table_commit(server->table, &error);
	if (rc < 0) {
		log_error("what was due could not be done: %s", error.text);
		log_debug("that began at %s", error_place(&error));
	}
	if (rc == 0)
		arm_timer(server);
	else
		uv_timer_start(&server->timer, on_timer, RETRY_MS, 0);
}

static void on_sign_of_life(uv_timer_t *timer)
{
	(void)timer;
	notification_send(NOTIFICATION_ALIVE);
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	stop(signal->data);
}

/* Workers everywhere need it, whatever becomes of the terminal it came from. */
static void on_hangup(uv_signal_t *signal, int number)
{
	(void)signal, (void)number;
	int rc = log_reopen();
	if (rc < 0)
		log_warning("the log cannot be opened anew, it goes on where it was: %s", uv_strerror(rc));
}

/* ---- what the doors ask of us ---- */

static void on_event(void *context, const struct study_event *event)
{
	struct server *server = context;
	if (server->network)
		network_broadcast(server->network, event);
}

static int take_job(void *context, struct study_job *job)
{
	struct server *server = context;
	return pool_add(&server->pool, job);
}

static void on_job_done(void *context, struct study_job *job)
{
	struct server *server = context;
	study_table_take_back(server->table, job);
	if (server->network)
		network_resume(server->network);
}

/* daemon.stop is answered first: the turn it came in ends before after_turn. */
static void ask_to_stop(void *context)
{
	(void)context;
	raise(SIGTERM); /* libuv hands it to on_signal in the next turn */
}

static void after_turn(void *context)
{
	struct server *server = context;
	if (!store_is_lost(server->store) || !home_is_lost(server))
		arm_timer(server);
}

/* ---- life ---- */

static int open_studies(struct server *server, const struct config *config, struct error *error)
{
	struct study_table_options options = {.lease_ms = (int64_t)(config->lease_s * 1000),
	        .work = take_job,
	        .on_event = on_event,
	        .context = server};
	int rc = home_init(&server->home, config->home, error);
	if (rc == 0)
		rc = store_open(&server->store, server->home.database, error);
	if (rc == 0)
		rc = study_table_create(&server->table, server->store, clock_system(), &options, error);
	if (rc == 0)
		rc = new_life_begin(server->home.folder, server->table, error);
	if (rc == 0)
		rc = access_init(&server->access, server->store, clock_system(), error);
	if (rc == 0)
		rc = blobs_init(&server->blobs, server->home.blobs, error);
	return rc;
}

static bool is_needed(const void *context, const char *sha256)
{
	return study_table_needs_file(context, sha256);
}

/* Files of studies that were deleted. */
static void sweep_files(struct server *server)
{
	struct clock *clock = clock_system();
	int64_t bytes = blobs_sweep(&server->blobs, is_needed, server->table, clock->wall(clock));
	if (bytes < 0)
		log_warning("files that no study needs could not be removed: %s", uv_strerror((int)bytes));
	else if (bytes > 0)
		log_info("%lld bytes of files that no study needs were removed", (long long)bytes);
}

/* Those who come over the network leave some for files, and for peers of this machine. */
static size_t descriptors_for_others(void)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return 0;
	const rlim_t own = limit.rlim_cur / 2 < DESCRIPTORS_OWN ? limit.rlim_cur / 2 : DESCRIPTORS_OWN;
	return (size_t)(limit.rlim_cur - own);
}

static int open_doors(struct server *server, const struct config *config, struct error *error)
{
	struct daemon_network_options options = {
	        .socket_path = server->home.socket,
	        .keys_folder = server->home.keys,
	        .peers_most = descriptors_for_others(),
	        .around = {.table = server->table,
	                .access = &server->access,
	                .blobs = &server->blobs,
	                .clock = clock_system(),
	                .lease_ms = (int64_t)(config->lease_s * 1000),
	                .stop = ask_to_stop,
	                .context = server},
	        .after_turn = after_turn,
	        .heard = do_what_is_due,
	        .context = server,
	};
	int rc = network_create(&server->network, &server->loop, &options, error);
	if (rc == 0 && guard_init(&server->guard, &server->home, server->store) < 0)
		rc = error_no_memory(error);
	return rc;
}

/* What was made is closed by stop. */
static int keep(struct server *server, int rc, void *handle)
{
	if (rc < 0)
		return rc;
	server->handles[server->handle_count] = handle;
	server->handles[server->handle_count++]->data = server;
	return 0;
}

static int init_handles(struct server *server, struct error *error)
{
	static const struct {
		int number;
		uv_signal_cb taken;
	} watched[] = {{SIGTERM, on_signal}, {SIGINT, on_signal}, {SIGHUP, on_hangup}};
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* too large a file is an error of write */
	int rc = keep(server, uv_timer_init(&server->loop, &server->timer), &server->timer);
	if (rc == 0)
		rc = keep(server, uv_timer_init(&server->loop, &server->sign_of_life), &server->sign_of_life);
	for (size_t i = 0; i < sizeof watched / sizeof *watched && rc == 0; i++) {
		uv_signal_t *handle = &server->signals[i];
		rc = keep(server, uv_signal_init(&server->loop, handle), handle);
		if (rc == 0)
			rc = uv_signal_start(handle, watched[i].taken, watched[i].number);
	}
	return rc < 0 ? error_set(error, rc, "cannot watch for signals: %s", uv_strerror(rc)) : 0;
}

/* Those on this machine are served all the same. */
static void listen_again(struct server *server)
{
	struct error error = {""};
	if (network_open_again(server->network, &error) < 0)
		log_error("others cannot come in: %s", error.text);
}

/* From now on it is a sign of life that the loop turns. */
static void tell_systemd(struct server *server)
{
	uint64_t period_ms = notification_period_ms();
	notification_send(NOTIFICATION_READY);
	if (period_ms > 0)
		uv_timer_start(&server->sign_of_life, on_sign_of_life, period_ms, period_ms);
}

/* Until it is told to stop, or at once when something it needs cannot be had. */
static int serve(struct server *server, const struct config *config, struct error *error)
{
	int rc = init_handles(server, error);
	if (rc == 0)
		rc = open_studies(server, config, error);
	if (rc == 0)
		rc = open_doors(server, config, error);
	if (rc == 0)
		sweep_files(server);
	if (rc == 0)
		listen_again(server);
	if (rc == 0) {
		log_info("kre-searchd " KRE_VERSION " serves %s", server->home.folder);
		tell_systemd(server);
		arm_timer(server);
	} else {
		stop(server);
	}
	uv_run(&server->loop, UV_RUN_DEFAULT);
	return rc == 0 ? server->rc : rc;
}

/* As many as the system allows; libuv ends the program where there are too few to begin with. */
static int allow_descriptors(struct error *error)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= DESCRIPTORS_LEAST)
		return 0;
	return error_set(error, -EMFILE,
	        "no more than %llu files may be open at once here (ulimit -n), and the daemon needs %d",
	        (unsigned long long)limit.rlim_cur, DESCRIPTORS_LEAST);
}

int server_run(const struct config *config, struct error *error)
{
	int rc = allow_descriptors(error);
	if (rc < 0)
		return rc;
	struct server *server = memory_alloc(1, sizeof *server);
	if (!server)
		return error_no_memory(error);
	server->home = HOME_NULL;
	server->error = error;
	rc = uv_loop_init(&server->loop);
	if (rc < 0) {
		memory_free(server);
		return error_set(error, rc, "cannot make an event loop: %s", uv_strerror(rc));
	}
	pool_init(&server->pool, &server->loop, on_job_done, server);
	rc = serve(server, config, error);
	study_table_destroy(server->table);
	store_close(server->store);
	blobs_finish(&server->blobs);
	home_finish(&server->home);
	uv_loop_close(&server->loop);
	memory_free(server);
	return rc;
}
