#include "daemon/network/lost_files.h"

#include "daemon/studies/table_files.h"

static bool is_needed(const struct surroundings *around, const char *sha256)
{
	return study_table_has_file(around->table, sha256, NULL) ||
	       study_table_has_artifact(around->table, sha256, NULL) ||
	       study_table_has_checkpoint(around->table, sha256, NULL);
}

void lost_files_remove(const struct surroundings *around, const struct artifact_choice *choice)
{
	for (size_t i = 0; around->blobs && i < choice->lost.count; i++)
		if (!is_needed(around, choice->lost.items[i]))
			blobs_remove(around->blobs, choice->lost.items[i]);
}
