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

static bool add_complaint(cJSON *list, const struct complaint *complaint)
{
	cJSON *object = cJSON_CreateObject();
	return cJSON_AddItemToArray(list, object) &&
	       cJSON_AddStringToObject(object, "kind", complaint->kind == COMPLAINT_ERROR ? "error" : "warning") &&
	       cJSON_AddNumberToObject(object, "line", (double)complaint->line) &&
	       cJSON_AddNumberToObject(object, "column", (double)complaint->column) &&
	       cJSON_AddStringToObject(object, "path", complaint->path) &&
	       cJSON_AddStringToObject(object, "text", complaint->text);
}

/* False when out of memory; what is there by then is to be deleted all the same. */
static bool fill(cJSON *result, const struct study_document *document)
{
	cJSON *list = cJSON_AddBoolToObject(result, "valid", document->spec != NULL)
	                      ? cJSON_AddArrayToObject(result, "complaints")
	                      : NULL;
	for (size_t i = 0; i < document->complaints.count; i++)
		if (!list || !add_complaint(list, &document->complaints.items[i]))
			return false;
	if (!list || !document->spec)
		return list != NULL;
	cJSON *spec = json_parse(document->spec->json, strlen(document->spec->json), NULL);
	bool added = cJSON_AddItemToObject(result, "spec", spec);
	if (!added)
		cJSON_Delete(spec);
	return added;
}

int study_document_print_json(const struct study_document *document, const struct output *output)
{
	cJSON *result = cJSON_CreateObject();
	int code = fill(result, document) ? output_json(output, result) : output_no_memory(output);
	cJSON_Delete(result);
	return code;
}
