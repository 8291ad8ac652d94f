/* SemEval-2010 Task 8 as the datasets library exports it: objects {sentence, relation}, one a line
 * or in one array, the relation as a number or by its name. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "worker/data/format.h"
#include "worker/data/json_rows.h"
#include "worker/data/row.h"
#include "worker/data/tagged_sentence.h"

static bool semeval_json_recognised(const struct dataset_source *source)
{
	return json_rows_begin(source) && json_rows_have(source, "sentence") &&
	       !json_rows_have(source, "subject_entity");
}

static int add_tagged(struct reading *reading, struct row *row, const char *sentence, struct tagged_sentence *tagged)
{
	const char *complaint = tagged_sentence_parse(tagged, sentence, sentence + strlen(sentence));
	if (tagged_sentence_failed(tagged))
		return -ENOMEM;
	if (complaint) {
		row_reject(reading, row->line, "%s", complaint);
		return 0;
	}
	tagged_sentence_fill(row, tagged);
	return row_add(reading, row);
}

/* The export has no ids: a row is called by its line. */
static int add_object(struct reading *reading, size_t line, const cJSON *object)
{
	char digits[ROW_NUMBER_BYTES], id[ROW_NUMBER_BYTES];
	const char *sentence = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "sentence"));
	struct tagged_sentence tagged = {0};
	if (!sentence) {
		row_reject(reading, line, "\"sentence\" is missing or of the wrong kind");
		return 0;
	}
	snprintf(id, sizeof id, "%zu", reading->dataset->count + reading->dataset->bad_count + 1);
	struct row row = {.line = line,
	        .id = id,
	        .label = row_json_label(digits, cJSON_GetObjectItemCaseSensitive(object, "relation")),
	        .is_exported = true};
	int rc = add_tagged(reading, &row, sentence, &tagged);
	tagged_sentence_finish(&tagged);
	return rc;
}

static int read_semeval_json(struct reading *reading)
{
	return json_rows_each(reading, add_object);
}

const struct dataset_format format_semeval_json = {
        .name = "semeval-json",
        .labels = label_set_semeval,
        .recognises = semeval_json_recognised,
        .read = read_semeval_json,
};
