#include "daemon/network/lost_files.h"

#include "daemon/studies/table_files.h"

static int note(struct lost_files *lost, const char *sha256)
{
	const char **hashes = arena_grow(&lost->arena, lost->hashes, lost->count, sizeof *hashes);
	const char *copy = arena_strdup(&lost->arena, sha256);
	if (!hashes || !copy)
		return -1;
	hashes[lost->count++] = copy;
	lost->hashes = hashes;
	return 0;
}

void lost_files_note(struct lost_files *lost, const struct artifact_choice *choice)
{
	for (size_t i = 0; lost && i < choice->lost.count; i++)
		if (note(lost, choice->lost.items[i]) < 0)
			return;
}

void lost_files_remove(struct lost_files *lost, const struct surroundings *around)
{
	for (size_t i = 0; around->blobs && i < lost->count; i++)
		if (!study_table_needs_file(around->table, lost->hashes[i]))
			blobs_remove(around->blobs, lost->hashes[i]);
	lost_files_finish(lost);
}

void lost_files_finish(struct lost_files *lost)
{
	arena_finish(&lost->arena);
	*lost = (struct lost_files){.arena = ARENA_NULL};
}
