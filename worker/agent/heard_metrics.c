#include "worker/agent/heard_metrics.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define NAME_MAX_BYTES 200

void heard_metrics_finish(struct heard_metrics *heard)
{
	arena_finish(&heard->arena);
	*heard = (struct heard_metrics){0};
}

static struct heard_metric *find(struct heard_metrics *heard, const char *name)
{
	for (size_t i = 0; i < heard->count; i++) {
		size_t at = (heard->turn + i) % heard->count;
		if (strcmp(heard->items[at].range.name, name) == 0) {
			heard->turn = at + 1;
			return &heard->items[at];
		}
	}
	return NULL;
}

static int add(struct heard_metric **out, struct heard_metrics *heard, const char *name)
{
	struct heard_metric *items = arena_grow(&heard->arena, heard->items, heard->count, sizeof *items);
	const char *copy = arena_strdup(&heard->arena, name);
	if (!items || !copy)
		return -ENOMEM;
	heard->items = items;
	*out = &items[heard->count++];
	**out = (struct heard_metric){{copy, (double)NAN, (double)NAN, (double)NAN}, -1};
	return 0;
}

static void note(struct heard_metric *metric, int64_t step, double value)
{
	metric->range.least = fmin(metric->range.least, value);
	metric->range.greatest = fmax(metric->range.greatest, value);
	if (step < metric->last_step)
		return;
	metric->last_step = step;
	metric->range.last = value;
}

int heard_metrics_note(struct heard_metrics *heard, int64_t step, const struct run_metrics *metrics)
{
	for (size_t i = 0; i < metrics->count; i++) {
		const struct metric_value *said = &metrics->items[i];
		struct heard_metric *metric = find(heard, said->name);
		if (!metric && (heard->count == HEARD_METRICS_MAX || strlen(said->name) > NAME_MAX_BYTES))
			continue;
		int rc = metric ? 0 : add(&metric, heard, said->name);
		if (rc < 0)
			return rc;
		note(metric, step, said->value);
	}
	return 0;
}

int heard_metrics_tell(struct tell_request *out, const struct heard_metrics *heard, struct arena *arena)
{
	struct metric_range *ranges = arena_alloc(arena, heard->count * sizeof *ranges);
	if (!ranges)
		return -ENOMEM;
	for (size_t i = 0; i < heard->count; i++) {
		ranges[i] = heard->items[i].range;
		ranges[i].name = arena_strdup(arena, ranges[i].name);
		if (!ranges[i].name)
			return -ENOMEM;
	}
	out->heard.count = heard->count;
	out->heard.items = ranges;
	return 0;
}
