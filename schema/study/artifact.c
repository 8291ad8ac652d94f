#include "schema/study/artifact.h"

#include <string.h>

#include "schema/base/run_models.h"
#include "schema/base/utf8.h"

static const char *const kind_names[] = {
        [ARTIFACT_MODEL] = "model", [ARTIFACT_OOF] = "oof", [ARTIFACT_LOG] = "log", [ARTIFACT_OTHER] = "other"};
const struct words artifact_kind_words = WORDS(kind_names);

static bool has_controls(const char *name)
{
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return true;
	return false;
}

/* One part of a path. */
static bool part_is_good(const char *part, size_t length)
{
	return length > 0 && !(length == 1 && part[0] == '.') && !(length == 2 && part[0] == '.' && part[1] == '.');
}

bool artifact_name_is_good(const char *name)
{
	size_t length = strlen(name);
	if (length == 0 || length > ARTIFACT_NAME_MAX || has_controls(name) || !utf8_valid(name, length))
		return false;
	for (;;) {
		size_t part = strcspn(name, "/");
		if (!part_is_good(name, part))
			return false;
		if (!name[part])
			return true;
		name += part + 1;
	}
}

enum artifact_kind artifact_kind_of(const char *name)
{
	char first[ARTIFACT_NAME_MAX + 1];
	size_t length = strcspn(name, "/");
	if (length > ARTIFACT_NAME_MAX)
		return ARTIFACT_OTHER;
	memcpy(first, name, length);
	first[length] = '\0';
	if (run_models_is_model(first))
		return ARTIFACT_MODEL;
	if (strcmp(name, "oof.csv") == 0)
		return ARTIFACT_OOF;
	return strcmp(name, "stdout.log") == 0 || strcmp(name, "stderr.log") == 0 ? ARTIFACT_LOG : ARTIFACT_OTHER;
}
