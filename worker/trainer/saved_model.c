#define _GNU_SOURCE /* renameat2 */
#include "worker/trainer/saved_model.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/file.h"
#include "worker/data/prediction.h"
#include "worker/trainer/base_folder.h"
#include "worker/trainer/initial_vectors.h"

enum {
	PART_WEIGHTS,
	PART_CONFIG,
	PART_VOCABULARY,
	PART_LEXICON,
	PART_BASE,
	PART_VECTORS,
	PART_COUNT,
	PART_WHOLE_CONFIG = PART_COUNT
};
static const char *const part_names[] = {"model.safetensors", "config.json", "vocabulary", LEXICON_FILE_NAME,
        BASE_FOLDER_NAME, INITIAL_VECTORS_NAME, WHOLE_CONFIG_NAME};

static bool is_part(const char *name)
{
	bool found = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
	for (size_t i = 0; i < PART_COUNT; i++)
		found = found || strcmp(name, part_names[i]) == 0;
	return found;
}

/* "model/" means "model": the new folder is written beside it, not in it. */
static size_t length_without_slashes(const char *path)
{
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	return length;
}

static int check_new(const char *folder, struct error *error)
{
	struct text path = TEXT_NULL;
	text_append_bytes(&path, folder, length_without_slashes(folder));
	int rc = path.failed ? error_no_memory(error) : file_check_place(path.data, error);
	text_finish(&path);
	return rc;
}

/* The folder will be replaced, so it must be empty or hold a model. */
int saved_model_check(const char *folder, struct error *error)
{
	DIR *open_folder = opendir(folder);
	const struct dirent *entry;
	int rc = 0;
	if (!open_folder && errno == ENOENT)
		return check_new(folder, error);
	if (!open_folder)
		return error_set(error, -EEXIST, "%s: %s", folder, strerror(errno));
	while (rc == 0 && (entry = readdir(open_folder)))
		if (!is_part(entry->d_name))
			rc = error_set(error, -EEXIST,
			        "%s holds %.80s, which is no part of a model: nothing is put there", folder,
			        entry->d_name);
	closedir(open_folder);
	return rc;
}

static int write_part(const char *folder, size_t part, const struct text *content, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder, part_names[part]);
	int rc = path.failed || content->failed ? error_no_memory(error)
	                                        : file_write(path.data, content->data, content->length, error);
	text_finish(&path);
	return rc;
}

static void remove_folder(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return;
	for (size_t i = 0; i < PART_COUNT; i++)
		unlinkat(folder, part_names[i], 0);
	close(folder);
	rmdir(path);
}

/* Others only begin with them: their weights have them. */
static bool looks_at_vectors(const struct settings *settings)
{
	const struct option_group group = settings_model_group(settings);
	const struct option *option = option_find(&group, "weight_vectors", strlen("weight_vectors"));
	double weight = 0;
	if (option)
		memcpy(&weight, (const char *)group.values + option->offset, sizeof weight);
	return weight > 0;
}

static int write_parts(const char *folder, const struct settings *settings, const struct task *task,
        const struct trained *trained, struct error *error)
{
	const struct text_rows rows = {task->train.rows, task->train.count};
	struct text config = TEXT_NULL, vocabulary = TEXT_NULL, base = TEXT_NULL, vectors = TEXT_NULL;
	if (settings->folder)
		base_folder_print(&base, settings->folder);
	if (settings->known_vectors && looks_at_vectors(settings))
		initial_vectors_print(&vectors, settings);
	config_print(&config, settings, task->data.labels);
	if (!settings->folder)
		text_append(&vocabulary, "id\ttoken\n");
	int rc = model_classes[settings->model]->spell(&vocabulary, trained->model, &rows);
	vocabulary.failed |= rc < 0;
	const struct text lexicon = {.data = task->lexicon_file.bytes, .length = task->lexicon_file.length};
	const struct text *const parts[PART_COUNT] = {
	        &trained->weights, &config, &vocabulary, &lexicon, &base, &vectors};
	rc = 0;
	for (size_t i = 0; rc == 0 && i < PART_COUNT; i++)
		if (parts[i]->data || parts[i]->failed)
			rc = write_part(folder, i, parts[i], error);
	text_finish(&base);
	text_finish(&vectors);
	text_finish(&config);
	text_finish(&vocabulary);
	return rc;
}

/* Puts the folder `beside` in the place of `folder`; what `beside` names afterwards has to be
 * removed. */
static int replace(const char *beside, const char *folder)
{
	if (rename(beside, folder) == 0)
		return file_sync_folder(beside);
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -errno;
	if (renameat2(AT_FDCWD, beside, AT_FDCWD, folder, RENAME_EXCHANGE) < 0)
		return -errno;
	return file_sync_folder(beside);
}

int saved_model_write(const char *folder, const struct settings *settings, const struct task *task,
        const struct trained *trained, struct error *error)
{
	struct text beside = TEXT_NULL;
	int rc = saved_model_check(folder, error);
	if (rc < 0)
		return rc;
	text_printf(&beside, "%.*s.%ld.part", (int)length_without_slashes(folder), folder, (long)getpid());
	if (beside.failed)
		return error_no_memory(error);
	if (mkdir(beside.data, 0777) < 0 && errno != EEXIST)
		rc = error_set(error, -errno, "cannot make %s: %s", beside.data, strerror(errno));
	if (rc == 0)
		rc = write_parts(beside.data, settings, task, trained, error);
	if (rc == 0) {
		rc = replace(beside.data, folder);
		if (rc < 0)
			error_set(error, rc, "cannot put a model at %s: %s", folder, strerror(-rc));
	}
	remove_folder(beside.data);
	text_finish(&beside);
	return rc;
}

