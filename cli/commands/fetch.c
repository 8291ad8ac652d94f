#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "cli/session/trial_operand.h"
#include "cli/terminal/format.h"
#include "schema/api/artifact.h"
#include "schema/api/blob.h"
#include "schema/base/base64.h"
#include "schema/base/folder.h"
#include "schema/base/sha256.h"

static const struct option options[] = {
        {"to", OPTION_TEXT, 0, NULL, 0, 0, NULL, "DIR", "into this folder; default: STUDY-NUMBER"},
};

/* What came. */
struct fetched_file {
	const char *name, *path;
	int64_t size_bytes;
};
struct fetched {
	LIST_OF(struct fetched_file) files;
};

static const struct field file_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(fetched_file, name)},
        {"path", FIELD_TEXT, FIELD_REQUIRED, MEMBER(fetched_file, path)},
        {"size", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(fetched_file, size_bytes)},
};
static const struct shape file_shape = SHAPE(fetched_file, file_fields);
static const struct field fetched_fields[] = {
        {"files", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(fetched, files), .shape = &file_shape},
};
static const struct shape fetched_shape = SHAPE(fetched, fetched_fields);

/* ---- one file ---- */

/* A file on its way. */
struct download {
	struct session *session;
	const struct kept_artifact *artifact;
	FILE *out;
	struct sha256 digest;
};

static int take_piece(struct download *download)
{
	struct arena arena = ARENA_NULL;
	struct blob_get_answer answer;
	const struct blob_get_request request = {
	        download->artifact->sha256, (int64_t)download->digest.length, BLOB_CHUNK_BYTES};
	struct link_question question = {METHOD_BLOB_GET, &request, &answer, &arena, 0};
	int code = session_call_into(download->session, &question);
	size_t length = code == EXIT_OK ? strlen(answer.data) : 0;
	char *bytes = arena_alloc(&arena, BASE64_BYTES(length) + 1);
	if (code == EXIT_OK && (!bytes || base64_read(bytes, &length, answer.data, length) < 0 || length == 0))
		code = output_failure(&download->session->output, EXIT_FAILED, "the daemon sent no bytes of '%s'",
		        download->artifact->name);
	if (code == EXIT_OK) {
		sha256_add(&download->digest, bytes, length);
		if (fwrite(bytes, 1, length, download->out) != length)
			code = output_failure(&download->session->output, EXIT_FAILED, "'%s' cannot be written: %s",
			        download->artifact->name, strerror(errno));
	}
	arena_finish(&arena);
	return code;
}

static int take_all(struct download *download)
{
	char sha256[SHA256_HEX_BYTES];
	int code = EXIT_OK;
	while (code == EXIT_OK && (int64_t)download->digest.length < download->artifact->size_bytes)
		code = take_piece(download);
	if (code != EXIT_OK)
		return code;
	sha256_read(sha256, &download->digest);
	if (fflush(download->out) != 0)
		return output_failure(&download->session->output, EXIT_FAILED, "'%s' cannot be written: %s",
		        download->artifact->name, strerror(errno));
	if (strcmp(sha256, download->artifact->sha256) != 0)
		return output_failure(&download->session->output, EXIT_FAILED, "'%s' came with another content",
		        download->artifact->name);
	return EXIT_OK;
}

/* A descriptor of the folder that the last part of `name` is in, or a negative errno; no link is
 * followed below `top`. */
static int make_folders(int top, const char *name, const char **last)
{
	int folder = folder_open(top, ".");
	const char *slash;
	while (folder >= 0 && (slash = strchr(name, '/'))) {
		char part[ARTIFACT_NAME_MAX + 1];
		snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
		int inner = folder_make(folder, part);
		close(folder);
		folder = inner;
		name = slash + 1;
	}
	*last = name;
	return folder;
}

/* The file has its name when it is whole. */
static int write_file(struct session *session, const struct kept_artifact *artifact, int folder, const char *name)
{
	static const char part[] = ".fetch.part";
	struct download download = {.session = session, .artifact = artifact};
	sha256_init(&download.digest);
	unlinkat(folder, part, 0);
	int fd = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	download.out = fd < 0 ? NULL : fdopen(fd, "wb");
	if (!download.out)
		return output_failure(
		        &session->output, EXIT_FAILED, "'%s' cannot be written: %s", artifact->name, strerror(errno));
	int code = take_all(&download);
	if (fclose(download.out) != 0 && code == EXIT_OK)
		code = output_failure(
		        &session->output, EXIT_FAILED, "'%s' cannot be written: %s", artifact->name, strerror(errno));
	if (code == EXIT_OK && renameat(folder, part, folder, name) < 0)
		code = output_failure(
		        &session->output, EXIT_FAILED, "'%s' cannot be written: %s", artifact->name, strerror(errno));
	if (code != EXIT_OK)
		unlinkat(folder, part, 0);
	return code;
}

/* ---- all of them ---- */

/* What is to be fetched, and where to. */
struct fetching {
	struct session *session;
	const struct trial_artifacts_answer *list;
	const char *wanted; /* its name; NULL = all */
	const char *to;
	int top;
	struct fetched fetched;
};

static bool is_named(const struct fetching *fetching, const struct kept_artifact *artifact)
{
	return !fetching->wanted || strcmp(fetching->wanted, artifact->name) == 0;
}

static bool is_meant(const struct fetching *fetching, const struct kept_artifact *artifact)
{
	return is_named(fetching, artifact) && artifact->kept && artifact_name_is_good(artifact->name);
}

