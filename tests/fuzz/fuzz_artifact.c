/* Any text as the name of an artifact: a good one leads from a folder down, whoever says it. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/blobs/blob_name.h"
#include "schema/study/artifact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Counted by hand: no part takes the way back up. */
static void check_name(const char *name)
{
	assert(*name && *name != '/' && strlen(name) <= ARTIFACT_NAME_MAX);
	assert(!strstr(name, "//") && name[strlen(name) - 1] != '/');
	assert(strcmp(name, "..") != 0 && strncmp(name, "../", 3) != 0 && !strstr(name, "/../"));
	for (const char *at = name; *at; at++)
		assert((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void check_blob(const char *name)
{
	char path[BLOB_NAME_BYTES], again[SHA256_HEX_BYTES];
	bool partial = false;
	blob_name(path, name, true);
	assert(strspn(path, "0123456789abcdef/.part") == strlen(path));
	assert(blob_name_read(again, &partial, path + 3) && partial && strcmp(again, name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = memory_strndup((const char *)data, size);
	if (artifact_name_is_good(name))
		check_name(name);
	artifact_kind_of(name);
	if (blob_is_name(name))
		check_blob(name);
	memory_free(name);
	return 0;
}
