#include "cli/session/study_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/home.h"
#include "schema/blobs/blob_intake.h"

#define AT_ONCE_BYTES INT64_MAX

static int fill(struct blob_intake *intake, const char *path, struct error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	int rc = blob_intake_copy(intake, file, error);
	close(file);
	int64_t left = rc == 0 ? blob_intake_catch_up(intake, AT_ONCE_BYTES) : 0;
	return left < 0 ? error_set(error, (int)left, "%s", strerror((int)-left)) : rc;
}

/* 0, or why not, with a sentence; somebody else may be copying it just now. */
static int keep(const struct blob_store *store, const struct file_entry *file, struct error *error)
{
	struct blob_intake intake;
	int rc = blob_intake_begin(&intake, store, &(struct blob){file->sha256, file->size_bytes}, error);
	if (rc == BLOB_IS_THERE || rc == -EWOULDBLOCK)
		return 0;
	if (rc != 0)
		return rc;
	rc = fill(&intake, file->path, error);
	if (rc == 0)
		return blob_intake_end(&intake, error);
	blob_intake_leave(&intake);
	return rc;
}

int study_files_keep(struct session *session, const struct study_spec *spec)
{
	struct blob_store store = BLOB_STORE_NULL;
	struct error error = {""};
	const char *folder = arena_printf(&session->arena, "%s/" HOME_BLOBS, session->home);
	if (!folder)
		return output_no_memory(&session->output);
	int opened = blob_store_open(&store, folder, &error);
	for (size_t i = 0; i < spec->file_count; i++) {
		const struct file_entry *file = &spec->files[i];
		if (!*file->sha256 || (opened == 0 && keep(&store, file, &error) == 0))
			continue;
		output_remark(&session->output,
		        "warning: the daemon keeps no copy of '%s', so workers of other machines need the file at %s: "
		        "%s",
		        file->name, file->path, error.text);
	}
	blob_store_close(&store);
	return EXIT_OK;
}
