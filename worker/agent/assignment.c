#include "worker/agent/assignment.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/space/json.h"
#include "worker/agent/environment.h"
#include "worker/agent/run_folder.h"

static int read_command(struct agent_assignment *assignment, const cJSON *list)
{
	size_t count = (size_t)cJSON_GetArraySize(list);
	char **argv = arena_alloc(&assignment->arena, (count + 1) * sizeof *argv);
	const cJSON *item;
	if (!argv)
		return -ENOMEM;
	assignment->command = (struct command){0, argv};
	cJSON_ArrayForEach (item, list) {
		if (!cJSON_IsString(item))
			return -EINVAL;
		argv[assignment->command.length] = arena_strdup(&assignment->arena, item->valuestring);
		if (!argv[assignment->command.length++])
			return -ENOMEM;
	}
	return count ? 0 : -EINVAL;
}

/* The study's name becomes a folder's: nothing a daemon says may lead out of ours. */
static bool study_name_is_safe(const char *name)
{
	if (!*name || *name == '.' || strlen(name) > 128)
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < 0x80 && !isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	return true;
}

static long long integer(const cJSON *run, const char *key)
{
	return (long long)json_double(run, key, 0);
}

int assignment_init(struct agent_assignment *assignment, cJSON *run, struct error *error)
{
	*assignment = (struct agent_assignment){.run = run,
	        .id = json_double(run, "run", -1),
	        .lease = json_double(run, "lease", -1),
	        .study = json_string(run, "study", ""),
	        .folder = "",
	        .checkpoint = "",
	        .checkpoint_lock = -1,
	        .limits = limits_read(cJSON_GetObjectItemCaseSensitive(run, "resources"))};
	snprintf(assignment->label, sizeof assignment->label, "%s %lld (fold %lld, attempt %lld)", assignment->study,
	        integer(run, "number"), integer(run, "fold"), integer(run, "attempt"));
	if (assignment->id < 0 || assignment->lease < 0)
		return error_set(error, -EINVAL, "the daemon handed out a run without a number or a lease");
	if (!study_name_is_safe(assignment->study))
		return error_set(error, -EINVAL, "the study's name is not one this worker makes a folder for");
	int rc = read_command(assignment, cJSON_GetObjectItemCaseSensitive(run, "command"));
	return rc < 0 ? error_set(error, rc, "the run has no command to start") : 0;
}

void assignment_finish(struct agent_assignment *assignment)
{
	cJSON_Delete(assignment->run);
	arena_finish(&assignment->arena);
	if (assignment->checkpoint_lock >= 0)
		close(assignment->checkpoint_lock);
	*assignment = (struct agent_assignment){.checkpoint_lock = -1};
}

static const char *file_path(const cJSON *file)
{
	return cJSON_IsString(file) ? file->valuestring : json_string(file, "path", "");
}

static const char *look_up_file(void *context, const char *name)
{
	const struct agent_assignment *assignment = context;
	const cJSON *files = cJSON_GetObjectItemCaseSensitive(assignment->run, "files");
	const cJSON *file = cJSON_GetObjectItemCaseSensitive(files, name);
	return file ? file_path(file) : NULL;
}

static int check_file(const cJSON *file, struct error *error)
{
	struct stat status;
	const char *path = file_path(file);
	if (stat(path, &status) < 0)
		return error_set(error, -errno, "file '%s' of the study is not on this worker: %s: %s", file->string,
		        path, strerror(errno));
	double size = json_double(file, "size", 0);
	if (size > 0 && S_ISREG(status.st_mode) && (double)status.st_size != size)
		return error_set(error, -ESTALE, "file '%s' differs from the study's: %s has %lld bytes, not %.0f",
		        file->string, path, (long long)status.st_size, size);
	return 0;
}

static int check_files(const struct agent_assignment *assignment, struct error *error)
{
	const cJSON *file;
	int rc = 0;
	cJSON_ArrayForEach (file, cJSON_GetObjectItemCaseSensitive(assignment->run, "files")) {
		rc = check_file(file, error);
		if (rc < 0)
			break;
	}
	return rc;
}

int assignment_prepare(struct agent_assignment *assignment, const char *home, struct error *error)
{
	struct run_folder folder;
	int rc = check_files(assignment, error);
	if (rc == 0)
		rc = run_folder_make(&folder, &assignment->arena, home, assignment->run, error);
	if (rc == 0) {
		assignment->folder = folder.path;
		assignment->checkpoint = folder.checkpoint;
		assignment->checkpoint_lock = folder.checkpoint_lock;
		const struct command_places places = {look_up_file, assignment, folder.params_file};
		rc = command_localise(&assignment->command, &assignment->arena, &places, error);
	}
	const struct environment_facts facts = {
	        assignment->run, assignment->study, assignment->limits.threads, &folder};
	if (rc == 0)
		rc = environment_build(&assignment->environment, &assignment->arena, &facts);
	return rc == -ENOMEM ? error_no_memory(error) : rc;
}
