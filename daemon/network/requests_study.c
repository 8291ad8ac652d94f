/* Studies: create, look at, move from state to state, delete. */
#include <errno.h>
#include <string.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/table_view.h"
#include "schema/base/utf8.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/space/param_value.h"
#include "schema/space/point.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"

#define TEXT_MAX_BYTES 500 /* of a value that is quoted: an answer has room for all of them */
#define KEYS_MAX_COUNT 500

/* ---- create ---- */

/* A copy in the arena, cut; NULL when out of memory. */
static const char *quote(const char *text, struct arena *arena)
{
	size_t length = utf8_cut(text, TEXT_MAX_BYTES);
	return text[length] ? arena_printf(arena, "%.*s…", (int)length, text) : arena_strdup(arena, text);
}

/* What was complained of at that level, in the arena; NULL when out of memory. */
static struct refused_key *copy_complaints(
        const struct complaints *complaints, enum complaint_kind kind, struct arena *arena, size_t *count)
{
	struct refused_key *keys = arena_alloc(arena, complaints->count * sizeof *keys);
	*count = 0;
	for (size_t i = 0; keys && i < complaints->count; i++) {
		const struct complaint *complaint = &complaints->items[i];
		if (complaint->kind != kind || *count == KEYS_MAX_COUNT)
			continue;
		struct refused_key *key = &keys[(*count)++];
		key->path = quote(complaint->path, arena);
		key->text = quote(complaint->text, arena);
		if (!key->path || !key->text)
			return NULL;
	}
	return keys;
}

/* A wrong spec is answered with every complaint, so that one round trip is enough to mend the
 * file. */
static int refuse_spec(struct request *request, const struct complaints *complaints)
{
	struct refusal *refusal = &request->refusal;
	size_t count;
	const struct refused_key *keys = copy_complaints(complaints, COMPLAINT_ERROR, request->arena, &count);
	if (!keys)
		return -ENOMEM;
	refusal->complaints.items = keys;
	refusal->complaints.count = count;
	if (count && *keys[0].path)
		refusal->path = keys[0].path;
	return error_set(&request->error, STUDIES_SPEC_WRONG, "%s", count ? keys[0].text : "the spec is wrong");
}

static int read_spec(struct request *request, const char *json, struct study_spec **out, struct complaints *complaints)
{
	struct study_source source = {json, strlen(json), "", NULL, NULL};
	int rc = study_file_parse(out, &source, complaints, &request->error);
	return rc == STUDY_FILE_WRONG ? refuse_spec(request, complaints) : rc;
}

/* Warnings are for people: one line each. The line may be NULL, for want of memory. */
static int add_warning(struct study_create_answer *answer, const char *line, struct arena *arena)
{
	const char **lines = arena_grow(arena, answer->warnings.items, answer->warnings.count, sizeof *lines);
	if (!line || !lines)
		return -ENOMEM;
	lines[answer->warnings.count++] = line;
	answer->warnings.items = lines;
	return 0;
}

static int answer_warnings(struct study_create_answer *answer, const struct complaints *complaints, struct arena *arena)
{
	size_t count;
	const struct refused_key *keys = copy_complaints(complaints, COMPLAINT_WARNING, arena, &count);
	int rc = keys ? 0 : -ENOMEM;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = add_warning(answer, arena_printf(arena, "%s: %s", keys[i].path, keys[i].text), arena);
	return rc;
}

struct warned_request {
	struct study_create_answer *answer;
	struct arena *arena;
};

static int warn_of_misfits(void *context, const char *sentence)
{
	struct warned_request *warned = context;
	return add_warning(warned->answer, arena_printf(warned->arena, "parameters: %s", sentence), warned->arena);
}

/* What differs, copied for the answer, be it good or bad. */
static struct changed_key *copy_changes(const struct spec_changes *changes, struct arena *arena)
{
	struct changed_key *keys = arena_alloc(arena, changes->count * sizeof *keys);
	for (size_t i = 0; keys && i < changes->count; i++) {
		const struct spec_change *change = &changes->items[i];
		keys[i] = (struct changed_key){
		        quote(change->path, arena), quote(change->from, arena), quote(change->to, arena)};
		if (!keys[i].path || !keys[i].from || !keys[i].to)
			return NULL;
	}
	return keys;
}

/* Another spec is refused with every key that makes it another study. */
static int refuse_changes(struct request *request, const struct spec_changes *changes)
{
	struct refusal *refusal = &request->refusal;
	struct refused_key *keys = arena_alloc(request->arena, changes->count * sizeof *keys);
	size_t count = 0;
	for (size_t i = 0; keys && i < changes->count; i++) {
		const struct spec_change *change = &changes->items[i];
		if (!change->refused)
			continue;
		struct refused_key *key = &keys[count++];
		const char *from = quote(change->from, request->arena), *to = quote(change->to, request->arena);
		key->path = quote(change->path, request->arena);
		key->text = from && to ? arena_printf(request->arena, "%s → %s", from, to) : NULL;
		if (!key->path || !key->text)
			return -ENOMEM;
	}
	refusal->complaints.items = keys;
	refusal->complaints.count = count;
	if (count)
		refusal->path = keys[0].path;
	return keys ? STUDIES_EXISTS : -ENOMEM;
}

