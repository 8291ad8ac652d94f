/* The process between the agent and a trainer (kre-worker --keep AGENT_PID MEMORY_BYTES PROGRAM
 * ARGS…). libuv has no hook before exec, so limits are set here, and what all processes of the run
 * take together is looked at from here. Whatever the trainer started, in whatever session, ends
 * with it; and when the agent is killed the kernel tells the supervisor, which takes them all
 * along: no machine is left training for nobody. */
#ifndef WORKER_AGENT_SUPERVISOR_H
#define WORKER_AGENT_SUPERVISOR_H

#define SUPERVISOR_WORD "--keep"
#define SUPERVISOR_NOTE 4                       /* the descriptor of the run's usage_note, where there is one */
#define SUPERVISOR_MEMORY_WORDS "out of memory" /* begins what it says of too much, see limits.h */

/* Runs the program to its end, and ends what it leaves behind. SIGHUP from the agent kills all of
 * it. The exit status is the program's; a program that died by a signal
 * makes the supervisor die by the same. 127 = could not be started, said on stderr. The caller
 * leads its own process group. */
int supervisor_run(int argc, char **argv);

#endif
