#include "daemon/studies/assignment.h"

#include <errno.h>
#include <string.h>

#include "daemon/studies/outcome.h"
#include "daemon/studies/view_parts.h"
#include "schema/api/shape_write.h"
#include "schema/study/command.h"

#define ANSWER_MAX_BYTES ((size_t)1 << 20)
#define ANSWER_FRAME_BYTES ((size_t)132 << 10) /* the envelope, with the longest id that is taken */
#define STUDY_MAX_BYTES ((size_t)768 << 10)
#define ARGUMENT_MAX_BYTES (((size_t)128 << 10) - 1) /* of a program: MAX_ARG_STRLEN of Linux */

static int fill_files(struct assigned_run *out, const struct study_spec *spec, struct arena *arena)
{
	struct run_file *files = arena_alloc(arena, spec->file_count * sizeof *files);
	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < spec->file_count; i++) {
		const struct file_entry *file = &spec->files[i];
		files[i] =
		        (struct run_file){file->name, file->path, file->sha256 ? file->sha256 : "", file->size_bytes};
	}
	out->files.items = files;
	out->files.count = spec->file_count;
	return 0;
}

static int fill_command(
        struct assigned_run *out, const struct study_spec *spec, const double *point, struct arena *arena)
{
	struct command command;
	int rc = command_expand(&command, arena, spec, point);
	if (rc < 0)
		return rc;
	out->command.count = command.length;
	out->command.items = (const char *const *)command.argv;
	return view_point(&out->params, spec->space, point, arena);
}

/* How the agent hears the score, and the limits it has to enforce. */
static int fill_rules(struct assigned_run *out, const struct study_spec *spec, struct arena *arena)
{
	out->report = (struct run_report_rule){
	        spec->report_kind, spec->report_source ? spec->report_source : "", spec->prune_metric};
	out->resources = (struct run_resources){spec->threads, spec->memory_mb, spec->run_minutes};
	out->wandb = spec->wandb;
	out->metrics.count = spec->objective_count;
	out->constraints.count = spec->constraint_count;
	int rc = view_objectives(&out->metrics.items, spec, arena);
	return rc == 0 ? view_constraints(&out->constraints.items, spec, arena) : rc;
}

int assignment_fill(struct assigned_run *out, const struct study_spec *spec, const double *point, struct arena *arena)
{
	out->study = spec->name;
	int rc = fill_command(out, spec, point, arena);
	if (rc == 0)
		rc = fill_files(out, spec, arena);
	return rc == 0 ? fill_rules(out, spec, arena) : rc;
}

/* ---- length ---- */

static int measure(size_t *bytes, const struct assigned_run *run)
{
	struct text json = TEXT_NULL;
	shape_write(&json, &assigned_run_shape, run);
	*bytes = json.length;
	int rc = json.failed ? -ENOMEM : 0;
	text_finish(&json);
	return rc;
}

bool assignment_is_too_long(const struct assigned_run *run)
{
	size_t bytes = strlen(run->params);
	for (size_t i = 0; i < run->command.count; i++)
		bytes += strlen(run->command.items[i]);
	if (bytes < ANSWER_MAX_BYTES / 8) /* no byte becomes more than six, and files are few */
		return false;
	return measure(&bytes, run) == 0 && bytes + ANSWER_FRAME_BYTES > ANSWER_MAX_BYTES;
}

static double longest_choice(const struct param *param)
{
	size_t longest = 0;
	for (size_t i = 1; i < param->choice_count; i++)
		if (strlen(param->choices[i].json) > strlen(param->choices[longest].json))
			longest = i;
	return (double)longest;
}

/* Every parameter at once, whatever it hangs on; numbers are short. */
static double *longest_point(const struct space *space, struct arena *arena)
{
	double *point = arena_alloc(arena, (space->count + 1) * sizeof *point);
	for (size_t i = 0; point && i < space->count; i++) {
		const struct param *param = &space->params[i];
		point[i] = param->kind == PARAM_CATEGORICAL ? longest_choice(param) : param->low;
	}
	return point;
}

static int check_arguments(const struct assigned_run *run, struct error *error)
{
	for (size_t i = 0; i < run->command.count; i++) {
		size_t bytes = strlen(run->command.items[i]);
		if (bytes > ARGUMENT_MAX_BYTES)
			return error_set(error, STUDIES_SPEC_WRONG,
			        "An argument of the command can become %zu bytes long, and a program takes %zu at "
			        "most: '%.40s…'",
			        bytes, ARGUMENT_MAX_BYTES, run->command.items[i]);
	}
	return 0;
}

static int check(const struct study_spec *spec, struct arena *arena, struct error *error)
{
	struct assigned_run run = {.params = ""};
	const double *point = longest_point(spec->space, arena);
	size_t bytes = 0;
	int rc = point ? assignment_fill(&run, spec, point, arena) : -ENOMEM;
	if (rc == 0)
		rc = measure(&bytes, &run);
	if (rc < 0)
		return error_no_memory(error);
	rc = check_arguments(&run, error);
	if (rc != 0 || strlen(spec->json) + bytes <= STUDY_MAX_BYTES)
		return rc;
	return error_set(error, STUDIES_SPEC_WRONG,
	        "The study file takes %zu bytes and the parameters and command of a trial up to %zu: together they "
	        "may take %zu, or no message has room for them",
	        strlen(spec->json), bytes, STUDY_MAX_BYTES);
}

int assignment_check(const struct study_spec *spec, struct error *error)
{
	struct arena arena = ARENA_NULL;
	int rc = check(spec, &arena, error);
	arena_finish(&arena);
	return rc;
}
