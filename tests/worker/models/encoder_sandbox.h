/* A pretrained folder of a test's own: a BERT of three layers of 32 (tests/worker/network/encoders)
 * with a vocabulary of letters. */
#ifndef TESTS_WORKER_MODELS_ENCODER_SANDBOX_H
#define TESTS_WORKER_MODELS_ENCODER_SANDBOX_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/base/folder.h"

struct encoder_sandbox {
	char path[64];
};

static inline FILE *encoder_sandbox_open(const struct encoder_sandbox *sandbox, const char *name)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", sandbox->path, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	return file;
}

static inline void encoder_sandbox_write_vocabulary(const struct encoder_sandbox *sandbox)
{
	FILE *file = encoder_sandbox_open(sandbox, "vocab.txt");
	fputs("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n", file);
	for (const char *sign = "@*#^,.<>/"; *sign; sign++)
		fprintf(file, "%c\n", *sign);
	for (const char *sign = "abcdefghijklmnopqrstuvwxyz0123456789"; *sign; sign++)
		fprintf(file, "%c\n##%c\n", *sign, *sign);
	fclose(file);
}

static inline void encoder_sandbox_init(struct encoder_sandbox *sandbox)
{
	char path[128];
	strcpy(sandbox->path, "/tmp/encoder-XXXXXX");
	assert_non_null(mkdtemp(sandbox->path));
	FILE *file = encoder_sandbox_open(sandbox, "config.json");
	fputs("{\"model_type\": \"bert\", \"hidden_size\": 32, \"num_hidden_layers\": 3, \"num_attention_heads\": 4,"
	      "\"intermediate_size\": 64, \"max_position_embeddings\": 40, \"type_vocab_size\": 2, \"vocab_size\": 120,"
	      "\"hidden_act\": \"gelu\", \"pad_token_id\": 0, \"layer_norm_eps\": 1e-12}\n",
	        file);
	fclose(file);
	encoder_sandbox_write_vocabulary(sandbox);
	snprintf(path, sizeof path, "%s/model.safetensors", sandbox->path);
	assert_int_equal(symlink(ENCODERS "/bert.safetensors", path), 0);
}

static inline void encoder_sandbox_finish(struct encoder_sandbox *sandbox)
{
	assert_int_equal(folder_remove(AT_FDCWD, sandbox->path), 0);
}

#endif
