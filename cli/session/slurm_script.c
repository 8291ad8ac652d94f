#include "cli/session/slurm_script.h"

#include "cli/terminal/shell_word.h"

/* One line of what sbatch is told. */
static void tell_sbatch(struct text *out, const char *option, int64_t value)
{
	if (value > 0)
		text_printf(out, "#SBATCH --%s=%lld\n", option, (long long)value);
}

static void append_option(struct text *out, const char *name, const char *value)
{
	text_printf(out, " --%s=", name);
	shell_word_append(out, value);
}

/* sbatch reads its lines much as a shell would, and puts numbers in for what follows a %. */
static void append_log_path(struct text *out, const char *folder)
{
	text_append(out, "#SBATCH --output=\"");
	for (; *folder; folder++) {
		if (*folder == '"' || *folder == '\\')
			text_append(out, "\\");
		text_append_bytes(out, folder, 1);
		if (*folder == '%')
			text_append(out, "%");
	}
	text_append(out, "/%A_%a.log\"\n");
}

static void append_head(struct text *out, const struct slurm_plan *plan)
{
	text_printf(out, "#!/bin/sh\n#SBATCH --job-name=kre-workers\n#SBATCH --array=1-%lld",
	        (long long)plan->worker_count);
	if (plan->at_once > 0)
		text_printf(out, "%%%lld", (long long)plan->at_once);
	text_append(out, "\n#SBATCH --requeue --open-mode=append --signal=B:USR1@300\n");
	append_log_path(out, plan->log_folder);
	tell_sbatch(out, "cpus-per-task", plan->cpus);
	tell_sbatch(out, "mem", plan->mem_mb);
	if (plan->time_limit)
		text_printf(out, "#SBATCH --time=%s\n", plan->time_limit);
}

/* The worker is the job's first process: Slurm's signals reach it and nothing else. It has to be
 * gone before Slurm's KillWait, 30 s, is over. */
void slurm_script_append(struct text *out, const struct slurm_plan *plan)
{
	append_head(out, plan);
	text_append(out, "exec ");
	shell_word_append(out, plan->worker);
	append_option(out, "join-file", plan->join_file);
	append_option(out, "home", plan->home);
	if (plan->study)
		append_option(out, "study", plan->study);
	for (size_t i = 0; i < plan->allow.count; i++)
		append_option(out, "allow-command", plan->allow.items[i]);
	text_append(out, " --until-finished --grace-s=10\n");
}
