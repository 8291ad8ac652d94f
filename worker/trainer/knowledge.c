#include "worker/trainer/knowledge.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "worker/data/file.h"

int knowledge_read(struct knowledge *out, const char *path, struct error *error)
{
	struct knowledge knowledge = KNOWLEDGE_NULL;
	int result = path ? file_read(&knowledge.bytes, &knowledge.length, path, error) : 0;
	if (result < 0)
		return result;
	if (path) {
		result = lexicon_parse(&knowledge.lexicon, knowledge.bytes, knowledge.length, error);
		if (result == -ENOMEM)
			error_set(error, result, "the lexicon does not fit into memory");
	}
	if (result < 0) {
		knowledge_finish(&knowledge);
		return error_prefix(error, result, path);
	}
	*out = knowledge;
	return 0;
}

void knowledge_finish(struct knowledge *knowledge)
{
	memory_free(knowledge->bytes);
	lexicon_finish(&knowledge->lexicon);
	*knowledge = KNOWLEDGE_NULL;
}

int knowledge_load(struct knowledge *out, const char *folder, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/" KNOWLEDGE_FILE, folder);
	int result = path.failed ? error_set(error, -ENOMEM, "the lexicon does not fit into memory") : 0;
	if (result == 0)
		result = knowledge_read(out, access(path.data, F_OK) == 0 ? path.data : NULL, error);
	text_finish(&path);
	return result;
}

const struct lexicon *knowledge_lexicon(const struct knowledge *knowledge)
{
	return knowledge->bytes ? &knowledge->lexicon : NULL;
}
