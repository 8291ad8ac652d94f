/* Any bytes as the checkpoint of a training: refused, or taken over without harm. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "worker/trainer/progress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	float weights[7] = {0};
	uint64_t rng[4] = {0};
	struct progress progress;
	struct arrays state = ARRAYS_NULL;
	struct bytes_source file = bytes_source((const char *)data, size);
	arrays_add(&state, "weights", ARRAY_FLOAT, weights, (const size_t[]){7, 0});
	arrays_add(&state, "rng", ARRAY_COUNT, rng, (const size_t[]){4, 0});
	/* Whatever is taken over makes the same file again. */
	if (progress_init(&progress, &(struct progress_plan){5, 4, 12}) == 0 &&
	        progress_read(&progress, &state, 0x1234, &file.source) == 0) {
		struct text again = TEXT_NULL;
		struct text_sink sink = text_sink(&again);
		if (progress_write(&sink.sink, &progress, &state, 0x1234) < 0 || again.length != size)
			abort();
		text_finish(&again);
	}
	progress_finish(&progress);
	arrays_finish(&state);
	return 0;
}
