#include "tests/bench/bench_downloads.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/api/blob.h"
#include "schema/api/study.h"
#include "schema/base/base64.h"
#include "schema/base/sha256.h"
#include "tests/bench/bench_daemon.h"

enum { CHUNKS = 16, CONNECTIONS_MAX = 64 };

/* All downloads of the child. */
struct download {
	struct link *link;
	int64_t offset;
};

static volatile sig_atomic_t over;
static char sha256[SHA256_HEX_BYTES];
static int64_t got_bytes;

void bench_file_make(struct link_sync *sync)
{
	static char bytes[CHUNKS * BLOB_CHUNK_BYTES], data[BASE64_LENGTH(BLOB_CHUNK_BYTES) + 1], spec[600];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 31 + i / 256);
	sha256_hex(sha256, bytes, sizeof bytes);
	for (int i = 0; i < CHUNKS; i++) {
		int64_t at = i * BLOB_CHUNK_BYTES;
		base64_write(data, bytes + at, (size_t)BLOB_CHUNK_BYTES);
		const struct blob_put_request request = {sha256, sizeof bytes, at, data, 0, 0};
		struct blob_put_answer there;
		bench_call(sync, METHOD_BLOB_PUT, &request, &there);
	}
	snprintf(spec, sizeof spec,
	        "{\"name\":\"files\",\"method\":\"random\",\"metric\":{\"name\":\"f1\",\"goal\":\"maximize\"},"
	        "\"parameters\":{"
	        "\"a\":{\"min\":0.0,\"max\":1.0}},\"files\":{\"train\":{\"path\":\"/"
	        "nowhere\",\"sha256\":\"%s\",\"size_bytes\":%zu}}}",
	        sha256, sizeof bytes);
	const struct study_create_request study = {.spec = spec};
	struct study_create_answer made;
	bench_call(sync, METHOD_STUDY_CREATE, &study, &made);
}

static void ask(struct download *download);

static void on_piece(void *context, const struct call_reply *reply)
{
	struct download *download = context;
	if (!reply->answer)
		return;
	got_bytes += BLOB_CHUNK_BYTES;
	download->offset = (download->offset + BLOB_CHUNK_BYTES) % (CHUNKS * BLOB_CHUNK_BYTES);
	if (over)
		link_destroy(download->link);
	else
		ask(download);
}

static void ask(struct download *download)
{
	const struct blob_get_request request = {sha256, download->offset, BLOB_CHUNK_BYTES};
	link_call(download->link, &(struct link_request){METHOD_BLOB_GET, &request, 0, on_piece, download});
}

static void on_up(void *context, const struct hello_answer *hello)
{
	(void)hello;
	ask(context);
}

static void on_signal(int number)
{
	(void)number;
	over = 1;
}

static void download_all(const char *address, int connections)
{
	static struct download downloads[CONNECTIONS_MAX];
	uv_loop_t loop;
	struct error error;
	uv_loop_init(&loop);
	uint64_t start_ns = uv_hrtime();
	for (int i = 0; i < connections; i++) {
		const struct link_options options = {.address = address, .role = ROLE_WORKER, .name = "fetches"};
		const struct link_events events = {on_up, NULL, NULL, &downloads[i]};
		bench_must(link_create(&downloads[i].link, &loop, &options, &events, &error) == 0, error.text);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	printf("downloads %d  MB/s %.0f\n", connections, (double)got_bytes * 1e3 / (double)(uv_hrtime() - start_ns));
	fflush(stdout);
}

pid_t bench_downloads_start(const char *address, int connections)
{
	bench_must(connections <= CONNECTIONS_MAX, "at most 64 downloads");
	fflush(stdout);
	pid_t child = fork();
	bench_must(child >= 0, "cannot fork");
	if (child > 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, on_signal);
	bench_must(setpriority(PRIO_PROCESS, 0, 19) == 0, "cannot be nice");
	download_all(address, connections);
	_exit(0);
}

void bench_downloads_stop(pid_t child)
{
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
}
