#include "cli/session/study_document.h"

#include <string.h>

#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/study/complaints.h"

int study_document_read(struct study_document *out, const char *path, const struct output *output)
{
	struct error error = {0};
	*out = (struct study_document){0};
	int rc = study_file_read(&out->spec, path, &out->complaints, &error);
	if (rc < 0)
		return output_failure(output, EXIT_FAILED, "%s", error.text);
	if (!output->json && (rc > 0 || !output->quiet)) {
		struct text text = TEXT_NULL;
		complaints_append_text(&out->complaints, &text);
		fputs(text_string(&text), output->remarks);
		text_finish(&text);
	}
	return rc ? EXIT_STUDY_FILE : EXIT_OK;
}

void study_document_finish(struct study_document *document)
{
	study_spec_destroy(document->spec);
	complaints_finish(&document->complaints);
	*document = (struct study_document){0};
}

static cJSON *complaint_json(const struct complaint *complaint)
{
	cJSON *object = cJSON_CreateObject();
	cJSON_AddStringToObject(object, "kind", complaint->kind == COMPLAINT_ERROR ? "error" : "warning");
	cJSON_AddNumberToObject(object, "line", (double)complaint->line);
	cJSON_AddNumberToObject(object, "column", (double)complaint->column);
	cJSON_AddStringToObject(object, "path", complaint->path);
	cJSON_AddStringToObject(object, "text", complaint->text);
	return object;
}

void study_document_print_json(const struct study_document *document, const struct output *output)
{
	cJSON *result = cJSON_CreateObject();
	cJSON_AddBoolToObject(result, "valid", document->spec != NULL);
	cJSON *list = cJSON_AddArrayToObject(result, "complaints");
	for (size_t i = 0; i < document->complaints.count; i++)
		cJSON_AddItemToArray(list, complaint_json(&document->complaints.items[i]));
	if (document->spec)
		cJSON_AddItemToObject(
		        result, "spec", json_parse(document->spec->json, strlen(document->spec->json), NULL));
	output_json(output, result);
	cJSON_Delete(result);
}
