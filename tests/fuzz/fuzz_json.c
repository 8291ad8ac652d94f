/* Any bytes as JSON: no crash, and what is accepted prints as text that reads and prints the
 * same. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "schema/space/json.h"
#include "schema/space/json_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text first = TEXT_NULL, second = TEXT_NULL, other = TEXT_NULL;
	static const char *const texts[] = {"params", NULL};
	cJSON_Delete(json_parse_some((const char *)data, size, texts, NULL));
	cJSON *value = json_parse((const char *)data, size, NULL);
	if (!value)
		return 0;
	json_append(value, &first);
	json_append_python(value, true, &other);
	json_append_python_str(value, &other);
	cJSON *again = json_parse(text_string(&first), first.length, NULL);
	assert(again);
	json_append(again, &second);
	assert(strcmp(text_string(&first), text_string(&second)) == 0);
	cJSON_Delete(again);
	cJSON_Delete(value);
	text_finish(&first);
	text_finish(&second);
	text_finish(&other);
	return 0;
}
