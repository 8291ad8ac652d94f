#include "daemon/studies/view_bounds.h"

#include <string.h>

#define FIELD_BYTES ((size_t)28) /* a name, a number and what stands between them */
#define RUN_BYTES 400
#define TRIAL_BYTES 600
#define HEADLINE_BYTES 500

/* Control characters take six bytes; other letters than ASCII may be written as escapes. */
size_t bytes_of_text(const char *text)
{
	size_t bytes = 0;
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		bytes += *at < 0x20 ? 6 : *at >= 0x80 ? 3 : *at == '"' || *at == '\\' ? 2 : 1;
	return bytes;
}

size_t bytes_of_metrics(const struct run_metrics *metrics)
{
	size_t bytes = 0;
	for (size_t i = 0; i < metrics->count; i++)
		bytes += FIELD_BYTES + bytes_of_text(metrics->items[i].name);
	return bytes;
}

size_t bytes_of_trial(const struct trial_summary *trial)
{
	return TRIAL_BYTES + strlen(trial->params) + bytes_of_text(trial->reason) + bytes_of_text(trial->worker) +
	       bytes_of_text(trial->defaults) + trial->values.count * FIELD_BYTES;
}

static size_t bytes_of_best(const struct best_trial *best)
{
	return best ? 4 * FIELD_BYTES + strlen(best->params) : 0;
}

size_t bytes_of_headline(const struct study_headline *headline)
{
	size_t bytes = HEADLINE_BYTES + bytes_of_text(headline->name) + bytes_of_text(headline->reason);
	for (size_t i = 0; i < headline->metrics.count; i++)
		bytes += FIELD_BYTES + bytes_of_text(headline->metrics.items[i]);
	bytes += headline->budget.count * 4 * FIELD_BYTES;
	return bytes + bytes_of_best(headline->best) + bytes_of_best(headline->nearest);
}

size_t bytes_of_foreign(const struct foreign_study *study)
{
	return 2 * FIELD_BYTES + bytes_of_text(study->name);
}

static size_t bytes_of_tables(const struct run_tables *tables)
{
	size_t bytes = 0;
	for (size_t i = 0; i < tables->class_count; i++)
		bytes += 6 * FIELD_BYTES + bytes_of_text(tables->classes[i].label);
	for (size_t i = 0; i < tables->cell_count; i++)
		bytes += 2 * FIELD_BYTES + bytes_of_text(tables->cells[i].truth) +
		         bytes_of_text(tables->cells[i].predicted);
	return bytes;
}

static bool add(size_t *used, size_t bytes, size_t most)
{
	bool fits = *used + bytes <= most;
	if (fits)
		*used += bytes;
	return fits;
}

void bound_run(struct run_summary *run, size_t *used, size_t most)
{
	*used += RUN_BYTES + bytes_of_text(run->worker);
	if (!add(used, bytes_of_text(run->reason), most))
		run->reason = "";
	if (!add(used, bytes_of_metrics(&run->metrics), most))
		run->metrics.count = 0;
	if (!add(used, bytes_of_tables(&run->tables), most))
		run->tables = (struct run_tables){0};
}
