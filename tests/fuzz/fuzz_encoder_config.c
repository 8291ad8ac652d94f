/* Any bytes as config.json of a pretrained folder: refused, or an encoder whose sizes can be. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/pretrained/encoder_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[] = "config.json";
	const struct mapped_file file = {path, data, size};
	struct encoder_config config;
	struct error error;
	if (encoder_config_parse(&config, &file, &error) < 0)
		return 0;
	assert(config.width >= 1 && config.heads >= 1 && config.width % config.heads == 0);
	assert(config.layers >= 1 && config.layers <= ENCODER_LAYERS_MAX && config.inner >= 1);
	assert(config.pad_id >= 0 && config.pad_id < config.vocabulary && config.positions >= 4);
	assert(config.token_types >= 0 && config.embedding_width >= 1 && config.norm_epsilon > 0);
	assert(config.hidden_dropout >= 0 && config.hidden_dropout < 1 && config.attention_dropout >= 0);
	assert(config.classifier_dropout >= 0 && config.classifier_dropout < 1 && config.attention_dropout < 1);
	return 0;
}