static bool has_folds(const struct trial_artifacts_answer *list)
{
	return list->artifacts.count && list->artifacts.items[list->artifacts.count - 1].fold > 0;
}

static int fetch_one(struct fetching *fetching, const struct kept_artifact *artifact)
{
	struct arena *arena = &fetching->session->arena;
	const char *place = has_folds(fetching->list)
	                            ? arena_printf(arena, "fold-%lld/%s", (long long)artifact->fold, artifact->name)
	                            : artifact->name;
	const char *path = place ? arena_printf(arena, "%s/%s", fetching->to, place) : NULL, *last;
	struct fetched *fetched = &fetching->fetched;
	struct fetched_file *files = arena_grow(arena, fetched->files.items, fetched->files.count, sizeof *files);
	if (!path || !files)
		return output_no_memory(&fetching->session->output);
	int folder = make_folders(fetching->top, place, &last);
	if (folder < 0)
		return output_failure(&fetching->session->output, EXIT_FAILED, "%s: %s", path, strerror(-folder));
	int code = write_file(fetching->session, artifact, folder, last);
	close(folder);
	files[fetched->files.count] = (struct fetched_file){artifact->name, path, artifact->size_bytes};
	fetched->files.items = files;
	fetched->files.count += code == EXIT_OK;
	return code;
}

static int fetch_all(struct fetching *fetching)
{
	const struct trial_artifacts_answer *list = fetching->list;
	int code = EXIT_OK;
	fetching->top = folder_make(AT_FDCWD, fetching->to);
	if (fetching->top < 0)
		return output_failure(&fetching->session->output, EXIT_FAILED, "cannot make the folder %s: %s",
		        fetching->to, strerror(-fetching->top));
	for (size_t i = 0; code == EXIT_OK && i < list->artifacts.count; i++)
		if (is_meant(fetching, &list->artifacts.items[i]))
			code = fetch_one(fetching, &list->artifacts.items[i]);
	close(fetching->top);
	return code;
}

static int print(const struct session *session, const struct fetched *fetched)
{
	if (session->output.json)
		return session_print(session, &fetched_shape, fetched);
	for (size_t i = 0; i < fetched->files.count; i++) {
		struct text line = TEXT_NULL;
		format_clip(fetched->files.items[i].path, SIZE_MAX, &line);
		output_line(&session->output, "%s", text_string(&line));
		text_finish(&line);
	}
	return EXIT_OK;
}

/* A script that goes on with a part of them would take it for all. */
static int check_whole(const struct fetching *fetching)
{
	const struct trial_artifacts_answer *list = fetching->list;
	size_t awaited = 0;
	for (size_t i = 0; i < list->artifacts.count; i++)
		awaited += is_named(fetching, &list->artifacts.items[i]) && list->artifacts.items[i].awaited;
	if (awaited == 0)
		return EXIT_OK;
	return output_failure(&fetching->session->output, EXIT_FAILED,
	        "%zu file%s still on the way from the worker, or lost with it", awaited,
	        awaited == 1 ? " is" : "s are");
}

static int say_none(const struct fetching *fetching, const struct trial_artifacts_request *which)
{
	return output_failure(&fetching->session->output, EXIT_FAILED,
	        fetching->wanted
	                ? "the daemon keeps no such file of trial %lld of %s; 'kre-search show' lists what it has"
	                : "the daemon keeps no file of trial %lld of %s; what its own machine's workers leave "
	                  "is in the folder that 'kre-search show' names",
	        (long long)which->number, which->study);
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct trial_request trial;
	struct trial_artifacts_answer list;
	struct arguments two = *arguments;
	two.operand_count = 2;
	int code = trial_operand_read(&trial, session, &two);
	const struct trial_artifacts_request which = {trial.study, trial.number};
	if (code == EXIT_OK)
		code = session_call(session, METHOD_TRIAL_ARTIFACTS, &which, &list);
	if (code != EXIT_OK)
		return code;
	struct fetching fetching = {.session = session, .list = &list, .to = arguments_text(arguments, "to")};
	fetching.wanted = arguments->operand_count > 2 ? arguments->operands[2] : NULL;
	bool any = false;
	for (size_t i = 0; i < list.artifacts.count; i++)
		any |= is_meant(&fetching, &list.artifacts.items[i]);
	if (!any) {
		code = check_whole(&fetching);
		return code == EXIT_OK ? say_none(&fetching, &which) : code;
	}
	if (!fetching.to)
		fetching.to = arena_printf(&session->arena, "%s-%lld", which.study, (long long)which.number);
	if (!fetching.to)
		return output_no_memory(&session->output);
	code = fetch_all(&fetching);
	if (code == EXIT_OK)
		code = print(session, &fetching.fetched);
	return code == EXIT_OK ? check_whole(&fetching) : code;
}

const struct verb verb_fetch = {
        .name = "fetch",
        .group = "Results",
        .operands = "STUDY NUMBER [NAME]",
        .operand_min = 2,
        .operand_max = 3,
        .daemon = DAEMON_BORROW,
        .summary = "get what the runs of a trial left: model, predictions, logs",
        .details = "\nWhat workers elsewhere bring to the daemon is said by `keep` in the study file. With folds each "
                   "has a "
                   "folder of its own.\nA file that exists is replaced. Where a part is still on its way, the rest "
                   "comes, and the exit code is 1.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
