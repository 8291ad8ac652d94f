#include "daemon/network/listener.h"

#include <errno.h>
#include <unistd.h>

#include "schema/base/inode.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

#define BACKLOG 128
#define RETRY_MS 20

struct listener {
	union uv_any_handle handle; /* of that kind */
	uv_timer_t retry_timer;
	struct listener_options options;
	struct address at;
	struct inode name; /* what is there now; none before it listens */
	bool put_off;      /* who is at the door, until listener_call_again */
};

static void on_retry(uv_timer_t *timer);

/* While one is not accepted, libuv hears of no other. */
static void let_in(struct listener *listener)
{
	int rc = listener->options.arrived(listener->options.context, listener);
	listener->put_off = rc == -EAGAIN || rc == -EBUSY || rc == -ENOMEM;
	if (rc == -ENOMEM || rc == -EBUSY)
		uv_timer_start(&listener->retry_timer, on_retry, RETRY_MS, 0);
}

void listener_call_again(struct listener *listener)
{
	if (listener && listener->put_off)
		let_in(listener);
}

static void on_retry(uv_timer_t *timer)
{
	listener_call_again(timer->data); /* unless that was done meanwhile */
}

static void on_connection(uv_stream_t *handle, int status)
{
	if (status == 0)
		let_in(handle->data);
	else
		log_warning("a connection was refused: %s", uv_strerror(status));
}

static void on_timer_closed(uv_handle_t *timer)
{
	memory_free(timer->data);
}

static void close_timer(struct listener *listener)
{
	uv_close((uv_handle_t *)&listener->retry_timer, on_timer_closed);
}

static void on_handle_closed(uv_handle_t *handle)
{
	close_timer(handle->data);
}

void listener_destroy(struct listener *listener)
{
	if (!listener)
		return;
	if (listener->name.number && inode_is_at(&listener->name, listener->at.path))
		unlink(listener->at.path); /* another daemon may have made its own there */
	uv_timer_stop(&listener->retry_timer);
	uv_close(&listener->handle.handle, on_handle_closed);
}

static int init_handles(struct listener *listener, uv_loop_t *loop)
{
	int rc = uv_timer_init(loop, &listener->retry_timer);
	if (rc < 0) {
		memory_free(listener);
		return rc;
	}
	listener->retry_timer.data = listener;
	rc = listener->options.kind->init(loop, &listener->handle);
	if (rc < 0)
		close_timer(listener);
	else
		listener->handle.handle.data = listener;
	return rc;
}

static int listen_now(struct listener *listener, struct error *error)
{
	const struct address *at = &listener->at;
	int rc = listener->options.kind->bind(&listener->handle, at, error);
	if (rc < 0)
		return rc;
	listener->name = inode_at(at->path);
	rc = uv_listen(&listener->handle.stream, BACKLOG, on_connection);
	if (rc < 0 && !*at->path)
		return error_set(error, rc, "cannot listen at port %u: %s", at->port, uv_strerror(rc));
	return rc < 0 ? error_set(error, rc, "cannot listen at %s: %s", at->path, uv_strerror(rc)) : 0;
}

int listener_create(struct listener **out, uv_loop_t *loop, const struct listener_options *options, struct error *error)
{
	struct listener *listener = memory_alloc(1, sizeof *listener);
	if (!listener)
		return error_no_memory(error);
	listener->options = *options;
	listener->at = *options->at;
	int rc = init_handles(listener, loop);
	if (rc < 0)
		return error_set(error, rc, "cannot prepare to listen: %s", uv_strerror(rc));
	rc = listen_now(listener, error);
	if (rc < 0)
		listener_destroy(listener);
	else
		*out = listener;
	return rc;
}

uint16_t listener_port(const struct listener *listener)
{
	struct sockaddr_storage at;
	int length = sizeof at;
	if (uv_tcp_getsockname(&listener->handle.tcp, (struct sockaddr *)&at, &length) < 0)
		return 0;
	return ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
	                                     : ((struct sockaddr_in6 *)&at)->sin6_port);
}

int listener_accept(struct stream **out, struct listener *listener, const struct stream_events *events)
{
	return stream_accept(out, &listener->handle.stream, listener->options.kind, events);
}
