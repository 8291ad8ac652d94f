#include "worker/data/dataset_read.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/file.h"
#include "schema/base/utf8.h"
#include "worker/data/format.h"
#include "worker/data/repeated.h"

static const struct dataset_format *const formats[] = {
        &format_semeval_json, &format_klue_json, &format_klue_csv, &format_semeval};

static const struct dataset_format *detect(const struct dataset_source *source)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (formats[i]->recognises(source))
			return formats[i];
	return NULL;
}

static int refuse(const struct dataset *dataset, struct error *error)
{
	const char *first = text_string(&dataset->complaints);
	return error_set(error, -EINVAL, "%zu bad row%s: %.*s", dataset->bad_count,
	        dataset->bad_count == 1 ? "" : "s, the first", (int)strcspn(first, "\n"), first);
}

/* A bad row at the very end, without a line end: the file is a part of one. */
static int check_whole(const struct reading *reading)
{
	const struct dataset *dataset = reading->dataset;
	const struct dataset_source *source = reading->source;
	size_t last_good = dataset->count ? dataset->examples[dataset->count - 1].line : 0;
	if (reading->last_bad_line <= last_good || source->bytes[source->length - 1] == '\n')
		return 0;
	return error_set(reading->error, -EINVAL, "%s:%zu: the file ends in the middle of a row: it was cut off",
	        source->name, reading->last_bad_line);
}

static bool is_blank(const struct dataset_source *source)
{
	size_t at = 0;
	while (at < source->length && source->bytes[at] && strchr(" \t\r\n", source->bytes[at]))
		at++;
	return at == source->length;
}

static int refuse_format(const struct dataset_source *source, struct error *error)
{
	if (is_blank(source))
		return error_set(error, -EINVAL, "%s is empty", source->name);
	if (utf8_is_utf16(source->bytes, source->length))
		return error_set(error, -EINVAL, "%s is UTF-16; it has to be saved as UTF-8", source->name);
	return error_set(error, -EINVAL,
	        "%s is neither KLUE-RE's JSON, nor the competition's CSV, nor SemEval-2010 Task 8's text, nor one of "
	        "these as JSON lines",
	        source->name);
}

static int read_rows(struct reading *reading)
{
	const struct dataset_source *source = reading->source;
	struct dataset *dataset = reading->dataset;
	dataset->format = detect(source);
	if (!dataset->format)
		return refuse_format(source, reading->error);
	dataset->labels = dataset->format->labels();
	if (reading->rules->labels && reading->rules->labels != dataset->labels)
		return error_set(reading->error, -EINVAL, "%s has the relations of %s, not of %s", source->name,
		        dataset->labels->name, reading->rules->labels->name);
	int rc = dataset->format->read(reading);
	return rc == 0 ? check_whole(reading) : rc;
}

int dataset_read_bytes(struct dataset *out, const struct dataset_source *source, const struct dataset_rules *rules,
        struct error *error)
{
	size_t mark = utf8_mark_length(source->bytes, source->length);
	const struct dataset_source text = {source->name, source->bytes + mark, source->length - mark};
	*out = DATASET_NULL;
	struct reading reading = {.dataset = out, .source = &text, .rules = rules, .error = error};
	int rc = read_rows(&reading);
	if (rc == 0 && rules->for_training)
		rc = rows_drop_repeated(&reading);
	if (rc == -ENOMEM || out->complaints.failed)
		return error_no_memory(error);
	if (rc == 0 && out->bad_count && !rules->skip_bad)
		return refuse(out, error);
	if (rc == 0 && out->count == 0)
		return error_set(error, -EINVAL, "%s holds no usable row", source->name);
	return rc;
}

int dataset_read_file(struct dataset *out, const char *path, const struct dataset_rules *rules, struct error *error)
{
	struct dataset_source source = {.name = path};
	char *bytes = NULL;
	*out = DATASET_NULL;
	int rc = file_read(&bytes, &source.length, path, error);
	if (rc < 0)
		return rc;
	source.bytes = bytes;
	rc = dataset_read_bytes(out, &source, rules, error);
	memory_free(bytes);
	return rc;
}
