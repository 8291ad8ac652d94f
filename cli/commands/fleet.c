#define _GNU_SOURCE /* realpath, popen */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli/command_line/arguments.h"
#include "cli/session/join_line.h"
#include "cli/session/program.h"
#include "cli/session/slurm_script.h"
#include "cli/terminal/shell_word.h"
#include "schema/base/file.h"
#include "schema/base/home.h"
#include "schema/base/memory.h"

static const struct option options[] = {
        {"workers", OPTION_INTEGER, 0, "1", 1, 1e6, NULL, "N", "tasks of the array, a worker each"},
        {"at-once", OPTION_INTEGER, 0, "0", 0, 1e6, NULL, "N", "run at most N of them at the same time; 0 = all"},
        {"time", OPTION_TEXT, 0, NULL, 0, 0, NULL, "TIME", "time limit of a task, as sbatch takes it: 4:00:00"},
        {"cpus", OPTION_INTEGER, 0, NULL, 0, 4096, NULL, "N",
                "CPUs of a task; a run whose study names no threads gets them"},
        {"mem-mb", OPTION_INTEGER, 0, NULL, 0, 1e9, NULL, "MB", "memory of a task"},
        {"study", OPTION_TEXT, 0, NULL, 0, 0, NULL, "STUDY", "work for this study only"},
        {"allow-command", OPTION_TEXTS, 0, NULL, 0, 0, NULL, "PROGRAM",
                "let studies run PROGRAM too; repeatable, '*' = any"},
        {"host", OPTION_TEXTS, 0, NULL, 0, 0, NULL, "NAME",
                "by which the nodes reach this machine; repeatable (default: its own names)"},
        {"print", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "print the script and submit nothing"},
};

struct submitted {
	const char *job; /* NULL = it was printed only */
	const char *script, *join_file, *token;
	int64_t workers;
};

static const struct field submitted_fields[] = {
        {"job", FIELD_TEXT, FIELD_ALWAYS, MEMBER(submitted, job)},
        {"script", FIELD_TEXT, FIELD_REQUIRED, MEMBER(submitted, script)},
        {"join_file", FIELD_TEXT, FIELD_REQUIRED, MEMBER(submitted, join_file)},
        {"token", FIELD_TEXT, FIELD_REQUIRED, MEMBER(submitted, token)},
        {"workers", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(submitted, workers)},
};
static const struct shape submitted_shape = SHAPE(submitted, submitted_fields);

/* ---- files on the shared disk ---- */

struct fleet_files {
	const char *home, *folder, *join_file, *script; /* absolute, in the session's arena */
};

/* False with errno. */
static bool name_files(struct fleet_files *out, struct session *session, const char *id)
{
	struct arena *arena = &session->arena;
	char *home = realpath(session->home, NULL);
	if (!home)
		return false;
	out->home = arena_strdup(arena, home);
	out->folder = arena_printf(arena, "%s/" HOME_FLEET, home);
	out->join_file = arena_printf(arena, "%s/" HOME_FLEET "/slurm-%s.join", home, id);
	out->script = arena_printf(arena, "%s/" HOME_FLEET "/slurm-%s.sh", home, id);
	free(home); /* realpath's own */
	return out->home && out->folder && out->join_file && out->script;
}

static int write_files(
        const struct session *session, const struct fleet_files *files, const char *line, const struct text *script)
{
	struct error error = {0};
	if (script->failed)
		return output_no_memory(&session->output);
	if (mkdir(files->folder, 0700) < 0 && errno != EEXIST)
		return output_failure(&session->output, EXIT_FAILED, "%s: %s", files->folder, strerror(errno));
	int rc = file_write_private(files->join_file, line, strlen(line), &error);
	if (rc == 0)
		rc = file_write_private(files->script, text_string(script), script->length, &error);
	return rc < 0 ? output_failure(&session->output, EXIT_FAILED, "%s", error.text) : EXIT_OK;
}

/* ---- sbatch ---- */

static void compose_command(struct text *out, const struct fleet_files *files, const struct arguments *arguments)
{
	text_append(out, "sbatch --parsable");
	for (size_t i = 1; i < arguments->operand_count; i++) {
		text_append(out, " ");
		shell_word_append(out, arguments->operands[i]);
	}
	text_append(out, " ");
	shell_word_append(out, files->script);
}

