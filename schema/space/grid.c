#include "schema/space/grid.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/number.h"

#define PLACES_MAX 40
#define PLACES_FEW 6      /* that are found by trying */
#define COUNTED_MOST 1e12 /* so many parts are counted without doubt */

static const double parts[PLACES_FEW + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

/* The value as a number of tenths, hundredths … */
static double count_parts(double value, int places)
{
	return rint(value * parts[places]);
}

/* What is spelled with few places is the nearest double to a quotient of whole numbers, and so is
 * what their division gives. */
static bool has_places(double value, int places)
{
	double count = count_parts(value, places);
	return fabs(count) < COUNTED_MOST && count / parts[places] == value;
}

static int spelled_places(double value)
{
	char digits[NUMBER_TEXT_BYTES];
	number_repr(value, digits);
	const char *exponent = strchr(digits, 'e');
	const char *point = strchr(digits, '.');
	int places = point ? (int)strspn(point + 1, "0123456789") : 0;
	if (places == 1 && point[1] == '0')
		places = 0;
	places -= exponent ? atoi(exponent + 1) : 0;
	return places < 0 ? 0 : places;
}

/* Decimal places in the shortest spelling: 0.25 has 2, 1.5e-05 has 6, 3.0 has none. */
static int decimal_places(double value)
{
	for (int places = 0; places <= PLACES_FEW; places++)
		if (has_places(value, places))
			return places;
	return spelled_places(value);
}

double grid_value(double low, double step, double index)
{
	double value = low + index * step;
	int low_places = decimal_places(low), step_places = decimal_places(step);
	int places = low_places > step_places ? low_places : step_places;
	if (places == 0)
		return rint(value);
	if (places <= PLACES_FEW && fabs(value) * parts[places] < COUNTED_MOST)
		return count_parts(value, places) / parts[places];
	if (places > PLACES_MAX || fabs(value) > 1e15)
		return value;
	char digits[64 + PLACES_MAX];
	snprintf(digits, sizeof digits, "%.*f", places, value);
	return strtod(digits, NULL);
}

double grid_last_index(double low, double high, double step)
{
	assert(step > 0);
	double steps = (high - low) / step;
	double nearest = rint(steps);
	bool on_grid = fabs(steps - nearest) < 1e-9 * fmax(1, fabs(steps));
	double index = on_grid ? nearest : floor(steps);
	return index < 0 ? -1 : index;
}
