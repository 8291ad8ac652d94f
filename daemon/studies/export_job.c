#include "daemon/studies/export_job.h"

#include <errno.h>

#include "daemon/storage/store.h"
#include "daemon/storage/store_export.h"
#include "daemon/studies/job.h"
#include "daemon/studies/table.h"
#include "schema/base/memory.h"

struct export_job {
	struct study_job job;
	char *database, *path;    /* owned */
	bool under_way, unwanted; /* unwanted: its owner is gone */
	int outcome;
	struct error error;
};

static void destroy(struct export_job *export)
{
	memory_free(export->database);
	memory_free(export->path);
	memory_free(export);
}

void study_export_job_destroy(struct export_job *export)
{
	if (export && export->under_way)
		export->unwanted = true;
	else if (export)
		destroy(export);
}

static void run(struct study_job *job)
{
	struct export_job *export = (struct export_job *)(void *)job;
	export->outcome = store_export_from(export->database, export->path, &export->error);
}

static int settle(struct study_job *job)
{
	struct export_job *export = (struct export_job *)(void *)job;
	export->under_way = false;
	if (export->unwanted)
		destroy(export);
	return 0;
}

/* One that never ran says so. */
static struct export_job *create(const struct study_table *table, const char *path)
{
	struct export_job *export = memory_alloc(1, sizeof *export);
	if (!export)
		return NULL;
	export->job = (struct study_job){.is_long = true, .run = run, .settle = settle};
	export->database = memory_strdup(store_path(table->store));
	export->path = memory_strdup(path);
	export->outcome = error_set(&export->error, -ECANCELED, "the daemon stops");
	if (export->database && export->path)
		return export;
	destroy(export);
	return NULL;
}

static void begin(struct export_job *export, const struct study_table *table)
{
	const struct study_table_options *options = &table->options;
	int rc = options->work ? options->work(options->context, &export->job) : -EAGAIN;
	export->under_way = rc == 0;
	if (rc < 0)
		run(&export->job); /* nobody takes it */
}

int study_table_export(struct export_job **held, const struct study_table *table, const char *path, struct error *error)
{
	if (!*held) {
		*held = create(table, path);
		if (!*held)
			return error_no_memory(error);
		begin(*held, table);
	}
	const struct export_job *export = *held;
	if (export->under_way)
		return STUDIES_LATER;
	return export->outcome == 0 ? 0 : error_fold(error, export->outcome, &export->error, "%s", export->error.text);
}
