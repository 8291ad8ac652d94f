#include "cli/terminal/hangup.h"

#include <signal.h>
#include <stddef.h>

bool hangup_is_ignored(void)
{
	struct sigaction now;
	return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}
