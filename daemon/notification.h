/* What systemd is told of the daemon's life (sd_notify(3)): a datagram to the socket that
 * NOTIFY_SOCKET names. Without that variable nothing happens. */
#ifndef DAEMON_NOTIFICATION_H
#define DAEMON_NOTIFICATION_H

#include <stdint.h>

#define NOTIFICATION_READY "READY=1"
#define NOTIFICATION_STOPPING "STOPPING=1"
#define NOTIFICATION_ALIVE "WATCHDOG=1"

/* Sends it; where nobody takes it, it is lost. */
void notification_send(const char *words);

/* How often a sign of life is due: half of what WATCHDOG_USEC allows this process (WATCHDOG_PID);
 * 0 = nobody waits for one. */
uint64_t notification_period_ms(void);

#endif
