#include "schema/transport/tcp.h"

#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define SILENCE_S 10       /* after which the other side is asked whether it is there */
#define PROBE_S 5          /* … and again, three times */
#define PATIENCE_MS 20000u /* until the leases are known: what is sent and not acknowledged in that time ends it */

static int init(uv_loop_t *loop, union uv_any_handle *handle)
{
	return uv_tcp_init(loop, &handle->tcp);
}

void tcp_name(char *out, size_t bytes, const struct sockaddr_storage *socket)
{
	char text[INET6_ADDRSTRLEN] = "";
	if (socket->ss_family == AF_INET)
		uv_ip4_name((const struct sockaddr_in *)socket, text, sizeof text);
	else
		uv_ip6_name((const struct sockaddr_in6 *)socket, text, sizeof text);
	const char *v4 = strncmp(text, "::ffff:", 7) == 0 && strchr(text, '.') ? text + 7 : text;
	snprintf(out, bytes, "%s", v4);
}

static int bind_socket(union uv_any_handle *handle, const struct address *at, struct error *error)
{
	char name[64];
	int rc = uv_tcp_bind(&handle->tcp, (const struct sockaddr *)&at->socket, 0);
	tcp_name(name, sizeof name, &at->socket);
	return rc < 0 ? error_set(error, rc, "cannot listen at port %u of %s: %s", at->port, name, uv_strerror(rc)) : 0;
}

static int connect_socket(
        uv_connect_t *request, union uv_any_handle *handle, const struct address *to, uv_connect_cb connected)
{
	return uv_tcp_connect(request, &handle->tcp, (const struct sockaddr *)&to->socket, connected);
}

static void bear(const union uv_any_handle *handle, uint64_t silence_ms)
{
	const unsigned value = silence_ms < INT_MAX ? (unsigned)silence_ms : INT_MAX;
	uv_os_fd_t fd;
	if (uv_fileno(&handle->handle, &fd) == 0)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value);
}

/* A peer whose machine lost its power says nothing any more: the kernel finds out. Where it does
 * not know how, leases and deadlines do. */
static void watch_over(const union uv_any_handle *handle)
{
	static const struct {
		int level, name, value;
	} options[] = {{SOL_SOCKET, SO_KEEPALIVE, 1}, {IPPROTO_TCP, TCP_NODELAY, 1},
	        {IPPROTO_TCP, TCP_KEEPIDLE, SILENCE_S}, {IPPROTO_TCP, TCP_KEEPINTVL, PROBE_S},
	        {IPPROTO_TCP, TCP_KEEPCNT, 3}};
	uv_os_fd_t fd;
	if (uv_fileno(&handle->handle, &fd) < 0)
		return;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
	bear(handle, PATIENCE_MS);
}

static int identify(struct identity *out, const union uv_any_handle *handle)
{
	struct sockaddr_storage other;
	int length = sizeof other;
	int rc = uv_tcp_getpeername(&handle->tcp, (struct sockaddr *)&other, &length);
	if (rc < 0)
		return rc;
	watch_over(handle);
	*out = (struct identity){.kind = IDENTITY_NETWORK};
	tcp_name(out->from, sizeof out->from, &other);
	return 0;
}

const struct stream_kind stream_tcp = {init, bind_socket, connect_socket, identify, bear, .secure = true};

struct stream_kind stream_tcp_door(SSL_CTX *server, struct handshakes *handshakes)
{
	struct stream_kind door = stream_tcp;
	door.server = server;
	door.handshakes = handshakes;
	return door;
}
