/* What kre-search says to the script that called it. */
#ifndef CLI_TERMINAL_EXIT_CODE_H
#define CLI_TERMINAL_EXIT_CODE_H

/* constant, number, meaning as help prints it */
#define EXIT_CODES(X)                                                                                                  \
	X(OK, 0, "done")                                                                                               \
	X(FAILED, 1, "failed or refused; the sentence on stderr says why")                                             \
	X(USAGE, 2, "the command line is wrong")                                                                       \
	X(STUDY_FILE, 3, "the study file is wrong")                                                                    \
	X(NO_DAEMON, 4, "no daemon answers and none could be started")                                                 \
	X(NOT_FOUND, 5, "no such study, trial or run")                                                                 \
	X(LEASE_LOST, 6, "the lease is no longer ours (report, tell, renew)")                                          \
	X(NO_RUN, 7, "ask: nothing to do now; try again later")                                                        \
	X(NO_MORE_RUNS, 8, "ask: the study hands out no more runs")                                                    \
	X(STOP, 10, "report, renew: end this run now (pruned or cancelled)")                                           \
	X(INTERRUPTED, 130, "interrupted; the study can go on")

enum exit_code {
#define X(constant, number, meaning) EXIT_##constant = (number),
	EXIT_CODES(X)
#undef X
};

#endif
