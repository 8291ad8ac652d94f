#include "schema/space/json_parse.h"
#include "tests/daemon/golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/json.h"

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	char *bytes = NULL;
	size_t capacity = 0;
	*length = 0;
	for (;;) {
		if (*length + 65536 > capacity) {
			capacity = 2 * capacity + 65536;
			bytes = memory_resize(bytes, capacity, 1);
		}
		size_t got = bytes != NULL ? fread(bytes + *length, 1, 65536, file) : 0;
		if (got == 0)
			break;
		*length += got;
	}
	fclose(file);
	return bytes;
}

cJSON *golden_read(const char *path)
{
	struct error error = {""};
	size_t length;
	char *bytes = read_file(path, &length);
	if (!bytes) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return NULL;
	}
	cJSON *root = json_parse(bytes, length, &error);
	if (!root)
		fprintf(stderr, "%s: %s\n", path, error.text);
	memory_free(bytes);
	return root;
}

double golden_number(const cJSON *item)
{
	double value;
	return json_get_number(&value, item) ? value : (double)NAN;
}

size_t golden_numbers(double *out, size_t capacity, const cJSON *array)
{
	size_t count = 0;
	const cJSON *item;
	cJSON_ArrayForEach (item, array) {
		if (count < capacity)
			out[count++] = golden_number(item);
	}
	return count;
}

static struct param *add_choices(struct space *space, const char *name, const cJSON *choices)
{
	struct choice list[64];
	size_t count = (size_t)cJSON_GetArraySize(choices);
	if (count > 64)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *word = cJSON_GetStringValue(cJSON_GetArrayItem(choices, (int)i));
		list[i] = (struct choice){word != NULL ? word : "?", word != NULL ? word : "?"};
	}
	return space_add_categorical(space, name, list, count);
}

static struct param *add_param(struct space *space, const cJSON *item)
{
	const char *name = json_string(item, "name", "?"), *type = json_string(item, "type", "?");
	if (strcmp(type, "categorical") == 0)
		return add_choices(space, name, cJSON_GetObjectItem(item, "choices"));
	double low = golden_number(cJSON_GetObjectItem(item, "low"));
	double high = golden_number(cJSON_GetObjectItem(item, "high"));
	double step = json_double(item, "step", 0);
	bool log = json_bool(item, "log", false);
	if (strcmp(type, "int") == 0)
		return space_add_int(space, name, &(struct param_range){low, high, step > 0 ? step : 1, log});
	return space_add_float(space, name, &(struct param_range){low, high, step, log});
}

struct space *golden_space(const cJSON *list)
{
	struct space *space;
	if (space_create(&space) != 0)
		return NULL;
	const cJSON *item;
	cJSON_ArrayForEach (item, list) {
		if (add_param(space, item) == NULL) {
			space_destroy(space);
			return NULL;
		}
	}
	if (space_freeze(space, NULL) == 0)
		return space;
	space_destroy(space);
	return NULL;
}

static bool close_enough(double a, double b, double tolerance)
{
	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b);
	if (a == b)
		return true;
	double gap = fabs(a - b);
	return gap <= tolerance || gap <= tolerance * fmax(fabs(a), fabs(b));
}

void tally_compare(struct tally *tally, const char *what, double ours, double theirs, double tolerance)
{
	bool agree = close_enough(ours, theirs, tolerance);
	if (!agree)
		printf("%s: %.17g, expected %.17g\n", what, ours, theirs);
	tally->passed += agree;
	tally->failed += !agree;
}

void tally_count(struct tally *tally, bool agree, const char *what)
{
	if (!agree)
		printf("%s\n", what);
	tally->passed += agree;
	tally->failed += !agree;
}

int tally_report(const struct tally *tally)
{
	printf("%zu passed, %zu failed\n", tally->passed, tally->failed);
	return tally->failed == 0 && tally->passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
