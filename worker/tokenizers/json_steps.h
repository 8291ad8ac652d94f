/* The keys normalizer and pre_tokenizer of a tokenizer.json. */
#ifndef WORKER_TOKENIZERS_JSON_STEPS_H
#define WORKER_TOKENIZERS_JSON_STEPS_H

#include "worker/tokenizers/json_source.h"
#include "worker/tokenizers/normalizer.h"
#include "worker/tokenizers/splitter.h"

/* Fills the zeroed normalizer / splitter from the value, which may be NULL or null. 0; -EINVAL with
 * a sentence for types and settings that are not known here; -ENOMEM (what is filled is to be
 * finished all the same). */
int json_steps_normalizer(struct normalizer *out, const struct json_source *source, const struct cJSON *value);
int json_steps_splitter(struct splitter *out, const struct json_source *source, const struct cJSON *value);

#endif