/* The job's number, or NULL when sbatch said no; why is on stderr, in its own words. */
static const char *read_job(struct session *session, const char *command)
{
	char line[256] = "";
	FILE *sbatch = popen(command, "re"); /* NOLINT(cert-env33-c): every word is quoted */
	bool read = sbatch && fgets(line, sizeof line, sbatch);
	int status = sbatch ? pclose(sbatch) : -1;
	if (!read || status != 0)
		return NULL;
	line[strcspn(line, ";\n")] = '\0'; /* behind ';' is the cluster's name */
	return arena_strdup(&session->arena, line);
}

static int submit(
        const char **job, struct session *session, const struct fleet_files *files, const struct arguments *arguments)
{
	struct text command = TEXT_NULL;
	compose_command(&command, files, arguments);
	*job = command.failed ? NULL : read_job(session, text_string(&command));
	text_finish(&command);
	if (*job)
		return EXIT_OK;
	return output_failure(&session->output, EXIT_FAILED,
	        "sbatch took no job; its script is %s, and the token it names ends by 'kre-search revoke'",
	        files->script);
}

/* ---- the command ---- */

static struct slurm_plan plan_of(const struct fleet_files *files, const struct arguments *arguments, const char *worker)
{
	struct slurm_plan plan = {
	        .worker_count = arguments_count(arguments, "workers"),
	        .at_once = arguments_count(arguments, "at-once"),
	        .cpus = arguments_count(arguments, "cpus"),
	        .mem_mb = arguments_count(arguments, "mem-mb"),
	        .time_limit = arguments_text(arguments, "time"),
	        .study = arguments_text(arguments, "study"),
	        .worker = worker,
	        .home = files->home,
	        .join_file = files->join_file,
	        .log_folder = files->folder,
	};
	arguments_texts(&plan.allow, arguments, "allow-command");
	return plan;
}

static int print(struct session *session, const struct submitted *submitted, const struct text *script)
{
	if (session->output.json)
		return session_print(session, &submitted_shape, submitted);
	if (!submitted->job)
		return output_text(&session->output, script) < 0 ? EXIT_FAILED : EXIT_OK;
	output_line(&session->output, "job %s: %lld workers", submitted->job, (long long)submitted->workers);
	output_remark(&session->output,
	        "'squeue -j %s' shows them, 'scancel %s' hands their runs back, and they leave by themselves when the "
	        "studies are finished; 'kre-search revoke %s' ends their token",
	        submitted->job, submitted->job, submitted->token);
	return EXIT_OK;
}

static int send_out(struct session *session, const struct join_line *line, const struct arguments *arguments)
{
	struct fleet_files files = {0};
	struct text script = TEXT_NULL;
	if (!name_files(&files, session, line->id))
		return output_failure(&session->output, EXIT_FAILED, "%s: %s", session->home, strerror(errno));
	char *worker = program_find("kre-worker");
	const struct slurm_plan plan = plan_of(&files, arguments, worker);
	if (worker)
		slurm_script_append(&script, &plan);
	int code = worker ? write_files(session, &files, line->address, &script) : output_no_memory(&session->output);
	struct submitted submitted = {NULL, files.script, files.join_file, line->id, plan.worker_count};
	if (code == EXIT_OK && !arguments_switch(arguments, "print"))
		code = submit(&submitted.job, session, &files, arguments);
	if (code == EXIT_OK)
		code = print(session, &submitted, &script);
	memory_free(worker);
	text_finish(&script);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const char *engine = arguments->operands[0];
	struct join_line line = {0};
	struct join_wish wish = {
	        .token = {.role = ROLE_WORKER, .name = engine, .study = arguments_text(arguments, "study")},
	        .port = -1};
	if (strcmp(engine, "slurm") != 0)
		return output_failure(&session->output, EXIT_USAGE,
		        "there is no fleet on '%s': 'slurm' is the only one; examples/fleet has Kubernetes, Docker and "
		        "ssh",
		        engine);
	arguments_texts(&wish.hosts, arguments, "host");
	int code = join_line_make(&line, session, &wish);
	return code == EXIT_OK ? send_out(session, &line, arguments) : code;
}

const struct verb verb_fleet = {
        .name = "fleet",
        .group = "Several machines",
        .operands = "slurm [-- SBATCH-OPTION...]",
        .operand_min = 1,
        .operand_max = OPERANDS_ANY,
        .daemon = DAEMON_EXISTING,
        .summary = "submit workers to a cluster as a job array",
        .details =
                "\nThe home has to be on a disk that the nodes share, and they have to reach this machine. The script "
                "and "
                "the secret\n"
                "line are kept in HOME/fleet, the logs beside them. A task that Slurm requeues or preempts hands its "
                "runs back, and\n"
                "whoever takes them goes on from their checkpoints. Five minutes before the time limit a task takes "
                "no new runs.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
