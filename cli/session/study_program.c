#include "cli/session/study_program.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "cli/session/executable.h"
#include "cli/session/first_line.h"

#define BUILT_IN "kre-train" /* workers have their own */

struct program_search {
	struct arena arena;
	const struct study_program *program;
	struct error *error;
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* What stands in the run's folder is not there yet. */
static bool is_open(const char *word)
{
	return strstr(word, "${run_dir}") || strcmp(word, "${args_json_file}") == 0;
}

/* ---- what to write instead ---- */

/* The other name of a program that is there under one of two; NULL when it isn't. */
static const char *other_name(struct program_search *search, const char *name)
{
	static const char *const twins[][2] = {{"python", "python3"}, {"python3", "python"}};
	const char *path;
	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
		if (strcmp(base_of(name), twins[i][0]) == 0 && executable_find(&path, &search->arena, twins[i][1]) == 0)
			return twins[i][1];
	return NULL;
}

/* The study file's folder when the script is there, else NULL. */
static const char *folder_with(struct program_search *search, const char *script)
{
	const char *study_file = search->program->study_file, *base = base_of(study_file);
	const char *folder = arena_strndup(&search->arena, study_file, (size_t)(base - study_file));
	const char *path = folder && *folder ? arena_printf(&search->arena, "%s%s", folder, script) : NULL;
	return path && *script != '/' && access(path, R_OK) == 0 ? folder : NULL;
}

static int say_no_file(struct program_search *search, const char *path)
{
	char here[PATH_MAX];
	const char *folder = folder_with(search, path);
	if (folder)
		return error_set(search->error, -ENOENT,
		        "there is no '%s' in this folder, where local workers start the study's program, but there is "
		        "one "
		        "beside the study file: cd %s first",
		        path, folder);
	if (*path != '/' && getcwd(here, sizeof here))
		return error_set(search->error, -ENOENT,
		        "there is no '%s' in %s, where local workers start the study's program", path, here);
	return error_set(search->error, -ENOENT, "there is no '%s', the study's program", path);
}

static const char *word_of_command(const struct study_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->command_length; i++)
		if (strcmp(spec->command[i], "${interpreter}") == 0)
			return strcmp(name, "python") == 0 ? "${interpreter}" : name;
	return name;
}

static bool is_here(struct program_search *search, const char *name)
{
	const char *path = arena_printf(&search->arena, "./%s", name), *found;
	int rc = path ? executable_find(&found, &search->arena, path) : -ENOMEM;
	return rc == 0 || rc == -EACCES;
}

static int say_absent(struct program_search *search, const char *name)
{
	const struct study_spec *spec = search->program->spec;
	const char *other = other_name(search, name);
	if (other && spec->command_length == 0)
		return error_set(search->error, -ENOENT,
		        "this machine has no program '%s', but it has %s: write command: [\"${env}\", %s, "
		        "\"${program}\", "
		        "\"${args}\"]",
		        name, other, other);
	if (other)
		return error_set(search->error, -ENOENT,
		        "this machine has no program '%s', but it has %s: try %s instead of '%s' in 'command'", name,
		        other, other, word_of_command(spec, name));
	if (strchr(name, '/'))
		return say_no_file(search, name);
	if (is_here(search, name))
		return error_set(search->error, -ENOENT,
		        "'command' starts '%s', which is looked for in PATH and not in this folder: write ./%s", name,
		        name);
	return error_set(search->error, -ENOENT,
	        "this machine has no program '%s', which 'command' starts, in any folder of PATH", name);
}

static int say_program(struct program_search *search, const char *name, int rc)
{
	if (rc == -EACCES)
		return error_set(search->error, rc,
		        "'%s', which 'command' starts, may not be executed: chmod +x makes it a program, or put its "
		        "interpreter before it",
		        name);
	if (rc == -EISDIR)
		return error_set(search->error, rc, "'%s', which 'command' starts, is a folder", name);
	return rc == -ENOENT ? say_absent(search, name) : error_no_memory(search->error);
}

/* ---- the script of an interpreter ---- */

static bool is_interpreter(const char *word)
{
	static const char *const names[] = {
	        "python", "pypy", "sh", "bash", "dash", "zsh", "ksh", "perl", "ruby", "Rscript", "julia"};
	const char *base = base_of(word);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t length = strlen(names[i]);
		if (strncmp(base, names[i], length) == 0 && base[length + strspn(base + length, "0123456789.")] == '\0')
			return true;
	}
	return false;
}

/* Bash, which may be called sh, looks for a script in PATH too, be it executable or not. */
static bool is_in_path(struct program_search *search, const char *interpreter, const char *script)
{
	const char *path;
	if (!ends_with(interpreter, "sh") || strchr(script, '/'))
		return false;
	int rc = executable_find(&path, &search->arena, script);
	return rc == 0 || rc == -EACCES;
}

static int find_script(struct program_search *search, const char *interpreter, const char *script)
{
	int rc = access(script, R_OK) == 0 ? 0 : -errno;
	if (rc == 0 || is_in_path(search, interpreter, script))
		return 0;
	return rc == -ENOENT ? say_no_file(search, script)
	                     : error_set(search->error, rc, "'%s', the study's program, cannot be read: %s", script,
	                               strerror(-rc));
}

