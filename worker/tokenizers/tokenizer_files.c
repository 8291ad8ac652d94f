#include "worker/tokenizers/tokenizer_files.h"

#include "schema/base/file.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

const char *const tokenizer_file_names[] = {
        [FILE_TOKENIZER] = "tokenizer.json",
        [FILE_CONFIG] = "tokenizer_config.json",
        [FILE_SPECIALS] = "special_tokens_map.json",
        [FILE_ADDED] = "added_tokens.json",
        [FILE_VOCABULARY_TEXT] = "vocab.txt",
        [FILE_VOCABULARY_JSON] = "vocab.json",
        [FILE_MERGES] = "merges.txt",
        [FILE_SENTENCE_PIECES] = "sentencepiece.bpe.model",
        [TOKENIZER_FILES] = NULL,
};

void tokenizer_files_finish(struct tokenizer_files *files)
{
	for (size_t i = 0; i < TOKENIZER_FILES; i++)
		memory_free(files->files[i].bytes);
	*files = TOKENIZER_FILES_NULL;
}

/* A file that is not there is none. */
static int read_one(struct tokenizer_files *files, size_t which, const char *folder, struct error *error)
{
	struct text path = TEXT_NULL;
	struct error cause = {""};
	text_printf(&path, "%s/%s", folder, tokenizer_file_names[which]);
	int rc = path.failed ? error_no_memory(&cause)
	                     : file_read(&files->files[which].bytes, &files->files[which].length, path.data, &cause);
	text_finish(&path);
	if (rc < 0 && rc != -ENOENT && error)
		*error = cause;
	return rc == -ENOENT ? 0 : rc;
}

int tokenizer_files_read(struct tokenizer_files *out, const char *folder, struct error *error)
{
	struct tokenizer_files files = TOKENIZER_FILES_NULL;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < TOKENIZER_FILES; i++)
		rc = read_one(&files, i, folder, error);
	if (rc == 0)
		*out = files;
	else
		tokenizer_files_finish(&files);
	return rc;
}
