/* What the kernel is told of a stream over TCP. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/transport/tcp.h"

static const union uv_any_handle *made;

static int connect_watched(
        uv_connect_t *request, union uv_any_handle *handle, const struct address *to, uv_connect_cb connected)
{
	made = handle;
	return stream_tcp.connect(request, handle, to, connected);
}

static unsigned patience_of(const union uv_any_handle *handle)
{
	unsigned value = 0;
	socklen_t length = sizeof value;
	uv_os_fd_t fd;
	assert_int_equal(uv_fileno(&handle->handle, &fd), 0);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &length), 0);
	return value;
}

static int listen_here(struct address *at)
{
	struct sockaddr_in *socket_address = (struct sockaddr_in *)&at->socket;
	socklen_t length = sizeof *socket_address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uv_ip4_addr("127.0.0.1", 0, socket_address);
	assert_int_equal(bind(fd, (struct sockaddr *)socket_address, length), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)socket_address, &length), 0);
	return fd;
}

static void what_is_not_acknowledged_for_a_third_of_a_lease_ends_it(void **state)
{
	static const struct {
		int64_t lease_ms;
		unsigned patience_ms;
	} cases[] = {{90000, 30000}, {60000, 20000}, {6000, 5000}, {0, 5000}, {86400000, 28800000}};
	struct stream_kind kind = stream_tcp;
	struct stream_events events = {.context = NULL};
	struct address address = {.port = 0};
	struct stream *stream;
	uv_loop_t loop;
	(void)state;
	kind.connect = connect_watched;
	uv_loop_init(&loop);
	int listener = listen_here(&address);
	assert_int_equal(stream_open(&stream, &loop, &kind, &address, &events), 0);
	while (stream_identity(stream)->kind != IDENTITY_NETWORK)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(patience_of(made), 20000);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		stream_set_patience(stream, stream_patience_ms(cases[i].lease_ms));
		assert_int_equal(patience_of(made), cases[i].patience_ms);
	}
	stream_destroy(stream);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_not_acknowledged_for_a_third_of_a_lease_ends_it),
	};
	return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
