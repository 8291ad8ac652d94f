#include "schema/blobs/blob_name.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define HEX_LENGTH (SHA256_HEX_BYTES - 1)
#define PART ".part"

static bool begins_with_hash(const char *text)
{
	return strspn(text, "0123456789abcdef") == HEX_LENGTH;
}

bool blob_is_name(const char *sha256)
{
	return sha256 && begins_with_hash(sha256) && !sha256[HEX_LENGTH];
}

void blob_name(char out[BLOB_NAME_BYTES], const char *sha256, bool partial)
{
	assert(blob_is_name(sha256));
	snprintf(out, BLOB_NAME_BYTES, "%.2s/%s%s", sha256, sha256, partial ? PART : "");
}

bool blob_name_read(char sha256[SHA256_HEX_BYTES], bool *partial, const char *name)
{
	if (!begins_with_hash(name))
		return false;
	const char *rest = name + HEX_LENGTH;
	if (*rest && strcmp(rest, PART) != 0)
		return false;
	*partial = *rest != '\0';
	memcpy(sha256, name, HEX_LENGTH);
	sha256[HEX_LENGTH] = '\0';
	return true;
}