static int read_part(struct text *out, const char *folder, size_t part, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder, part_names[part]);
	int rc = path.failed ? error_no_memory(error) : file_read(&out->data, &out->length, path.data, error);
	text_finish(&path);
	return rc;
}

static int load_weights(struct saved_model *saved, const struct text *weights)
{
	const struct settings *settings = &saved->config.settings;
	const struct model_class *class = model_classes[settings->model];
	const struct model_setup setup = {class, settings->model_values, saved->config.labels->count, 1, 1,
	        .lexicon = lexicon_file_lexicon(&saved->lexicon_file), .folder = settings->folder,
	        .vectors = settings->known_vectors};
	return class->load(&saved->model, &setup, weights->data, weights->length);
}

static int read_config(struct saved_model *out, const char *folder, size_t part, struct error *error)
{
	struct text config = TEXT_NULL;
	int rc = read_part(&config, folder, part, error);
	if (rc == 0) {
		rc = config_read(&out->config, config.data, config.length, error);
		if (rc < 0)
			error_prefix(error, rc, folder);
	}
	text_finish(&config);
	return rc;
}

/* The pretrained folder the model stands on: itself if it is whole. */
static int open_base(struct saved_model *out, const char *folder, const char *init, bool whole, struct error *error)
{
	struct settings *settings = &out->config.settings;
	if (!model_classes[settings->model]->wants_folder)
		return init ? error_set(error, -EINVAL, "%s is no model that stands on a pretrained encoder", folder)
		            : 0;
	return base_folder_open(settings, folder, whole ? folder : init, error);
}

/* 1 when the model brings its encoder, 0, or -ENOMEM. */
static int is_whole(const char *folder)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/" WHOLE_CONFIG_NAME, folder);
	const int there = path.failed ? -ENOMEM : access(path.data, F_OK) == 0;
	text_finish(&path);
	return there;
}

static int read_weights(struct saved_model *out, const char *folder, bool whole, struct error *error)
{
	struct text weights = TEXT_NULL;
	int rc = whole ? 0 : read_part(&weights, folder, PART_WEIGHTS, error);
	if (rc == 0) {
		rc = load_weights(out, &weights);
		if (rc == -ENOMEM)
			error_no_memory(error);
		else if (rc < 0 && whole)
			error_set(error, rc, "%s has not all tensors of that model, so that it cannot predict", folder);
		else if (rc < 0)
			error_set(error, rc, "%s/%s: these are not the weights of that model", folder,
			        part_names[PART_WEIGHTS]);
	}
	text_finish(&weights);
	return rc;
}

int saved_model_read(struct saved_model *out, const char *folder, const char *init, struct error *error)
{
	const int whole = is_whole(folder);
	*out = (struct saved_model){0};
	if (whole < 0)
		return error_no_memory(error);
	int rc = read_config(out, folder, whole ? PART_WHOLE_CONFIG : PART_CONFIG, error);
	if (rc == 0)
		rc = lexicon_file_load(&out->lexicon_file, folder, error);
	if (rc == 0)
		rc = initial_vectors_open(&out->config.settings, folder, error);
	if (rc == 0)
		rc = open_base(out, folder, init, whole, error);
	return rc < 0 ? rc : read_weights(out, folder, whole, error);
}

void saved_model_finish(struct saved_model *saved)
{
	model_classes[saved->config.settings.model]->destroy(saved->model);
	config_finish(&saved->config);
	lexicon_file_finish(&saved->lexicon_file);
	*saved = (struct saved_model){0};
}

int saved_model_probabilities(double *probabilities, const struct predictor *predictor, const struct row_set *set)
{
	const struct model_class *class = predictor->class;
	void *encoded = NULL;
	const struct text_rows rows = {set->rows, set->count};
	int rc = class->encode(&encoded, predictor->model, &rows);
	if (rc == 0)
		rc = class->predict(probabilities, predictor->model, encoded);
	class->encoded_destroy(encoded);
	return rc;
}

static int print_predictions(struct text *out, const struct predictor *predictor, const struct dataset *dataset,
        enum prediction_form form, struct error *error)
{
	struct row_set set;
	double *probabilities = memory_alloc(dataset->count * dataset->labels->count, sizeof *probabilities);
	int rc = row_set_init(&set, dataset, NULL, dataset->count);
	if (rc == 0)
		rc = probabilities ? saved_model_probabilities(probabilities, predictor, &set) : -ENOMEM;
	rc = rc < 0 ? error_no_memory(error) : prediction_print(out, dataset, probabilities, form, error);
	memory_free(probabilities);
	row_set_finish(&set);
	return rc;
}

int saved_model_predict_rows(
        const struct predictor *predictor, const struct dataset *rows, const char *out, struct error *error)
{
	struct text content = TEXT_NULL;
	int rc = print_predictions(&content, predictor, rows, prediction_form_of(rows->labels, out), error);
	if (rc == 0)
		rc = file_write(out, content.data, content.length, error);
	text_finish(&content);
	return rc;
}

int saved_model_predict(const struct predictor *predictor, const char *in, const char *out, struct error *error)
{
	const struct dataset_rules rules = {.labels = predictor->labels};
	struct dataset dataset;
	int rc = task_read_file(&dataset, in, &rules, error);
	if (rc == 0)
		rc = saved_model_predict_rows(predictor, &dataset, out, error);
	dataset_finish(&dataset);
	return rc;
}
