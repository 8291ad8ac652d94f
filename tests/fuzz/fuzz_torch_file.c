/* Any bytes as a pickle, and as a file of torch.save, archive or legacy: refused, or tensors that
 * can be read. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/weight_numbers.h"
#include "worker/pretrained/pickle.h"
#include "worker/pretrained/torch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[] = "file";
	const struct mapped_file file = {path, data, size};
	struct pickle pickle = {.file = &file, .end = size};
	struct pickle_value value;
	struct weight_list list = {0};
	struct error error;
	pickle_read(&value, &pickle, &error);
	pickle_finish(&pickle);
	if (torch_file_read(&list, &file, &error) == 0 && weight_list_index(&list, path, &error) == 0)
		weight_numbers_read(&list);
	weight_list_finish(&list);
	return 0;
}
