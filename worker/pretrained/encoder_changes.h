/* config.json of a folder that a training makes of another one. */
#ifndef WORKER_PRETRAINED_ENCODER_CHANGES_H
#define WORKER_PRETRAINED_ENCODER_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/text.h"
#include "worker/pretrained/encoder_config.h"

struct encoder_changes {
	enum encoder_type type;
	const char *const *labels; /* (label_count), by class, of whole sequences; NULL: it is an encoder alone */
	size_t label_count;
	int64_t vocabulary;
	bool guesses; /* without labels: it has the head that guesses hidden tokens */
};

/* Appends folder/config.json with the changes: model_type, architectures, id2label, label2id,
 * vocab_size, and float32 where a kind of number is named; all other keys stay as they are. -EINVAL
 * with a sentence, -ENOMEM, another -errno. */
int encoder_config_print(
        struct text *out, const char *folder, const struct encoder_changes *changes, struct error *error);

#endif
