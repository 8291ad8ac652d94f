#include "worker/data/dataset_read.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/file.h"
#include "worker/data/format.h"
#include "worker/data/repeated.h"

static const struct dataset_format *const formats[] = {&format_klue_json, &format_klue_csv, &format_semeval};

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

int dataset_read_bytes(struct dataset *out, const struct dataset_source *source, const struct dataset_rules *rules,
        struct error *error)
{
	const struct dataset_format *format = detect(source);
	*out = DATASET_NULL;
	if (!format)
		return error_set(error, -EINVAL,
		        "%s is neither KLUE-RE's JSON, nor the competition's CSV, nor SemEval-2010 Task 8's text",
		        source->name);
	out->format = format;
	out->labels = format->labels();
	struct reading reading = {.dataset = out, .source = source, .rules = rules, .error = error};
	int rc = format->read(&reading);
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
