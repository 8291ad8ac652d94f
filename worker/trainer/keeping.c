#include "worker/trainer/keeping.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/base/memory.h"
#include "worker/data/file.h"
#include "worker/data/prediction.h"
#include "worker/trainer/task.h"

static void print_config(struct text *out, const struct settings *settings, const struct label_set *labels)
{
	struct option_group group = settings_model_group(settings);
	text_printf(out, "labels=%s\nmodel=%s\n", labels->name, model_classes[settings->model]->name);
	for (size_t i = 0; i < group.count; i++) {
		text_printf(out, "%s=", group.options[i].name);
		option_print(&group, &group.options[i], out);
		text_append(out, "\n");
	}
}

static int write_into(const char *folder, const char *name, const struct text *content, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder, name);
	int result = path.failed || content->failed ? error_set(error, -ENOMEM, "the model does not fit into memory")
	                                            : file_write(path.data, content->data, content->length, error);
	text_finish(&path);
	return result;
}

int keeping_save(const char *folder, const struct settings *settings, const struct label_set *labels, const void *model,
        struct error *error)
{
	struct text config = TEXT_NULL, weights = TEXT_NULL;
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		return error_set(error, -errno, "cannot make %s: %s", folder, strerror(errno));
	print_config(&config, settings, labels);
	model_classes[settings->model]->save(model, &weights);
	int result = write_into(folder, "weights", &weights, error);
	if (result == 0)
		result = write_into(folder, "config", &config, error);
	text_finish(&config);
	text_finish(&weights);
	return result;
}

static int read_from(char **out, size_t *length, const char *folder, const char *name, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder, name);
	int result = path.failed ? -ENOMEM : file_read(out, length, path.data, error);
	text_finish(&path);
	return result;
}

/* Lines become flags: settings_read knows the rest. The first line names the label set. */
static int parse_config(struct kept_model *kept, struct error *error)
{
	enum { FLAGS_MAX = 128 };
	const char *flags[FLAGS_MAX + 1] = {NULL};
	struct text words = TEXT_NULL;
	size_t count = 0;
	char *rest = strchr(kept->config, '\n');
	if (strncmp(kept->config, "labels=", 7) != 0 || !rest)
		return error_set(error, -EINVAL, "its config does not begin with labels=");
	*rest++ = '\0';
	kept->labels = label_set_named(kept->config + 7);
	if (!kept->labels)
		return error_set(error, -EINVAL, "its label set \"%s\" is not known", kept->config + 7);
	for (char *line = rest; *line; line++) {
		text_append(&words, "--");
		char *end = line + strcspn(line, "\n");
		text_append_bytes(&words, line, (size_t)(end - line));
		text_append_bytes(&words, "", 1);
		line = *end ? end : end - 1;
	}
	memory_free(kept->config);
	size_t length = words.length;
	kept->config = text_take(&words);
	if (!kept->config)
		return -ENOMEM;
	for (size_t at = 0; at < length && count < FLAGS_MAX; at += strlen(kept->config + at) + 1)
		flags[count++] = kept->config + at;
	int result = settings_read(&kept->settings, flags, error);
	return result > 0 ? error_set(error, -EINVAL, "its config asks for help") : result;
}

int keeping_load(struct kept_model *out, const char *folder, struct error *error)
{
	char *weights = NULL;
	size_t length = 0;
	*out = (struct kept_model){0};
	int result = read_from(&out->config, &length, folder, "config", error);
	if (result == 0)
		result = read_from(&weights, &length, folder, "weights", error);
	if (result == 0)
		result = knowledge_load(&out->knowledge, folder, error);
	if (result == 0) {
		result = parse_config(out, error);
		if (result < 0)
			error_prefix(error, result, folder);
	}
	if (result == 0) {
		const struct model_setup setup = {
		        out->settings.model_values, out->labels->count, 1, 1, knowledge_lexicon(&out->knowledge)};
		result = model_classes[out->settings.model]->load(&out->model, &setup, weights, length);
		if (result < 0)
			error_set(error, result, "%s/weights: %s", folder,
			        result == -ENOMEM ? "out of memory" : "these are not the weights of that model");
	}
	memory_free(weights);
	return result;
}

void keeping_finish(struct kept_model *kept)
{
	model_classes[kept->settings.model]->destroy(kept->model);
	settings_finish(&kept->settings);
	knowledge_finish(&kept->knowledge);
	memory_free(kept->config);
	*kept = (struct kept_model){0};
}

static int predict_rows(double *probabilities, const struct kept_model *kept, const struct row_set *set)
{
	const struct model_class *class = model_classes[kept->settings.model];
	void *encoded = NULL;
	const struct model_rows rows = {set->rows, set->count};
	int result = class->encode(&encoded, kept->model, &rows);
	if (result == 0)
		result = class->predict(probabilities, kept->model, encoded);
	class->encoded_destroy(encoded);
	return result;
}

static int predict_dataset(
        struct text *out, const struct kept_model *kept, const struct dataset *dataset, struct error *error)
{
	struct row_set set;
	double *probabilities = memory_alloc(dataset->count * dataset->labels->count, sizeof *probabilities);
	int result = row_set_init(&set, dataset, NULL, dataset->count);
	if (result == 0)
		result = probabilities ? predict_rows(probabilities, kept, &set) : -ENOMEM;
	result = result < 0 ? error_set(error, result, "the rows do not fit into memory")
	                    : prediction_print(out, dataset, probabilities, error);
	memory_free(probabilities);
	row_set_finish(&set);
	return result;
}

int keeping_predict(const struct kept_model *kept, const char *in, const char *out, struct error *error)
{
	const struct dataset_rules rules = {0};
	struct dataset dataset;
	struct text content = TEXT_NULL;
	int result = task_read_file(&dataset, in, &rules, error);
	if (result == 0 && dataset.labels != kept->labels)
		result = error_set(error, -EINVAL, "%s has the relations of %s, the model those of %s", in,
		        dataset.labels->name, kept->labels->name);
	if (result == 0)
		result = predict_dataset(&content, kept, &dataset, error);
	if (result == 0)
		result = file_write(out, content.data, content.length, error);
	text_finish(&content);
	dataset_finish(&dataset);
	return result;
}
