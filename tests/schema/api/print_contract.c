/* The contract as JSON, for the test that holds PROTOCOL.md against it: method → fields of its
 * parameters and of its result. */
#include <stdio.h>

#include "schema/api/message.h"

static void print_words(const struct words *words)
{
	const char *before = "";
	printf(",\"words\":[");
	for (int i = 0; words && i < words->count; i++)
		if (words->names[i]) {
			printf("%s\"%s\"", before, words->names[i]);
			before = ",";
		}
	printf("]");
}

static void print_fields(const struct shape *shape);

static void print_field(const struct field *field)
{
	static const char *const presences[] = {"always", "required", "optional"};
	printf("{\"key\":\"%s\",\"presence\":\"%s\"", field->key, presences[field->presence]);
	if (field->kind == FIELD_TEXT && field->text)
		printf(",\"default\":\"%s\"", field->text);
	else if (field->kind == FIELD_INTEGER || field->kind == FIELD_NATURAL)
		printf(",\"default\":%.0f", field->number);
	else if (field->kind == FIELD_SWITCH)
		printf(",\"default\":%s", field->number != 0 ? "true" : "false");
	else if (field->kind == FIELD_WORD && (int)field->number < field->words->count &&
	         field->words->names[(int)field->number])
		printf(",\"default\":\"%s\"", field->words->names[(int)field->number]);
	print_words(field->words);
	printf(",\"part\":%s,\"map\":%s,\"fields\":[", field->kind == FIELD_PART ? "true" : "false",
	        field->kind == FIELD_MAP ? "true" : "false");
	if (field->shape)
		print_fields(field->shape);
	printf("]}");
}

static void print_fields(const struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++) {
		printf("%s", i ? "," : "");
		print_field(&shape->fields[i]);
	}
}

int main(void)
{
	printf("{");
	for (int method = 0; method < METHOD_COUNT; method++) {
		printf("%s\"%s\":{\"params\":[", method ? "," : "", method_name((enum method_id)method));
		print_fields(method_params((enum method_id)method));
		printf("],\"result\":[");
		print_fields(method_result((enum method_id)method));
		printf("]}");
	}
	printf("}\n");
	return 0;
}
