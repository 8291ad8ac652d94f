/* Any bytes as a study file: no crash, and what is accepted reads back equal from its canonical
 * JSON. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "schema/space/point.h"
#include "schema/study/command.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void draw_and_expand(const struct study_spec *spec)
{
	struct arena arena = ARENA_NULL;
	struct command command;
	struct rng rng;
	double *point = arena_alloc(&arena, spec->space->count * sizeof *point);
	rng_init(&rng, 1, 1);
	point_clear(spec->space, point);
	point_draw(spec->space, point, &rng);
	for (size_t i = 0; i < spec->space->count; i++)
		assert(point[i] != point[i] || param_contains(&spec->space->params[i], point[i]));
	assert(command_expand(&command, &arena, spec, point) == 0);
	arena_finish(&arena);
}

static void read_back(const struct study_spec *spec)
{
	struct study_spec *again = NULL;
	struct complaints complaints;
	int rc = study_file_parse(
	        &again, &(struct study_source){spec->json, strlen(spec->json), "", NULL, NULL}, &complaints, NULL);
	assert(rc == 0 && strcmp(spec->json, again->json) == 0);
	complaints_finish(&complaints);
	study_spec_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct study_spec *spec = NULL;
	struct complaints complaints;
	struct text said = TEXT_NULL;
	int rc = study_file_parse(
	        &spec, &(struct study_source){(const char *)data, size, "f.yaml", "/d", "f"}, &complaints, NULL);
	assert(rc == 0 || rc == STUDY_FILE_WRONG);
	assert((rc == 0) == (complaints.error_count == 0));
	complaints_append_text(&complaints, &said);
	if (rc == 0) {
		draw_and_expand(spec);
		read_back(spec);
	}
	text_finish(&said);
	complaints_finish(&complaints);
	study_spec_destroy(spec);
	return 0;
}
