/* Where this program is, and the trainer that came with it. */
#ifndef WORKER_AGENT_OWN_PROGRAMS_H
#define WORKER_AGENT_OWN_PROGRAMS_H

struct own_programs {
	char supervisor[4096]; /* this program, which every run's program has above it */
	char trainer[4096];    /* kre-train beside it, or its name alone, to be looked for in PATH */
};

/* Finds both. 0 or an uv error. */
int own_programs_find(struct own_programs *out);

#endif
