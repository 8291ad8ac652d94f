/* The terminal that closes (SIGHUP). */
#ifndef CLI_TERMINAL_HANGUP_H
#define CLI_TERMINAL_HANGUP_H

#include <stdbool.h>

/* True when whoever started us (nohup) wants us to outlive it: then it is not to be watched. */
bool hangup_is_ignored(void);

#endif
