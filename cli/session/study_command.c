#include "cli/session/study_command.h"

#include <errno.h>
#include <string.h>

#include "schema/space/point.h"
#include "schema/study/file_folder.h"

/* Of a folder that has become its files, one of them will do here. */
static const char *find_file(void *context, const char *name)
{
	const struct study_spec *spec = context;
	for (size_t i = 0; i < spec->file_count; i++) {
		const struct file_entry *file = &spec->files[i];
		if (strcmp(file->name, name) == 0 || file_folder_has(name, strlen(name), file->name))
			return file->path;
	}
	return NULL;
}

static int expand_sample(struct command *out, struct arena *arena, const struct study_spec *spec)
{
	struct rng rng;
	double *point = arena_alloc(arena, (spec->space->count + 1) * sizeof *point);
	if (!point)
		return -ENOMEM;
	rng_init(&rng, 0, 0);
	point_clear(spec->space, point);
	point_draw(spec->space, point, &rng);
	return command_expand(out, arena, spec, point);
}

/* True when trials start different programs. */
static bool program_varies(const struct study_spec *spec)
{
	const char *first = spec->command_length ? spec->command[0] : "";
	return strstr(first, "${param:") || strncmp(first, "${args", strlen("${args")) == 0;
}

int study_command_sample(
        struct study_command *out, struct arena *arena, const struct study_spec *spec, struct error *error)
{
	struct study_command sample;
	const struct command_places places = {.find = find_file, .context = (void *)(uintptr_t)spec};
	if (expand_sample(&sample.words, arena, spec) < 0)
		return error_no_memory(error);
	if (sample.words.length == 0)
		return error_set(error, -EINVAL,
		        "the study has no command to start: its 'command' is empty, or has only macros that stand for "
		        "nothing");
	sample.named = program_varies(spec) ? "*" : sample.words.argv[0];
	int rc = command_localise(&sample.words, arena, &places, error);
	if (rc == 0)
		*out = sample;
	return rc;
}
