#include "cli/session/program_defaults.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cli/session/program.h"
#include "cli/session/study_command.h"
#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/space/param_value.h"
#include "schema/space/point.h"

#define PROGRAM "kre-train"
#define LISTING_BYTES_MAX ((size_t)64 << 10)

/* ---- which program ---- */

/* A grid has its points, and no others. */
static bool counts_points(const struct study_spec *spec)
{
	const char *name = spec->sampler.info->name;
	return strcmp(name, "grid") == 0 || strcmp(name, "brute_force") == 0;
}

static bool trains(const struct command *words)
{
	if (strcmp(words->argv[0], PROGRAM) != 0)
		return false;
	const char *verb = words->length > 1 ? words->argv[1] : "";
	return *verb == '-' || *verb == '\0' || strcmp(verb, "train") == 0;
}

/* "--model=cnn" as the command has it; NULL where the search decides about the model, or nobody. */
static const char *model_flag(const struct study_spec *spec, const struct command *words)
{
	const char *flag = NULL;
	for (size_t i = 1; i < words->length; i++)
		if (strncmp(words->argv[i], "--model=", strlen("--model=")) == 0)
			flag = words->argv[i];
	return space_find(spec->space, "model") < 0 ? flag : NULL;
}

/* What the program says, or NULL. */
static cJSON *ask(const char *flag)
{
	struct text listing = TEXT_NULL;
	char *program = program_find(PROGRAM), *copy = memory_strdup(flag ? flag : "");
	char verb[] = "defaults";
	char *const argv[] = {program, verb, flag ? copy : NULL, NULL};
	cJSON *values = NULL;
	if (program && copy && program_output(&listing, argv, LISTING_BYTES_MAX) == 0)
		values = json_parse(text_string(&listing), listing.length, NULL);
	memory_free(program);
	memory_free(copy);
	text_finish(&listing);
	return values;
}

/* ---- its values in the study's space ---- */

/* Of choices that are numbers the nearest, else the first. */
static double nearest_choice(const struct param *param, const cJSON *value)
{
	double wanted, number, least = INFINITY, nearest = 0;
	for (size_t i = 0; json_get_number(&wanted, value) && i < param->choice_count; i++) {
		bool counts = number_parse(&number, param->choices[i].text, false);
		if (counts && fabs(number - wanted) < least) {
			least = fabs(number - wanted);
			nearest = (double)i;
		}
	}
	return nearest;
}

/* Whether two ways to write a value mean the same. */
static bool is_that(const struct param *param, double internal, const cJSON *value)
{
	double wanted, number;
	if (param->kind != PARAM_CATEGORICAL)
		return json_get_number(&wanted, value) && param_same(param, internal, wanted);
	const struct choice *choice = &param->choices[(size_t)internal];
	if (json_get_number(&wanted, value) && number_parse(&number, choice->text, false))
		return number == wanted;
	double found;
	struct error error;
	return param_from_json(&found, param, value, &error) == 0 && found == internal;
}

static double value_for(const struct param *param, const cJSON *value)
{
	double internal, number;
	struct error error;
	if (param_from_json(&internal, param, value, &error) == 0)
		return internal;
	if (param->kind == PARAM_CATEGORICAL)
		return nearest_choice(param, value);
	return json_get_number(&number, value) ? param_snap(param, number) : (double)NAN;
}

/* Options are written with - or _. */
static const cJSON *value_of(const cJSON *values, const char *name)
{
	const cJSON *item;
	cJSON_ArrayForEach (item, values) {
		const char *at = name, *other = item->string;
		while (*at && *other && (*at == *other || (*at == '-' && *other == '_')))
			at++, other++;
		if (!*at && !*other)
			return item;
	}
	return NULL;
}

static void note_nearest(struct text *note, const struct param *param, double internal, const cJSON *value)
{
	if (is_that(param, internal, value))
		return;
	text_printf(note, "%s %s ", note->length ? "," : "; nearest:", param->name);
	param_append_text(param, internal, note);
	text_append(note, " to ");
	json_append(value, note);
}

static int describe(struct program_defaults *out, struct arena *arena, const struct space *space, const double *point,
        const cJSON *values)
{
	struct text json = TEXT_NULL, note = TEXT_NULL;
	size_t known = 0;
	for (size_t i = 0; i < space->count; i++)
		if (!isnan(point[i])) {
			known++;
			note_nearest(&note, &space->params[i], point[i], value_of(values, space->params[i].name));
		}
	point_append_params_json(space, point, &json);
	struct program_defaults found = {
	        arena_strdup(arena, text_string(&json)), arena_printf(arena, "of " PROGRAM "%s", text_string(&note))};
	bool complete = !json.failed && !note.failed && found.params && found.of;
	text_finish(&json);
	text_finish(&note);
	if (complete && known)
		*out = found;
	return complete ? 0 : -ENOMEM;
}

static int match(struct program_defaults *out, struct arena *arena, const struct study_spec *spec, const cJSON *values)
{
	const struct space *space = spec->space;
	double *point = arena_alloc(arena, (space->count + 1) * sizeof *point);
	if (!point)
		return -ENOMEM;
	for (size_t i = 0; i < space->count; i++) {
		const cJSON *value = value_of(values, space->params[i].name);
		point[i] = value ? value_for(&space->params[i], value) : (double)NAN;
	}
	point_drop_inactive(space, point);
	return describe(out, arena, space, point, values);
}

int program_defaults_find(struct program_defaults *out, struct arena *arena, const struct study_spec *spec)
{
	struct study_command command;
	struct error error;
	*out = (struct program_defaults){0};
	if (spec->defaults_given || counts_points(spec))
		return 0;
	int rc = study_command_sample(&command, arena, spec, &error);
	if (rc < 0)
		return rc == -ENOMEM ? rc : 0;
	if (!trains(&command.words))
		return 0;
	cJSON *values = ask(model_flag(spec, &command.words));
	rc = values ? match(out, arena, spec, values) : 0;
	cJSON_Delete(values);
	return rc;
}
