#include "worker/data/dataset.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

int dataset_add(struct dataset *dataset, const struct example *example)
{
	struct example copy = *example;
	assert(example->subject.end_bytes <= example->length_bytes &&
	        example->object.end_bytes <= example->length_bytes);
	copy.id = arena_strdup(&dataset->arena, example->id);
	copy.sentence = arena_strndup(&dataset->arena, example->sentence, example->length_bytes);
	copy.subject.type = arena_strdup(&dataset->arena, example->subject.type);
	copy.object.type = arena_strdup(&dataset->arena, example->object.type);
	if (!copy.id || !copy.sentence || !copy.subject.type || !copy.object.type ||
	        array_reserve(dataset->examples, &dataset->capacity, dataset->count + 1) < 0)
		return -ENOMEM;
	dataset->examples[dataset->count++] = copy;
	return 0;
}

void dataset_finish(struct dataset *dataset)
{
	memory_free(dataset->examples);
	arena_finish(&dataset->arena);
	text_finish(&dataset->complaints);
	*dataset = DATASET_NULL;
}
