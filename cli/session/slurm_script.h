/* The script of a job array of workers for Slurm: what `sbatch` is given. */
#ifndef CLI_SESSION_SLURM_SCRIPT_H
#define CLI_SESSION_SLURM_SCRIPT_H

#include <stdint.h>

#include "schema/base/option.h"
#include "schema/base/text.h"

/* Strings are borrowed; paths are absolute, on a disk that the nodes share. */
struct slurm_plan {
	int64_t worker_count;
	int64_t at_once;        /* tasks that run at the same time; 0 = as many as there is room for */
	int64_t cpus, mem_mb;   /* of a task; 0 = as Slurm has it */
	const char *time_limit; /* as Slurm reads it, or NULL */
	const char *study;      /* the only one that they work for, or NULL */
	const char *worker;     /* the program kre-worker */
	const char *home;       /* of the runs: an interrupted one goes on from what lies there */
	const char *join_file;  /* holds the line of `join`; the script is no place for a secret */
	const char *log_folder;
	struct option_texts allow; /* programs that studies may name */
};

/* Appends the script. Of the array's signals USR1 comes five minutes before the time limit and lets
 * runs end, TERM hands them back at once. */
void slurm_script_append(struct text *out, const struct slurm_plan *plan);

#endif
