#include "cli/views/field.h"

#include <math.h>

#include "schema/space/json.h"

double field_number(const cJSON *object, const char *key)
{
	double value = (double)NAN;
	json_get_number(cJSON_GetObjectItemCaseSensitive(object, key), &value);
	return value;
}
