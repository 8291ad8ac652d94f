/* What a training's bits depend on, as one number: a checkpoint of another one is of no use. Every
 * function mixes something in and returns the next hash. */
#ifndef WORKER_TRAINER_FINGERPRINT_H
#define WORKER_TRAINER_FINGERPRINT_H

#include <stdint.h>

#include "schema/base/option.h"
#include "worker/models/encoder_folder.h"
#include "worker/network/numbers.h"
#include "worker/text/row.h"

/* This program, as far as what it computes goes. */
#define FINGERPRINT_PROGRAM "kre-train " KRE_VERSION " numbers " NETWORK_NUMBERS

/* That of the program, to which all else is added. */
uint64_t fingerprint_begin(void);

/* A text up to its NUL. */
uint64_t fingerprint_text(uint64_t hash, const char *text);

/* Bytes in any number, 0 too. */
uint64_t fingerprint_bytes(uint64_t hash, const char *bytes, size_t length);

/* Sentences, entities and classes, in their order. */
uint64_t fingerprint_rows(uint64_t hash, const struct text_rows *rows);

/* The content of a pretrained folder; NULL = there is none. */
uint64_t fingerprint_folder(uint64_t hash, const struct encoder_folder *folder);

/* Appends the options with their values, but no paths, as what lies there is mixed in instead, and
 * not when checkpoints are written. Memory sets out->failed. */
void fingerprint_print(struct text *out, const struct option_group *group);

#endif
