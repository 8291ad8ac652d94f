#include "worker/trainer/lexicon_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/base/file.h"

int lexicon_file_read(struct lexicon_file *out, const char *path, struct error *error)
{
	struct lexicon_file lexicon_file = LEXICON_FILE_NULL;
	int rc = path ? file_read_text(&lexicon_file.bytes, &lexicon_file.length, path, error) : 0;
	if (rc < 0)
		return rc;
	if (path) {
		rc = lexicon_parse(&lexicon_file.lexicon, lexicon_file.bytes, lexicon_file.length, error);
		if (rc == -ENOMEM)
			error_no_memory(error);
	}
	if (rc < 0) {
		lexicon_file_finish(&lexicon_file);
		return error_prefix(error, rc, path);
	}
	*out = lexicon_file;
	return 0;
}

void lexicon_file_finish(struct lexicon_file *lexicon_file)
{
	memory_free(lexicon_file->bytes);
	lexicon_finish(&lexicon_file->lexicon);
	*lexicon_file = LEXICON_FILE_NULL;
}

int lexicon_file_load(struct lexicon_file *out, const char *folder, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/" LEXICON_FILE_NAME, folder);
	int rc = path.failed ? error_no_memory(error) : 0;
	if (rc == 0)
		rc = lexicon_file_read(out, access(path.data, F_OK) == 0 ? path.data : NULL, error);
	text_finish(&path);
	return rc;
}

const struct lexicon *lexicon_file_lexicon(const struct lexicon_file *lexicon_file)
{
	return lexicon_file->bytes ? &lexicon_file->lexicon : NULL;
}
