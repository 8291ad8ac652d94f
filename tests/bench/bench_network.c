#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "tests/bench/bench_network.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/api/access.h"
#include "schema/base/memory.h"
#include "schema/transport/address.h"
#include "schema/transport/tls.h"
#include "tests/bench/bench_daemon.h"

enum { STRANGERS = 200, ADDRESSES = 40 };

void bench_network_open(char out[BENCH_ADDRESS_BYTES], struct link_sync *sync)
{
	const struct listen_request listen = {.address = "127.0.0.1"};
	const struct token_create_request wanted = {.role = ROLE_ADMIN, .name = "bench"};
	struct listen_answer listening;
	struct token_create_answer made;
	bench_call(sync, METHOD_LISTEN_START, &listen, &listening);
	const int port = (int)listening.port;
	bench_call(sync, METHOD_TOKEN_CREATE, &wanted, &made);
	snprintf(out, BENCH_ADDRESS_BYTES, "kre://127.0.0.1:%d/%s", port, made.token);
}

static int knock(uint16_t port, int i)
{
	struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
	from.sin_addr.s_addr = htonl(0x7f000101u + (uint32_t)(i % ADDRESSES));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bench_must(fd >= 0 && bind(fd, (struct sockaddr *)&from, sizeof from) == 0, "a stranger finds no socket");
	bench_must(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "the door is closed");
	return fd;
}

static void flood(const struct address *address)
{
	int there[STRANGERS] = {0};
	struct tls *tls;
	long length;
	bench_must(tls_connect(&tls, address->token.pin) == 0 && tls_receive(tls, NULL, 0) == 0, "no first words");
	char *words = tls_take(&length, tls);
	for (int i = 0;; i = (i + 1) % (STRANGERS * ADDRESSES)) {
		int *fd = &there[i % STRANGERS];
		if (*fd > 0)
			close(*fd);
		*fd = knock(address->port, i);
		if (send(*fd, words, (size_t)length, MSG_NOSIGNAL) < 0)
			continue; /* it was hung up on */
	}
}

pid_t bench_flood_start(const char *text)
{
	struct address address;
	struct error error;
	bench_must(address_read(&address, text, &error) == 0, error.text);
	pid_t child = fork();
	bench_must(child >= 0, "cannot fork");
	if (child > 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	flood(&address);
	_exit(0);
}

void bench_flood_stop(pid_t flood)
{
	kill(flood, SIGKILL);
	waitpid(flood, NULL, 0);
}
