#include "daemon/network/lost_files.h"

#include "daemon/studies/table_files.h"

void lost_files_remove(const struct surroundings *around, const struct artifact_choice *choice)
{
	for (size_t i = 0; around->blobs && i < choice->lost.count; i++)
		if (!study_table_needs_file(around->table, choice->lost.items[i]))
			blobs_remove(around->blobs, choice->lost.items[i]);
}
