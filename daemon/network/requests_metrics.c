/* Figures, for who watches the daemon from afar. */
#include <errno.h>
#include <string.h>

#include "daemon/network/request.h"
#include "daemon/storage/store.h"
#include "daemon/storage/store_files.h"
#include "daemon/studies/table_figures.h"
#include "schema/api/metrics.h"

static int fill_durations(struct durations *out, const struct duration_counts *measured, struct arena *arena)
{
	int64_t *counts = arena_alloc(arena, sizeof measured->counts);
	if (!counts)
		return -ENOMEM;
	memcpy(counts, measured->counts, sizeof measured->counts);
	out->upto_s.count = DURATION_BOUNDS;
	out->upto_s.items = duration_bounds_s;
	out->counts.count = DURATION_BOUNDS + 1;
	out->counts.items = counts;
	out->sum_s = (double)measured->sum_ns / 1e9;
	return 0;
}

static int fill_calls(struct metrics_answer *out, const struct network_figures *figures, struct arena *arena)
{
	struct call_count *calls = arena_alloc(arena, METHOD_COUNT * sizeof *calls);
	if (!calls)
		return -ENOMEM;
	for (int i = 0; i < METHOD_COUNT; i++)
		calls[i] = (struct call_count){method_name((enum method_id)i), figures->calls[i]};
	out->calls.count = METHOD_COUNT;
	out->calls.items = calls;
	return 0;
}

static int fill_network(struct metrics_answer *out, const struct request *request)
{
	const struct surroundings *around = request->around;
	const struct network_figures *figures = around->figures;
	if (!figures)
		return 0;
	out->uptime_s = (double)(around->clock->monotonic(around->clock).ms - figures->since.ms) / 1000;
	out->workers = around->count_workers(around->network);
	int rc = fill_calls(out, figures, request->arena);
	return rc < 0 ? rc : fill_durations(&out->turns, &figures->turns, request->arena);
}

/* A folder that cannot be read is no reason to say nothing of all else. */
static void fill_blobs(struct metrics_answer *out, const struct request *request)
{
	struct blobs *blobs = request->around->blobs;
	if (!blobs)
		return;
	blob_usage_measure(&blobs->usage, &blobs->store, request->around->clock->wall(request->around->clock));
	out->blob_bytes = blobs->usage.bytes;
	out->blobs = blobs->usage.count;
}

int request_daemon_metrics(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	const struct store *store = around->access->store;
	struct metrics_answer *out = answer;
	(void)params;
	if (request->caller->limit)
		return error_set(
		        &request->error, -EPERM, "this token is for the study %s and no other", request->caller->limit);
	*out = (struct metrics_answer){.software = "kre-searchd " KRE_VERSION,
	        .epoch = around->access->epoch,
	        .file_bytes = store_bytes(store)};
	study_table_figures(out, around->table);
	fill_blobs(out, request);
	int rc = fill_network(out, request);
	return rc < 0 ? rc : fill_durations(&out->commits, store_commit_times(store), request->arena);
}
