#include "schema/api/trial_order.h"

#include <math.h>

static const char *const names[] = {"number", "best", "duration"};
const struct words trial_order_words = WORDS(names);

static int compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

bool trial_place_ranks(const struct trial_place *place)
{
	return place->state == TRIAL_COMPLETE && !isnan(place->cost) && !(place->violation > 0);
}

/* Those that are complete come nearest to being ranked when they break the constraints least. */
static double distance(const struct trial_place *place)
{
	bool broken = place->state == TRIAL_COMPLETE && place->violation > 0;
	return trial_place_ranks(place) ? -1 : broken ? place->violation : (double)NAN;
}

static int compare_best(const struct trial_place *a, const struct trial_place *b)
{
	double first = distance(a), second = distance(b);
	if (isnan(first) != isnan(second))
		return isnan(first) ? 1 : -1;
	int order = compare_numbers(first, second);
	return order || isnan(first) ? order : compare_numbers(a->cost, b->cost);
}

static int compare_durations(const struct trial_place *a, const struct trial_place *b)
{
	return compare_numbers(isnan(b->duration_s) ? -1 : b->duration_s, isnan(a->duration_s) ? -1 : a->duration_s);
}

int trial_place_compare(const struct trial_place *a, const struct trial_place *b, enum trial_order order)
{
	int result = order == ORDER_BEST ? compare_best(a, b) : order == ORDER_DURATION ? compare_durations(a, b) : 0;
	return result ? result : (a->number > b->number) - (a->number < b->number);
}
