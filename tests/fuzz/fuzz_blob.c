/* Any bytes as pieces of files that somebody brings, in any order, in turns, wrong ones among them:
 * a file that the store has is the one that it is called by, and its pieces are read as they are. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/blobs/blobs.h"
#include "schema/base/folder.h"
#include "schema/base/sha256.h"

#define FILES 3
#define LONGEST 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct content {
	char sha256[SHA256_HEX_BYTES];
	unsigned char bytes[LONGEST];
	size_t length;
};

static void make_contents(struct content *contents)
{
	static const size_t lengths[FILES] = {0, 17, LONGEST};
	for (size_t i = 0; i < FILES; i++) {
		for (size_t k = 0; k < lengths[i]; k++)
			contents[i].bytes[k] = (unsigned char)(31 * k + i);
		contents[i].length = lengths[i];
		sha256_hex(contents[i].sha256, contents[i].bytes, lengths[i]);
	}
}

/* Four bytes of input: which file, where, how much, and whether it is what belongs there. */
static void bring(struct blobs *blobs, const struct content *content, const uint8_t *step)
{
	unsigned char bytes[256];
	struct blob_progress progress;
	struct blob_piece piece = {.offset = step[1], .length = step[2], .bytes = bytes};
	for (size_t k = 0; k < piece.length; k++) {
		size_t at = step[1] + k;
		bytes[k] = (unsigned char)((at < content->length ? content->bytes[at] : 0) ^ (step[3] == 255));
	}
	const struct blob blob = {content->sha256, (int64_t)content->length + (step[3] == 254)};
	if (blobs_add(&progress, blobs, &blob, &piece, NULL) == 0 && progress.done)
		assert(blobs_have(blobs, &(struct blob){content->sha256, (int64_t)content->length}));
}

static void look(const struct blobs *blobs, const struct content *content, const uint8_t *step)
{
	unsigned char bytes[256];
	int64_t size_bytes;
	struct blob_piece piece = {.offset = step[1], .length = step[2], .bytes = bytes};
	if (blobs_read(&piece, &size_bytes, blobs, content->sha256) != 0)
		return;
	assert(size_bytes == (int64_t)content->length && piece.length <= step[2]);
	assert(piece.length == 0 || memcmp(bytes, content->bytes + step[1], piece.length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct content contents[FILES];
	char folder[] = "/tmp/fuzz-blob-XXXXXX";
	struct blobs blobs;
	make_contents(contents);
	if (!mkdtemp(folder) || blobs_init(&blobs, folder, NULL) != 0)
		abort();
	for (; size >= 4; data += 4, size -= 4) {
		const struct content *content = &contents[data[0] % FILES];
		if (data[0] & 128)
			look(&blobs, content, data);
		else
			bring(&blobs, content, data);
	}
	blobs_finish(&blobs);
	folder_remove(AT_FDCWD, folder);
	return 0;
}
