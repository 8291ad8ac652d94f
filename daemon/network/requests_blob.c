/* Files by their content: pieces of those that studies have go out, and pieces come in. */
#include <errno.h>
#include <string.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_checkpoints.h"
#include "daemon/studies/table_files.h"
#include "schema/api/blob.h"
#include "schema/base/base64.h"
#include "schema/blobs/blob_name.h"

/* ---- get ---- */

/* What no study has that the caller may work for is as good as not here. */
static int say_none(struct request *request)
{
	return error_set(&request->error, STUDIES_NOT_FOUND, "the daemon has no such file for you");
}

static int check_piece(struct request *request, const struct blob_get_request *wanted)
{
	if (!blob_is_name(wanted->sha256))
		return request_wrong(request, "sha256", "64 small hexadecimal digits");
	if (wanted->length > BLOB_CHUNK_BYTES)
		return request_wrong(request, "length", "at most 262144");
	return 0;
}

/* The bytes and their text lie in the request's arena. */
static int read_piece(struct blob_get_answer *answer, struct request *request, const struct blob_get_request *wanted)
{
	struct blob_piece piece = {.offset = wanted->offset, .length = (size_t)wanted->length};
	piece.bytes = arena_alloc(request->arena, piece.length + 1);
	char *text = arena_alloc(request->arena, BASE64_LENGTH(piece.length) + 1);
	if (!piece.bytes || !text)
		return -ENOMEM;
	int rc = blobs_read(&piece, &answer->size_bytes, request->around->blobs, wanted->sha256);
	if (rc == -ENOENT)
		return say_none(request);
	if (rc < 0)
		return error_set(&request->error, rc == -EINVAL ? -EIO : rc, "%s: %s", wanted->sha256, strerror(-rc));
	base64_write(text, piece.bytes, piece.length);
	answer->data = text;
	return 0;
}

/* Workers get files to work with; what was made of them is for those who look at results. */
static int may_get(bool *may, const struct request *request, const char *sha256)
{
	const struct study_table *table = request->around->table;
	const char *limit = request->caller->limit;
	int rc = study_table_has_file(may, table, sha256, limit);
	if (rc == 0 && !*may)
		rc = study_table_has_checkpoint(may, table, sha256, limit);
	if (rc == 0 && !*may && request->caller->role != ROLE_WORKER)
		rc = study_table_has_artifact(may, table, sha256, limit);
	return rc;
}

int request_blob_get(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	const struct blob_get_request *wanted = params;
	bool may = false;
	int rc = check_piece(request, wanted);
	if (rc == 0)
		rc = may_get(&may, request, wanted->sha256);
	if (rc != 0)
		return rc;
	return around->blobs && may ? read_piece(answer, request, wanted) : say_none(request);
}

/* ---- put ---- */

static int read_data(struct blob_piece *piece, struct request *request, const struct blob_put_request *wanted)
{
	const size_t length = strlen(wanted->data);
	piece->offset = wanted->offset;
	piece->bytes = arena_alloc(request->arena, BASE64_BYTES(length) + 1);
	if (!piece->bytes)
		return -ENOMEM;
	if (base64_read(piece->bytes, &piece->length, wanted->data, length) < 0 ||
	        (int64_t)piece->length > BLOB_CHUNK_BYTES)
		return request_wrong(request, "data", "base64 of at most 262144 bytes");
	return 0;
}

static int check_claim(struct request *request, const struct blob_put_request *wanted)
{
	const struct artifact_claim claim = {wanted->sha256, wanted->run_id, wanted->lease};
	const struct study_table *table = request->around->table;
	bool may = request->caller->role != ROLE_WORKER;
	int rc = may ? 0 : study_table_awaits_artifact(&may, table, &claim);
	if (rc == 0 && !may)
		rc = study_table_awaits_checkpoint(&may, table, &claim);
	if (rc != 0 || may)
		return rc;
	return error_set(
	        &request->error, -EPERM, "a worker brings what was wanted of a run (artifact.offer, checkpoint.offer)");
}

int request_blob_put(struct request *request, const void *params, void *answer)
{
	const struct blob_put_request *wanted = params;
	struct blobs *blobs = request->around->blobs;
	struct blob_put_answer *put = answer;
	struct blob_piece piece;
	struct blob_progress progress;
	if (!blobs)
		return error_set(&request->error, -ENOSYS, "this daemon keeps no files");
	if (!blob_is_name(wanted->sha256))
		return request_wrong(request, "sha256", "64 small hexadecimal digits");
	int rc = check_claim(request, wanted);
	if (rc == 0)
		rc = read_data(&piece, request, wanted);
	if (rc == 0)
		rc = blobs_add(
		        &progress, blobs, &(struct blob){wanted->sha256, wanted->size_bytes}, &piece, &request->error);
	if (rc == 0)
		*put = (struct blob_put_answer){progress.offset, progress.done};
	return rc;
}
