/* The process between the agent and a trainer (kre-worker --keep AGENT_PID MEMORY_BYTES PROGRAM
 * ARGS…). libuv has no hook before exec, so limits are set here; and when the agent is killed the
 * kernel tells the supervisor, which takes the trainer and everything in its process group along:
 * no machine is left training for nobody. */
#ifndef WORKER_AGENT_SUPERVISOR_H
#define WORKER_AGENT_SUPERVISOR_H

#define SUPERVISOR_WORD "--keep"

/* Runs the program to its end. The exit status is the program's; a program that died by a signal
 * makes the supervisor die by the same. 127 = could not be started, said on stderr. The caller
 * leads its own process group. */
int supervisor_run(int argc, char **argv);

#endif
