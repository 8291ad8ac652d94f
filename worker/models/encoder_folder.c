#include "worker/models/encoder_folder.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/models/neural_options.h"
#include "worker/network/encoder_names.h"
#include "worker/tokenizers/marked_text.h"
#include "worker/tokenizers/tokenizer_write.h"

void encoder_folder_close(struct encoder_folder *folder)
{
	if (!folder)
		return;
	weights_close(&folder->weights);
	tokenizer_destroy(folder->tokenizer);
	memory_free(folder->path);
	memory_free(folder);
}

/* Ids beyond the table would be read from elsewhere. */
static int compare(const struct encoder_folder *folder, struct error *error)
{
	const struct encoder_config *config = &folder->config;
	const size_t tokens = tokenizer_size(folder->tokenizer);
	if (tokens > (size_t)config->vocabulary)
		return error_set(error, -EINVAL, "its tokenizer has %zu tokens, but vocab_size in config.json is %lld",
		        tokens, (long long)config->vocabulary);
	if (tokenizer_special(folder->tokenizer, TOKENIZER_CLS) < 0 ||
	        tokenizer_special(folder->tokenizer, TOKENIZER_SEP) < 0)
		return error_set(error, -EINVAL, "its tokenizer has no [CLS] or no [SEP], nor what stands for them");
	if (config->layers > BODY_LAYERS_MAX)
		return error_set(error, -EINVAL, "it has %lld layers, and %d are the most", (long long)config->layers,
		        BODY_LAYERS_MAX);
	return 0;
}

static int read_parts(struct encoder_folder *folder, const struct token_options *options, struct error *error)
{
	int rc = encoder_config_read(&folder->config, folder->path, error);
	if (rc == 0)
		rc = weights_open(&folder->weights, folder->path, error);
	if (rc == 0)
		rc = tokenizer_read(&folder->tokenizer, folder->path, error);
	if (rc < 0)
		return rc;
	rc = compare(folder, error);
	if (rc < 0)
		return error_prefix(error, rc, folder->path);
	weights_digest(folder->weights_digest, &folder->weights);
	rc = tokenizer_digest(folder->tokenizer_digest, folder->tokenizer);
	return rc < 0 ? rc : marked_text_prepare(folder->tokenizer, options);
}

int encoder_folder_open(
        struct encoder_folder **out, const char *path, const struct token_options *options, struct error *error)
{
	struct encoder_folder *folder = memory_alloc(1, sizeof *folder);
	if (!folder)
		return error_no_memory(error);
	folder->path = memory_strdup(path);
	int rc = folder->path ? read_parts(folder, options, error) : -ENOMEM;
	if (rc < 0) {
		encoder_folder_close(folder);
		return rc == -ENOMEM ? error_no_memory(error) : rc;
	}
	*out = folder;
	return 0;
}

size_t encoder_folder_words(const struct encoder_folder *folder)
{
	const size_t tokens = tokenizer_size(folder->tokenizer), rows = (size_t)folder->config.vocabulary;
	return tokens > rows ? tokens : rows;
}

int64_t encoder_folder_first_place(const struct encoder_folder *folder)
{
	const struct encoder_family *family = encoder_family_find(encoder_type_name(folder->config.type));
	return family && family->counts_pads ? folder->config.pad_id + 1 : 0;
}

void encoder_folder_sizes(struct network_options *out, const struct encoder_folder *folder)
{
	static const char *const activations[] = {
	        [ENCODER_GELU] = "gelu", [ENCODER_GELU_TANH] = "gelu_new", [ENCODER_RELU] = "relu"};
	const struct encoder_config *config = &folder->config;
	const struct encoder_family *family = encoder_family_find(encoder_type_name(config->type));
	struct body_encoder_options *encoder = &out->body.encoder;
	out->body.width = config->width;
	out->body.heads = config->heads;
	out->body.layers = config->layers;
	out->body.inner = config->inner;
	out->body.places = config->positions;
	encoder->words = (int64_t)encoder_folder_words(folder);
	encoder->types = config->token_types;
	encoder->embedding_width = config->embedding_width;
	encoder->pad = encoder_folder_first_place(folder) > 0 ? config->pad_id : -1;
	encoder->epsilon = config->norm_epsilon;
	encoder->activation = activation_find(activations[config->activation]);
	out->head_activation = (int)family->head_activation;
	out->head_drops_first = family->head_drops_first;
}

int encoder_folder_check(const struct encoder_folder *folder, const struct neural_options *options, struct error *error)
{
	const struct encoder_config *config = &folder->config;
	const int64_t places = config->positions - encoder_folder_first_place(folder);
	if (options->tokens.most > places)
		return error_set(error, -EINVAL, "--max_tokens is %lld, but the encoder in %s knows %lld places",
		        (long long)options->tokens.most, folder->path, (long long)places);
	if (options->freeze_layers > config->layers)
		return error_set(error, -EINVAL, "--freeze_layers is %lld, but the encoder in %s has %lld layers",
		        (long long)options->freeze_layers, folder->path, (long long)config->layers);
	return 0;
}
