/* Any bytes as a data set: whatever comes, an answer and no crash. */
#include <stddef.h>
#include <stdint.h>

#include "worker/data/dataset_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dataset_rules rules[] = {
	        {.for_training = true, .skip_bad = true}, {.for_training = true}, {.skip_bad = true}};
	const struct dataset_source source = {"fuzz", (const char *)data, size};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct dataset dataset;
		struct error error;
		dataset_read_bytes(&dataset, &source, &rules[i], &error);
		dataset_finish(&dataset);
	}
	return 0;
}
