#define _GNU_SOURCE /* realpath, popen */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command_line/arguments.h"
#include "cli/session/daemon_users.h"
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
	const char *home, *folder, *worker; /* absolute, in the session's arena; the folder is there */
	const char *join_file, *script;     /* of one token */
};

static bool name_places(struct fleet_files *out, struct session *session, const char *home, const char *worker)
{
	out->home = arena_strdup(&session->arena, home);
	out->folder = arena_printf(&session->arena, "%s/" HOME_FLEET, home);
	out->worker = worker ? arena_strdup(&session->arena, worker) : NULL;
	return out->home && out->folder && out->worker;
}

/* What can be wrong is found out before there is a token, which would be left behind. */
static int find_places(struct fleet_files *out, struct session *session)
{
	char *home = realpath(session->home, NULL);
	if (!home)
		return output_failure(&session->output, EXIT_FAILED, "%s: %s", session->home, strerror(errno));
	char *worker = program_find("kre-worker");
	const bool named = name_places(out, session, home, worker);
	memory_free(worker);
	free(home); /* realpath's own */
	const char *inside = named ? arena_printf(&session->arena, "%s/.", out->folder) : NULL;
	if (!inside)
		return output_no_memory(&session->output);
	if ((mkdir(out->folder, 0700) < 0 && errno != EEXIST) || access(inside, W_OK | X_OK) < 0)
		return output_failure(&session->output, EXIT_FAILED, "%s: %s", out->folder, strerror(errno));
	return EXIT_OK;
}

static int name_files(struct fleet_files *out, struct arena *arena, const char *id, struct error *error)
{
	out->join_file = arena_printf(arena, "%s/slurm-%s.join", out->folder, id);
	out->script = arena_printf(arena, "%s/slurm-%s.sh", out->folder, id);
	return out->join_file && out->script ? 0 : error_no_memory(error);
}

static int write_files(
        const struct fleet_files *files, const char *line, const struct text *script, struct error *error)
{
	if (script->failed)
		return error_no_memory(error);
	int rc = file_write_private(files->join_file, line, strlen(line), error);
	return rc < 0 ? rc : file_write_private(files->script, text_string(script), script->length, error);
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

static int submit(const char **job, struct session *session, const struct fleet_files *files,
        const struct arguments *arguments, struct error *error)
{
	struct text command = TEXT_NULL;
	compose_command(&command, files, arguments);
	*job = command.failed ? NULL : read_job(session, text_string(&command));
	text_finish(&command);
	return *job ? 0 : error_set(error, -EIO, "sbatch took no job; its script is %s", files->script);
}

/* ---- the command ---- */

static struct slurm_plan plan_of(const struct fleet_files *files, const struct arguments *arguments)
{
	struct slurm_plan plan = {
	        .worker_count = arguments_count(arguments, "workers"),
	        .at_once = arguments_count(arguments, "at-once"),
	        .cpus = arguments_count(arguments, "cpus"),
	        .mem_mb = arguments_count(arguments, "mem-mb"),
	        .time_limit = arguments_text(arguments, "time"),
	        .study = arguments_text(arguments, "study"),
	        .worker = files->worker,
	        .home = files->home,
	        .join_file = files->join_file,
	        .log_folder = files->folder,
	};
	arguments_texts(&plan.allow, arguments, "allow-command");
	return plan;
}

static int print(const struct session *session, const struct submitted *submitted, const struct text *script)
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

static int write_script(struct text *out, const struct fleet_files *files, const char *line,
        const struct arguments *arguments, struct error *error)
{
	const struct slurm_plan plan = plan_of(files, arguments);
	slurm_script_append(out, &plan);
	return write_files(files, line, out, error);
}

static int send_out(struct session *session, struct fleet_files *files, const struct join_line *line,
        const struct arguments *arguments)
{
	struct text script = TEXT_NULL;
	struct error error = {0};
	const char *job = NULL;
	int rc = name_files(files, &session->arena, line->id, &error);
	if (rc == 0)
		rc = write_script(&script, files, line->address, arguments, &error);
	if (rc == 0 && !arguments_switch(arguments, "print"))
		rc = submit(&job, session, files, arguments, &error);
	const struct submitted submitted = {
	        job, files->script, files->join_file, line->id, arguments_count(arguments, "workers")};
	int code = rc == 0 ? print(session, &submitted, &script)
	                   : output_failure(&session->output, EXIT_FAILED,
	                             "%s; the token made for it holds: 'kre-search revoke %s' ends it", error.text,
	                             line->id);
	text_finish(&script);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const char *engine = arguments->operands[0];
	struct join_line line = {0};
	struct fleet_files files = {0};
	struct join_wish wish = {
	        .token = {.role = ROLE_WORKER, .name = engine, .study = arguments_text(arguments, "study")},
	        .port = -1};
	if (strcmp(engine, "slurm") != 0)
		return output_failure(&session->output, EXIT_USAGE,
		        "there is no fleet on '%s': 'slurm' is the only one; examples/fleet has Kubernetes, Docker and "
		        "ssh",
		        engine);
	arguments_texts(&wish.hosts, arguments, "host");
	int code = find_places(&files, session);
	if (code == EXIT_OK)
		code = join_line_make(&line, session, &wish);
	if (code == EXIT_OK)
		daemon_users_mark(session->users, DAEMON_STAYS); /* its tasks need it longer than this call does */
	return code == EXIT_OK ? send_out(session, &files, &line, arguments) : code;
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
