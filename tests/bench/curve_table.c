#include "tests/bench/curve_table.h"

#include <math.h>
#include <stdlib.h>

#include "schema/base/memory.h"
#include "tests/daemon/golden.h"

#define EPOCHS_AT_MOST 64

static void read_row(struct curve_table *table, const cJSON *row, size_t cell_count)
{
	double index[CURVE_AXES], curve[EPOCHS_AT_MOST];
	size_t cell = 0;
	if (golden_numbers(index, CURVE_AXES, cJSON_GetObjectItem(row, "index")) != CURVE_AXES)
		abort();
	for (size_t i = 0; i < CURVE_AXES; i++)
		cell = cell * table->lengths[i] + (size_t)index[i];
	size_t epochs = golden_numbers(curve, EPOCHS_AT_MOST, cJSON_GetObjectItem(row, "f1"));
	if (epochs != table->epoch_count || cell >= cell_count)
		abort();
	for (size_t i = 0; i < epochs; i++)
		table->values[cell * epochs + i] = curve[i];
	table->best = fmax(table->best, curve[epochs - 1]);
}

void curve_table_init(struct curve_table *table, const cJSON *root)
{
	const cJSON *axis, *row;
	size_t cell_count = 1, at = 0;
	*table = (struct curve_table){{0}};
	table->epoch_count = (size_t)golden_number(cJSON_GetObjectItem(root, "epochs"));
	cJSON_ArrayForEach (axis, cJSON_GetObjectItem(root, "grid")) {
		if (at == CURVE_AXES)
			abort();
		table->lengths[at] = golden_numbers(table->axes[at], 16, axis);
		cell_count *= table->lengths[at++];
	}
	table->values = memory_alloc(cell_count * table->epoch_count, sizeof *table->values);
	if (at != CURVE_AXES || !table->values)
		abort();
	cJSON_ArrayForEach (row, cJSON_GetObjectItem(root, "rows"))
		read_row(table, row, cell_count);
}

void curve_table_finish(struct curve_table *table)
{
	memory_free(table->values);
	*table = (struct curve_table){{0}};
}

/* Place on an axis: categorical parameters hold it, numbers fall to the nearest value of the
 * grid. */
static size_t find_place(const struct curve_table *table, size_t axis, double x)
{
	bool log_axis = axis == 0 || axis == 5;
	size_t nearest = 0;
	double gap = (double)INFINITY;
	if (axis == 1 || axis == 2 || axis == 4)
		return (size_t)x;
	for (size_t j = 0; j < table->lengths[axis]; j++) {
		double at = table->axes[axis][j], distance = log_axis ? fabs(log(x / at)) : fabs(x - at);
		if (distance < gap) {
			gap = distance;
			nearest = j;
		}
	}
	return nearest;
}

const double *curve_table_find(const struct curve_table *table, const double *x)
{
	size_t cell = 0;
	for (size_t i = 0; i < CURVE_AXES; i++)
		cell = cell * table->lengths[i] + find_place(table, i, x[i]);
	return table->values + cell * table->epoch_count;
}

struct space *curve_table_space(void)
{
	struct choice sizes[] = {{"8", "8"}, {"16", "16"}, {"32", "32"}, {"64", "64"}};
	struct choice activations[] = {{"\"relu\"", "relu"}, {"\"tanh\"", "tanh"}, {"\"logistic\"", "logistic"}};
	struct space *space;
	if (space_create(&space) != 0)
		abort();
	space_add_float(space, "a0", &(struct param_range){0.000316, 3.16, 0, true});
	space_add_categorical(space, "a1", sizes, 4);
	space_add_categorical(space, "a2", sizes, 4);
	space_add_float(space, "a3", &(struct param_range){0, 0.95, 0, false});
	space_add_categorical(space, "a4", activations, 3);
	space_add_float(space, "a5", &(struct param_range){1e-6, 0.1, 0, true});
	if (space_freeze(space, NULL) != 0)
		abort();
	return space;
}
