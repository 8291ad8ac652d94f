/* Any bytes as a file of safetensors, and as the list of a model's shards: refused, or tensors that
 * can be read. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/weight_numbers.h"
#include "worker/pretrained/safetensors.h"
#include "worker/pretrained/shard_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[] = "file";
	const struct mapped_file file = {path, data, size};
	struct shard_index index = {0};
	struct weight_list list = {0};
	struct error error;
	if (safetensors_read(&list, &file, &error) == 0 && weight_list_index(&list, path, &error) == 0)
		weight_numbers_read(&list);
	weight_list_finish(&list);
	shard_index_read(&index, &file, &error);
	shard_index_finish(&index);
	return 0;
}