static int answer_arrival(struct study_create_answer *answer, const struct study_arrival *arrival, struct arena *arena)
{
	answer->created = arrival->created;
	answer->state = arrival->state;
	answer->reason = words_name(&study_reason_words, (int)arrival->reason);
	answer->inherited_count = arrival->inheritance.count;
	answer->offered_count = arrival->inheritance.offered;
	answer->changes.items = copy_changes(&arrival->changes, arena);
	answer->changes.count = arrival->changes.count;
	if (!answer->changes.items)
		return -ENOMEM;
	struct warned_request warned = {answer, arena};
	return misfits_say(&arrival->misfits, &(struct misfits){0}, warn_of_misfits, &warned);
}

/* The spec is the study's, or gone. */
static int add_study(struct request *request, const struct study_offer *offer, struct study_create_answer *answer)
{
	struct study_arrival arrival = {.created = false};
	answer->study = arena_strdup(request->arena, offer->spec->name);
	if (!answer->study) {
		study_spec_destroy(offer->spec);
		return -ENOMEM;
	}
	int rc = study_table_add(&arrival, request->around->table, offer, &request->error);
	if (rc == 0)
		rc = answer_arrival(answer, &arrival, request->arena);
	else if (rc == STUDIES_EXISTS)
		rc = refuse_changes(request, &arrival.changes);
	spec_changes_finish(&arrival.changes);
	return rc;
}

/* A path of somebody elsewhere would name this machine's disk, and that of every worker: their
 * files have to be brought before. */
static int check_files(struct request *request, const struct study_spec *spec)
{
	const struct blobs *blobs = request->around->blobs;
	for (size_t i = 0; i < spec->file_count && !request->caller->local; i++) {
		const struct file_entry *file = &spec->files[i];
		if (blobs && blobs_have(blobs, &(struct blob){file->sha256, file->size_bytes}))
			continue;
		request->refusal.path = "files";
		return error_set(&request->error, STUDIES_SPEC_WRONG,
		        "files: '%s' is a path, which only the daemon's own machine may name, over its socket, unless "
		        "the file was brought before (blob.put)",
		        file->name);
	}
	return 0;
}

/* Of what the program does by itself, what the study can do counts. */
static int read_defaults(struct study_offer *offer, struct request *request, const struct study_create_request *wanted)
{
	const struct space *space = offer->spec->space;
	if (!wanted->defaults)
		return 0;
	double *point = arena_alloc(request->arena, (space->count + 1) * sizeof *point);
	cJSON *json = json_parse(wanted->defaults, strlen(wanted->defaults), &request->error);
	int rc = point && json ? point_from_json(point, space, json, &request->error) : -ENOMEM;
	cJSON_Delete(json);
	if (rc == -EINVAL || rc == PARAM_OUT_OF_BOUNDS) {
		request->refusal.path = "defaults";
		return rc == -EINVAL ? STUDIES_BAD_REQUEST
		                     : error_set(&request->error, STUDIES_BAD_REQUEST,
		                               "The defaults have a value that the study does not have");
	}
	offer->defaults = point;
	offer->defaults_of = wanted->defaults_of;
	return rc;
}

int request_study_create(struct request *request, const void *params, void *answer)
{
	const struct study_create_request *wanted = params;
	struct complaints complaints = {0};
	struct study_spec *spec = NULL;
	int rc = read_spec(request, wanted->spec, &spec, &complaints);
	struct study_offer offer = {spec, wanted->if_exists == IF_EXISTS_RESUME, wanted->from, wanted->adopt};
	if (rc == 0 && ((rc = check_files(request, spec)) != 0 || (rc = read_defaults(&offer, request, wanted)) != 0))
		study_spec_destroy(spec);
	if (rc == 0)
		rc = add_study(request, &offer, answer);
	if (rc == 0)
		rc = answer_warnings(answer, &complaints, request->arena);
	complaints_finish(&complaints);
	return rc;
}

/* ---- look ---- */

int request_study_list(struct request *request, const void *params, void *answer)
{
	const char *limit = request->caller->limit; /* a token for one study sees that one */
	struct study_table *table = request->around->table;
	return limit ? study_table_list_one(answer, table, limit, request->arena, &request->error)
	             : study_table_list(answer, table, params, request->arena, &request->error);
}

int request_study_get(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	struct study_summary *study = answer;
	int rc = study_table_get(study, around->table, params, request->arena, &request->error);
	if (rc == 0 && around->count_workers)
		study->connected_workers = around->count_workers(around->network);
	return rc;
}

/* ---- move ---- */

static int move(struct request *request, const struct study_request *which, enum study_state to,
        struct study_state_answer *answer)
{
	return study_table_set_state(&answer->state, request->around->table, which->study, to, &request->error);
}

int request_study_pause(struct request *request, const void *params, void *answer)
{
	return move(request, params, STUDY_PAUSED, answer);
}

int request_study_resume(struct request *request, const void *params, void *answer)
{
	return move(request, params, STUDY_RUNNING, answer);
}

int request_study_stop(struct request *request, const void *params, void *answer)
{
	return move(request, params, STUDY_STOPPED, answer);
}

int request_study_delete(struct request *request, const void *params, void *answer)
{
	const struct study_request *which = params;
	((struct study_delete_answer *)answer)->state = words_name(&event_kind_words, EVENT_DELETED);
	return study_table_delete(request->around->table, which->study, &request->error);
}
