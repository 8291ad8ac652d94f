#include "daemon/pruners/bracket_rule.h"

#include <assert.h>
#include <math.h>

#include "schema/base/text.h"

void bracket_rule_set(struct bracket_rule *rule, int64_t min_resource, int64_t max_resource, int64_t factor)
{
	assert(min_resource >= 1 && factor >= 2);
	double resources = (double)max_resource / (double)min_resource;
	double count = floor(log(resources) / log((double)factor)) + 1;
	rule->count = count < 1 ? 1 : count > BRACKETS_AT_MOST ? BRACKETS_AT_MOST : (size_t)count;
	for (size_t i = 0; i < rule->count; i++) {
		double s = (double)(rule->count - 1 - i);
		rule->budgets[i] = ceil((double)rule->count * pow((double)factor, s) / (s + 1));
		rule->budget_sum += rule->budgets[i];
	}
}

/* The CRC-32 of zlib and PNG (ISO 3309), bit by bit. */
static uint32_t crc32(const char *bytes, size_t length)
{
	uint32_t crc = 0xffffffffu;
	for (size_t i = 0; i < length; i++) {
		crc ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

int bracket_rule_find(const struct bracket_rule *rule, int64_t number)
{
	if (rule->count == 0)
		return 0;
	struct text name = TEXT_NULL;
	text_printf(&name, "%s_%lld", rule->study_name, (long long)number);
	double place = fmod((double)crc32(text_string(&name), name.length), rule->budget_sum);
	text_finish(&name);
	size_t bracket = 0;
	assert(rule->budget_sum > 0);
	while (bracket + 1 < rule->count && place >= rule->budgets[bracket])
		place -= rule->budgets[bracket++];
	return (int)bracket;
}
