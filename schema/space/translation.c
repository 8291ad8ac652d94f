#include "schema/space/translation.h"

#include <math.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/space/point.h"

/* A value between two spaces. */
struct luggage {
	const char *json; /* of a choice; NULL of a number in a range */
	double number;    /* NAN = it is none */
};

static struct luggage pack_choice(const char *json)
{
	struct luggage luggage = {json, NAN};
	double number;
	if (number_parse(&number, json, false))
		luggage.number = number;
	return luggage;
}

/* False when the point has nothing of that name. */
static bool pack(struct luggage *out, const struct space *from, const double *point, const char *name)
{
	long index = space_find(from, name);
	if (index >= 0 && isnan(point[index]))
		return false;
	if (index >= 0) {
		const struct param *param = &from->params[index];
		*out = param->kind == PARAM_CATEGORICAL ? pack_choice(param->choices[(size_t)point[index]].json)
		                                        : (struct luggage){NULL, point[index]};
		return true;
	}
	for (size_t i = 0; i < from->constant_count; i++)
		if (strcmp(from->constants[i].name, name) == 0) {
			*out = pack_choice(from->constants[i].value.json);
			return true;
		}
	return false;
}

static bool is_choice(const struct choice *choice, const struct luggage *luggage)
{
	const struct luggage own = pack_choice(choice->json);
	if (!isnan(own.number) && !isnan(luggage->number))
		return own.number == luggage->number;
	return luggage->json && strcmp(choice->json, luggage->json) == 0;
}

/* NAN where the parameter cannot take it. */
static double unpack(const struct param *param, const struct luggage *luggage)
{
	if (param->kind != PARAM_CATEGORICAL)
		return param_contains(param, luggage->number) ? param_snap(param, luggage->number) : (double)NAN;
	for (size_t i = 0; i < param->choice_count; i++)
		if (is_choice(&param->choices[i], luggage))
			return (double)i;
	return NAN;
}

static bool keeps_constants(const struct space *to, const struct space *from, const double *point)
{
	struct luggage luggage;
	for (size_t i = 0; i < to->constant_count; i++)
		if (pack(&luggage, from, point, to->constants[i].name) && !is_choice(&to->constants[i].value, &luggage))
			return false;
	return true;
}

bool point_translate(double *values, const struct space *to, const struct space *from, const double *point)
{
	struct luggage luggage;
	for (size_t i = 0; i < to->count; i++)
		values[i] = pack(&luggage, from, point, to->params[i].name) ? unpack(&to->params[i], &luggage)
		                                                            : (double)NAN;
	point_drop_inactive(to, values);
	return point_is_complete(to, values) && keeps_constants(to, from, point);
}
