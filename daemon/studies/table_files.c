#include "daemon/studies/table_files.h"

#include <string.h>

#include "daemon/storage/store_study.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/table.h"
#include "daemon/studies/table_artifacts.h"
#include "daemon/studies/table_checkpoints.h"

static bool has_file(const struct study_spec *spec, const char *sha256)
{
	for (size_t i = 0; i < spec->file_count; i++)
		if (strcmp(spec->files[i].sha256, sha256) == 0)
			return true;
	return false;
}

static bool live_has_file(const struct study_table *table, const char *sha256, const char *study)
{
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies) {
		const struct study_spec *spec = list_entry(at, struct study, member)->spec;
		if ((!study || strcmp(spec->name, study) == 0) && has_file(spec, sha256))
			return true;
	}
	return false;
}

int study_table_has_file(bool *has, const struct study_table *table, const char *sha256, const char *study)
{
	*has = live_has_file(table, sha256, study);
	return *has || study ? 0 : studies_from_store(store_study_has_file(has, table->store, sha256));
}

bool study_table_needs_file(const struct study_table *table, const char *sha256)
{
	bool has = false;
	int rc = study_table_has_file(&has, table, sha256, NULL);
	if (rc == 0 && !has)
		rc = study_table_has_artifact(&has, table, sha256, NULL);
	if (rc == 0 && !has)
		rc = study_table_has_checkpoint(&has, table, sha256, NULL);
	return has || rc != 0;
}
