#include "daemon/studies/table_files.h"

#include <string.h>

#include "daemon/studies/live.h"
#include "daemon/studies/table.h"

static bool has_file(const struct study_spec *spec, const char *sha256)
{
	for (size_t i = 0; i < spec->file_count; i++)
		if (strcmp(spec->files[i].sha256, sha256) == 0)
			return true;
	return false;
}

bool study_table_has_file(const struct study_table *table, const char *sha256, const char *study)
{
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies) {
		const struct study_spec *spec = list_entry(at, struct study, member)->spec;
		if ((!study || strcmp(spec->name, study) == 0) && has_file(spec, sha256))
			return true;
	}
	return false;
}
