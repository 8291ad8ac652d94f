/* Any bytes as a saved network, and as a pretrained encoder: refused, or loaded into one that can
 * be thrown away. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "worker/models/model.h"
#include "worker/models/neural.h"
#include "worker/models/pretrained.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const small[][2] = {{"embedding_width", "4"}, {"position_width", "0"}, {"filters", "4"},
	        {"window", "1"}, {"pooling", "max"}};
	struct neural_options options;
	struct option_group group = {"", model_cnn.options, model_cnn.option_count, &options};
	const struct model_setup setup = {&model_cnn, &options, 30, 1, 1, NULL};
	void *model = NULL;
	memset(&options, 0, sizeof options);
	options_set_defaults(&group);
	for (size_t i = 0; i < sizeof small / sizeof *small; i++)
		option_set(&group, option_find(&group, small[i][0], strlen(small[i][0])), small[i][1], NULL);
	if (model_cnn.load(&model, &setup, (const char *)data, size) == 0)
		model_cnn.destroy(model);
	struct pretrained pretrained;
	pretrained_read(&pretrained, (const char *)data, size);
	pretrained_finish(&pretrained);
	return 0;
}
