#include "cli/session/study_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "schema/api/blob.h"
#include "schema/base/base64.h"
#include "schema/base/home.h"
#include "schema/blobs/blob_intake.h"
#include "schema/study/file_folder.h"

#define AT_ONCE_BYTES INT64_MAX

/* ---- on this machine ---- */

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

static int keep_all(struct session *session, const struct study_spec *spec)
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

/* ---- to a daemon elsewhere ---- */

/* A file on its way. */
struct upload {
	struct session *session;
	const struct file_entry *file;
	int fd;
	struct blob_put_answer there;
};

/* Brings one piece, or none, and learns where the next one belongs. */
static int bring_piece(struct upload *upload, size_t length)
{
	struct arena arena = ARENA_NULL;
	unsigned char *bytes = arena_alloc(&arena, length + 1);
	char *data = arena_alloc(&arena, BASE64_LENGTH(length) + 1);
	int64_t got = bytes && data ? blob_read(upload->fd, bytes, length, upload->there.offset) : -ENOMEM;
	int code = EXIT_FAILED;
	if (got == 0 && length > 0 && upload->there.offset < upload->file->size_bytes)
		got = -ESTALE; /* it became shorter */
	if (got < 0) {
		output_failure(&upload->session->output, code, "%s: %s", upload->file->path, strerror((int)-got));
	} else {
		base64_write(data, bytes, (size_t)got);
		const struct blob_put_request request = {
		        upload->file->sha256, upload->file->size_bytes, upload->there.offset, data};
		struct link_question question = {METHOD_BLOB_PUT, &request, &upload->there, &arena, 0};
		code = session_call_into(upload->session, &question);
	}
	arena_finish(&arena);
	return code;
}

static int bring(struct session *session, const struct file_entry *file)
{
	struct upload upload = {session, file, open(file->path, O_RDONLY | O_CLOEXEC), {0}};
	if (upload.fd < 0)
		return output_failure(&session->output, EXIT_FAILED, "file '%s' of the study: %s: %s", file->name,
		        file->path, strerror(errno));
	int code = bring_piece(&upload, 0);
	while (code == EXIT_OK && !upload.there.done)
		code = bring_piece(&upload, (size_t)BLOB_CHUNK_BYTES);
	close(upload.fd);
	return code;
}

int study_files_keep(struct session *session, const struct study_spec *spec)
{
	int code = EXIT_OK;
	if (!session->remote)
		return keep_all(session, spec);
	for (size_t i = 0; code == EXIT_OK && i < spec->file_count; i++)
		if (*spec->files[i].sha256)
			code = bring(session, &spec->files[i]);
	return code;
}

/* ---- paths that nobody else has ---- */

static bool is_ours(const struct study_spec *spec)
{
	const char *program = spec->command_length ? spec->command[0] : spec->program;
	return !*program || strcmp(program, "kre-train") == 0;
}

static bool names_a_file(const char *name)
{
	static const char *const names[] = {"init", "label_names", "lexicon", "vectors"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_folder_of(const struct file_entry *file, const char *path)
{
	const size_t length = file_folder_path_length(file->path, file->name);
	return length > 0 && strlen(path) == length && memcmp(path, file->path, length) == 0;
}

static bool is_listed(const struct study_spec *spec, const char *path)
{
	for (size_t i = 0; i < spec->file_count; i++)
		if (strcmp(spec->files[i].path, path) == 0 || is_folder_of(&spec->files[i], path))
			return true;
	return false;
}

static void append_warning(struct text *out, const struct study_spec *spec, const char *name, const char *path)
{
	if (names_a_file(name) && strchr(path, '/') && !is_listed(spec, path))
		text_printf(out,
		        "%s: %s is no file of the study, and a worker elsewhere has none there: name it in `files` by "
		        "the same path, absolute\n",
		        name, path);
}

void study_files_append_warnings(struct text *out, const struct study_spec *spec)
{
	const struct space *space = spec->space;
	if (!is_ours(spec))
		return;
	for (size_t i = 0; i < space->constant_count; i++)
		append_warning(out, spec, space->constants[i].name, space->constants[i].value.text);
	for (size_t i = 0; i < space->count; i++)
		for (size_t k = 0; k < space->params[i].choice_count; k++)
			append_warning(out, spec, space->params[i].name, space->params[i].choices[k].text);
}