/* An option before the script may have an argument of its own: then nothing is said, but for
 * Python's -u, which has none. */
static int look_behind_interpreter(struct program_search *search, char *const *words)
{
	size_t at = words[1] && strcmp(words[1], "-u") == 0 ? 2 : 1;
	return words[at] && *words[at] && *words[at] != '-' && !is_open(words[at])
	               ? find_script(search, words[0], words[at])
	               : 0;
}

/* ---- the first line of a script ---- */

static int say_first_line(struct program_search *search, const char *script, const char *name)
{
	const char *other = other_name(search, name);
	if (other)
		return error_set(search->error, -ENOENT,
		        "'%s' asks for '%s' in its first line, which this machine does not have; it has %s: write "
		        "#!/usr/bin/env %s",
		        script, name, other, other);
	return error_set(search->error, -ENOENT,
	        "'%s' asks for '%s' in its first line, which this machine does not have", script, name);
}

static int look_at_first_line(struct program_search *search, const char *path)
{
	struct first_line line;
	const char *found;
	if (first_line_read(&line, &search->arena, path) < 0)
		return error_no_memory(search->error);
	if (!line.interpreter && !line.binary && ends_with(path, ".py"))
		return error_set(search->error, -ENOEXEC,
		        "'%s' has no first line that says who runs it, so that a shell would: write #!/usr/bin/env "
		        "python3 "
		        "on top, or put python3 before it in 'command'",
		        path);
	if (!line.interpreter)
		return 0;
	if (line.carriage_return)
		return error_set(search->error, -ENOENT,
		        "the lines of '%s' end as on Windows, so that its interpreter is not found: sed -i 's/\\r$//' "
		        "%s "
		        "mends that",
		        path, path);
	if (executable_find(&found, &search->arena, line.interpreter) < 0)
		return say_first_line(search, path, line.interpreter);
	bool asks_env = strcmp(base_of(line.interpreter), "env") == 0 && line.argument && *line.argument != '-' &&
	                !strchr(line.argument, '=');
	if (asks_env && executable_find(&found, &search->arena, line.argument) < 0)
		return say_first_line(search, path, line.argument);
	return 0;
}

/* ---- the command ---- */

/* The first word behind `env` and its variables; NULL where options or a PATH of its own make that
 * another question. */
static char *const *behind_env(char *const *words)
{
	for (words++; *words && strchr(*words, '='); words++)
		if (**words == '-' || strncmp(*words, "PATH=", 5) == 0)
			return NULL;
	return *words && **words != '-' ? words : NULL;
}

static int look_at_program(struct program_search *search, char *const *words)
{
	const char *path;
	if (is_open(words[0]))
		return 0;
	int rc = executable_find(&path, &search->arena, words[0]);
	if (rc < 0)
		return say_program(search, words[0], rc);
	return is_interpreter(words[0]) ? look_behind_interpreter(search, words) : look_at_first_line(search, path);
}

int study_program_find(const struct study_program *program, struct error *error)
{
	struct program_search search = {.program = program, .error = error};
	char *const *words = program->command->words.argv;
	assert(program->command->words.length > 0);
	if (strcmp(words[0], BUILT_IN) == 0)
		return 0;
	bool has_env = strcmp(base_of(words[0]), "env") == 0;
	int rc = has_env ? 0 : look_at_program(&search, words);
	words = has_env ? behind_env(words) : NULL;
	if (words)
		rc = look_at_program(&search, words);
	arena_finish(&search.arena);
	return rc;
}

/* ---- no program at all ---- */

static bool is_reported(const char *metric)
{
	static const char *const reported[] = {"f1", "auprc", "accuracy", "loss", "seconds"};
	for (size_t i = 0; i < sizeof reported / sizeof *reported; i++)
		if (strcmp(metric, reported[i]) == 0)
			return true;
	return false;
}

static bool has_rows(const struct study_spec *spec)
{
	for (size_t i = 0; i < spec->file_count; i++)
		if (strcmp(spec->files[i].name, "train") == 0)
			return true;
	for (size_t i = 0; i < spec->space->count; i++)
		if (strcmp(spec->space->params[i].name, "data") == 0)
			return true;
	return false;
}

#define UNNAMED "the study names no program, and kre-train, which runs then, "

int study_program_is_meant(const struct study_spec *spec, struct error *error)
{
	if (spec->command_length || *spec->program)
		return 0;
	for (size_t i = 0; i < spec->objective_count; i++)
		if (!is_reported(spec->objectives[i].name))
			return error_set(error, STUDY_PROGRAM_UNNAMED,
			        UNNAMED "does not report %s: write program: FILE.py (for a Python function, a script "
			                "that calls it), or ask for its trials yourself (kre-search ask)",
			        spec->objectives[i].name);
	if (!has_rows(spec))
		return error_set(error, STUDY_PROGRAM_UNNAMED,
		        UNNAMED "has no rows to train on: write files: {train: FILE}, or program: FILE.py");
	return 0;
}
