#include "worker/agent/assignment.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/agent/checkpoint_set.h"
#include "worker/agent/environment.h"
#include "worker/agent/input_files.h"

#define FOLDER_NAME_BYTES 255 /* file systems have room for no more */

/* The words as exec wants them, after the built-in ones are replaced. */
static int keep_command(struct agent_assignment *assignment)
{
	size_t count = assignment->run->command.count;
	char **argv = arena_alloc(&assignment->arena, (count + 1) * sizeof *argv);
	if (!argv)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		argv[i] = (char *)(uintptr_t)assignment->run->command.items[i];
	assignment->command = (struct command){count, argv};
	return count ? 0 : -EINVAL;
}

/* The study's name becomes a folder's: nothing a daemon says may lead out of ours. */
static bool study_name_is_safe(const char *name)
{
	if (!*name || *name == '.' || strlen(name) > FOLDER_NAME_BYTES)
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < 0x80 && !isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	return true;
}

/* True for a path below the folder that it starts in. */
static bool leads_down(const char *path)
{
	if (*path == '/')
		return false;
	for (; *path; path += strcspn(path, "/"), path += *path == '/')
		if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || path[2] == '\0'))
			return false;
	return true;
}

/* What a daemon elsewhere has the worker read out to it lies in the run's folder. */
static int check_report(const struct agent_assignment *assignment, struct error *error)
{
	const struct run_report_rule *rule = &assignment->run->report;
	if (!assignment->remote || rule->kind != REPORT_FILE || leads_down(rule->source))
		return 0;
	return error_set(error, -EINVAL, "the study's report file %s is not in the folder of the run", rule->source);
}

int assignment_init(
        struct agent_assignment *assignment, const struct call_reply *reply, bool remote, struct error *error)
{
	struct ask_answer answer;
	*assignment = (struct agent_assignment){.remote = remote, .folder = "", .held = RUN_FOLDER_NULL};
	call_reply_keep(&answer, reply, &assignment->arena);
	const struct assigned_run *run = answer.run;
	assert(run);
	assignment->run = (struct assigned_run *)(uintptr_t)run; /* in our arena */
	assignment->limits = limits_of(&run->resources);
	snprintf(assignment->label, sizeof assignment->label, "%s %lld (fold %lld, attempt %lld)", run->study,
	        (long long)run->number, (long long)run->fold, (long long)run->attempt);
	if (run->id < 0 || run->lease < 0)
		return error_set(error, -EINVAL, "the daemon handed out a run without a number or a lease");
	if (!study_name_is_safe(run->study))
		return error_set(error, -EINVAL, "the study's name is not one this worker makes a folder for");
	int rc = check_report(assignment, error);
	if (rc < 0)
		return rc;
	rc = keep_command(assignment);
	return rc < 0 ? error_set(error, rc, "the run has no command to start") : 0;
}

void assignment_finish(struct agent_assignment *assignment)
{
	run_folder_leave(&assignment->held);
	if (assignment->found)
		found_files_leave(assignment->found, found_files_count(assignment->run));
	memory_free(assignment->found);
	arena_finish(&assignment->arena);
	*assignment = (struct agent_assignment){.held = RUN_FOLDER_NULL};
}

static const char *look_up_file(void *context, const char *name)
{
	struct agent_assignment *assignment = context;
	const struct assigned_run *run = assignment->run;
	for (size_t i = 0; i < run->files.count; i++)
		if (strcmp(run->files.items[i].name, name) == 0)
			return run->files.items[i].path;
	return input_files_folder(run, name, &assignment->arena);
}

int assignment_prepare(struct agent_assignment *assignment, const char *home, struct error *error)
{
	int rc = run_folder_make(&assignment->held, &assignment->arena, home, assignment->run, error);
	if (rc == 0)
		assignment->folder = assignment->held.path;
	const struct input_places places = {
	        assignment->found, &assignment->held, &assignment->command, assignment->remote};
	if (rc == 0)
		rc = input_files_place(assignment->run, &places, &assignment->arena, error);
	if (rc == 0 && assignment->found)
		checkpoint_set_place(
		        assignment->run, assignment->found + assignment->run->files.count, &assignment->held);
	const struct environment_facts facts = {
	        assignment->run, assignment->limits.threads, &assignment->held, assignment->cache};
	if (rc == 0)
		rc = environment_build(&assignment->environment, &assignment->arena, &facts, error);
	return rc == -ENOMEM ? error_no_memory(error) : rc;
}

int assignment_localise(struct agent_assignment *assignment, struct error *error)
{
	const struct assigned_run *run = assignment->run;
	const struct command_places places = {look_up_file, assignment, assignment->held.params_file,
	        assignment->folder, run->seed, run->number, assigned_run_fold(run), assignment->remote};
	int rc = command_localise(&assignment->command, &assignment->arena, &places, error);
	return rc == -ENOMEM ? error_no_memory(error) : rc;
}
