/* Any bytes as a pickle, and as a file of torch.save, archive or legacy: refused, or tensors that
 * can be read. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "worker/pretrained/pickle.h"
#include "worker/pretrained/torch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct weight_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		float *numbers = malloc(weight_count(&list->items[i]) * sizeof *numbers + 1);
		if (numbers)
			weight_read(numbers, &list->items[i]);
		free(numbers);
	}
}

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
		read_all(&list);
	weight_list_finish(&list);
	return 0;
}
