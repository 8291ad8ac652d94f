#include "worker/agent/reach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/base/log.h"
#include "schema/transport/address.h"

static bool is_one_of(int why, const int *codes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (codes[i] == why)
			return true;
	return false;
}

bool reach_is_refused(int why)
{
	static const int codes[] = {-EPERM, -EKEYEXPIRED};
	return is_one_of(why, codes, sizeof codes / sizeof *codes);
}

static bool may_come_here(const char *path)
{
	struct stat status;
	char folder[4096];
	const char *slash = strrchr(path, '/');
	if (stat(path, &status) == 0)
		return S_ISSOCK(status.st_mode);
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 0, path);
	return slash && stat(folder, &status) == 0;
}

bool reach_may_come(const char *address, int why)
{
	static const int here[] = {-ENOENT, -ECONNREFUSED, -ECONNRESET};
	static const int elsewhere[] = {-ECONNREFUSED, -ECONNRESET, -ETIMEDOUT, -EHOSTUNREACH, -ENETUNREACH};
	if (address_is_network(address))
		return is_one_of(why, elsewhere, sizeof elsewhere / sizeof *elsewhere);
	return is_one_of(why, here, sizeof here / sizeof *here) && may_come_here(address);
}

static void compare_clocks(const struct hello_answer *hello)
{
	struct clock *clock = clock_system();
	const double off_s = hello_clock_off_s(hello, clock->wall(clock));
	if (off_s > 0)
		log_warning(
		        "the daemon's clock and this machine's differ by %.0f s: dates of runs are the daemon's, and "
		        "so is the end of a line",
		        off_s);
}

/* An older one is a daemon that was replaced and is still there. */
static void say_another_life(int64_t epoch, int64_t before)
{
	if (epoch > before)
		log_warning("the daemon was restored from a backup (epoch %lld after %lld): the runs of before are "
		            "given up",
		        (long long)epoch, (long long)before);
	else
		log_warning(
		        "a daemon answers whose trial file was replaced by a backup (epoch %lld after %lld): is an old "
		        "one still running? The runs of before are given up",
		        (long long)epoch, (long long)before);
}

bool reach_is_another_life(int64_t *epoch, const struct hello_answer *hello)
{
	const int64_t before = *epoch;
	*epoch = hello->epoch;
	if (before == 0)
		compare_clocks(hello);
	else if (before != hello->epoch)
		say_another_life(hello->epoch, before);
	return before != 0 && before != hello->epoch;
}

/* "Connection refused" says little of what was never a socket. */
static const char *what_is_there(const char *path, const char *reason)
{
	struct stat status;
	if (stat(path, &status) < 0 || S_ISSOCK(status.st_mode))
		return reason;
	return S_ISDIR(status.st_mode) ? "that is a folder, and the socket is the file daemon.sock in a home"
	                               : "that is no socket";
}

void reach_complain(const char *address, int why, const char *reason)
{
	char place[ADDRESS_PLACE_BYTES];
	address_place(place, address);
	if (why == -EKEYEXPIRED)
		log_error("the daemon at %s refuses: %s", place, reason);
	else if (address_is_network(address))
		log_error("no daemon answers at %s: %s", place, reason);
	else
		log_error("no daemon answers at %s: %s", place, what_is_there(address, reason));
}
