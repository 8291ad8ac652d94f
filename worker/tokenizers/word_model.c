#include "worker/tokenizers/word_model.h"

#include "schema/base/memory.h"

void word_model_finish(struct word_model *model)
{
	piece_list_finish(&model->pieces);
	vocabulary_finish(&model->merges);
	memory_free(model->merged);
	memory_free(model->scores);
	*model = WORD_MODEL_NULL;
}
