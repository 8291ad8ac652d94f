#include "daemon/samplers/gp/gp_taken.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

int gp_taken_reset(struct gp_taken *taken, size_t most, size_t d)
{
	size_t slots = 4;
	while (slots <= 2 * most)
		slots *= 2;
	taken->count = 0;
	if (array_reserve_rows(taken->points, &taken->capacity, most + 1, d + 1) < 0 ||
	        array_reserve(taken->slots, &taken->slot_capacity, slots) < 0)
		return -ENOMEM;
	taken->d = d;
	taken->slot_count = slots;
	memset(taken->slots, 0, slots * sizeof *taken->slots);
	return 0;
}

void gp_taken_finish(struct gp_taken *taken)
{
	memory_free(taken->points);
	memory_free(taken->slots);
	*taken = (struct gp_taken){0};
}

double *gp_taken_next(struct gp_taken *taken)
{
	return taken->points + taken->count * taken->d;
}

static uint64_t hash(const double *x, size_t d)
{
	uint64_t mixed = 0;
	for (size_t k = 0; k < d; k++) {
		double number = x[k] + 0.0; /* both zeros are one */
		uint64_t bits;
		memcpy(&bits, &number, sizeof bits);
		mixed = rng_mix(mixed, bits);
	}
	return mixed;
}

static bool are_equal(const double *a, const double *b, size_t d)
{
	size_t k = 0;
	while (k < d && a[k] == b[k])
		k++;
	return k == d;
}

/* The slot of a point, or the one where it would be. */
static size_t find_slot(const struct gp_taken *taken, const double *x)
{
	size_t mask = taken->slot_count - 1, at = (size_t)hash(x, taken->d) & mask;
	while (taken->slots[at] && !are_equal(taken->points + (taken->slots[at] - 1) * taken->d, x, taken->d))
		at = (at + 1) & mask;
	return at;
}

void gp_taken_add(struct gp_taken *taken)
{
	assert(2 * taken->count < taken->slot_count);
	size_t at = find_slot(taken, gp_taken_next(taken));
	if (taken->slots[at] == 0)
		taken->slots[at] = ++taken->count;
}

bool gp_taken_has(const struct gp_taken *taken, const double *x)
{
	return taken->count > 0 && taken->slots[find_slot(taken, x)] != 0;
}
