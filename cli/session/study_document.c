#include "cli/session/study_document.h"

#include <errno.h>
#include <string.h>

#include "schema/api/field.h"
#include "schema/study/complaints.h"

/* Programs read one sentence; the complaints themselves are in the answer. */
static int fail(const struct complaints *complaints, const char *path, const struct output *output)
{
	const struct complaint *first = NULL;
	for (size_t i = 0; i < complaints->count && !first; i++)
		if (complaints->items[i].kind == COMPLAINT_ERROR)
			first = &complaints->items[i];
	if (!first)
		return output_failure(output, EXIT_STUDY_FILE, "%s is no study file", path);
	return output_failure(output, EXIT_STUDY_FILE, "%s:%zu: %s%s%s", path, first->line, first->path,
	        *first->path ? ": " : "", first->text);
}

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
	return rc && output->json ? fail(&out->complaints, path, output) : rc ? EXIT_STUDY_FILE : EXIT_OK;
}

void study_document_finish(struct study_document *document)
{
	study_spec_destroy(document->spec);
	complaints_finish(&document->complaints);
	*document = (struct study_document){0};
}

static const char *const kind_names[] = {[COMPLAINT_ERROR] = "error", [COMPLAINT_WARNING] = "warning"};
static const struct words kind_words = WORDS(kind_names);

struct shown_complaint {
	enum complaint_kind kind;
	int64_t line, column;
	const char *path, *text;
};
static const struct field complaint_fields[] = {
        {"kind", FIELD_WORD, FIELD_ALWAYS, MEMBER(shown_complaint, kind), .words = &kind_words},
        {"line", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(shown_complaint, line)},
        {"column", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(shown_complaint, column)},
        {"path", FIELD_TEXT, FIELD_ALWAYS, MEMBER(shown_complaint, path)},
        {"text", FIELD_TEXT, FIELD_ALWAYS, MEMBER(shown_complaint, text)},
};
static const struct shape complaint_shape = SHAPE(shown_complaint, complaint_fields);

struct shown_document {
	bool valid;
	LIST_OF(struct shown_complaint) complaints;
	const char *spec; /* NULL when the file is wrong */
	LIST_OF(char *) command;
	LIST_OF(const char *) warnings;
};
static const struct field document_fields[] = {
        {"valid", FIELD_SWITCH, FIELD_ALWAYS, MEMBER(shown_document, valid)},
        {"complaints", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(shown_document, complaints), .shape = &complaint_shape},
        {"spec", FIELD_JSON, FIELD_OPTIONAL, MEMBER(shown_document, spec)},
        {"command", FIELD_TEXTS, FIELD_OPTIONAL, MEMBER_LIST(shown_document, command)},
        {"warnings", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(shown_document, warnings)},
};
static const struct shape document_shape = SHAPE(shown_document, document_fields);

/* Each of them a text. 0 or -ENOMEM. */
static int read_warnings(struct shown_document *out, struct arena *arena, const char *lines)
{
	const char **texts = arena_alloc(arena, (strlen(lines) + 1) * sizeof *texts);
	bool complete = texts;
	for (size_t length; complete && *lines; lines += length + 1) {
		length = strcspn(lines, "\n");
		texts[out->warnings.count] = arena_strndup(arena, lines, length);
		complete = texts[out->warnings.count++];
	}
	out->warnings.items = texts;
	return complete ? 0 : -ENOMEM;
}

int study_document_print_json(
        const struct study_document *document, struct session *session, const struct document_extras *extras)
{
	const struct command *command = extras->command;
	const struct complaints *complaints = &document->complaints;
	struct shown_complaint *shown = arena_alloc(&session->arena, complaints->count * sizeof *shown);
	if (!shown)
		return output_no_memory(&session->output);
	for (size_t i = 0; i < complaints->count; i++) {
		const struct complaint *complaint = &complaints->items[i];
		shown[i] = (struct shown_complaint){complaint->kind, (int64_t)complaint->line,
		        (int64_t)complaint->column, complaint->path, complaint->text};
	}
	struct shown_document whole = {.valid = document->spec != NULL,
	        .complaints = {complaints->count, shown},
	        .spec = document->spec ? document->spec->json : NULL,
	        .command = {command ? command->length : 0, command ? command->argv : NULL}};
	if (read_warnings(&whole, &session->arena, extras->warnings) < 0)
		return output_no_memory(&session->output);
	return session_print(session, &document_shape, &whole);
}
