#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "daemon/notification.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "schema/base/log.h"

/* "/path", or "@name" in the space of names without a file. The length of the address, or 0 for
 * anything else. */
static socklen_t read_address(struct sockaddr_un *out, const char *name)
{
	size_t length = strlen(name);
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((*name != '/' && *name != '@') || length < 2 || length >= sizeof out->sun_path)
		return 0;
	memcpy(out->sun_path, name, length);
	if (*name == '@')
		out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void notification_send(const char *words)
{
	struct sockaddr_un address;
	const char *name = getenv("NOTIFY_SOCKET");
	socklen_t length = name ? read_address(&address, name) : 0;
	if (length == 0)
		return;
	int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (file < 0 || sendto(file, words, strlen(words), MSG_NOSIGNAL, (const struct sockaddr *)&address, length) < 0)
		log_warning("NOTIFY_SOCKET %s cannot be told %s: %s", name, words, strerror(errno));
	if (file >= 0)
		close(file);
}

uint64_t notification_period_ms(void)
{
	const char *period = getenv("WATCHDOG_USEC"), *whose = getenv("WATCHDOG_PID");
	if (!period || (whose && strtoll(whose, NULL, 10) != (long long)getpid()))
		return 0;
	long long us = strtoll(period, NULL, 10);
	if (us <= 0)
		return 0;
	return us < 4000 ? 1 : (uint64_t)us / 2000;
}
