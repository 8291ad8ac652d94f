#include "tests/fuzz/weight_numbers.h"

#include <stdlib.h>

void weight_numbers_read(const struct weight_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		float *numbers = malloc(weight_count(&list->items[i]) * sizeof *numbers + 1);
		if (numbers)
			weight_read(numbers, &list->items[i]);
		free(numbers);
	}
}
