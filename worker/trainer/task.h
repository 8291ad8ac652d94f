/* The rows of one training: read, split, and in the models' form. */
#ifndef WORKER_TRAINER_TASK_H
#define WORKER_TRAINER_TASK_H

#include "worker/data/dataset.h"
#include "worker/data/split.h"
#include "worker/models/model.h"
#include "worker/trainer/lexicon_file.h"
#include "worker/trainer/settings.h"

struct row_set {
	struct text_row *rows;           /* (count), owned; texts belong to the data set */
	const struct example **examples; /* (count) the rows as the file has them; owned, the examples borrowed */
	int *truth;                      /* (count), owned; LABEL_NONE where unknown */
	size_t count;
};

struct task {
	struct dataset data, valid_data; /* valid_data is empty when rows of `data` were held out */
	struct dataset unknown;          /* rows to be predicted after the training, if any */
	struct row_set train, valid;
	struct lexicon_file lexicon_file;
	uint64_t split_hash; /* 0 when the validation rows have a file of their own */
};

/* Reads the files the settings name and splits them; bad rows are told on stderr. -errno with a
 * sentence. Finish the task in every case. */
int task_init(struct task *task, const struct settings *settings, struct error *error);
void task_finish(struct task *task);

/* The rows numbered by `numbers` (count), or the first `count` rows when it is NULL. 0 or
 * -ENOMEM. */
int row_set_init(struct row_set *set, const struct dataset *dataset, const size_t *numbers, size_t count);
void row_set_finish(struct row_set *set);

/* Appends a sentence about the rows that were left out, nothing when all are good. */
void task_note(struct text *out, const struct task *task);

/* Reads one file and tells its bad rows on stderr. */
int task_read_file(struct dataset *out, const char *path, const struct dataset_rules *rules, struct error *error);

#endif
