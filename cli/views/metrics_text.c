#include "cli/views/metrics_text.h"

#include "schema/base/number.h"

/* What is told of a family before its samples. A type `info` would be the word for the build, but
 * the older format does not have it. */
struct metric_family {
	const char *name;
	const char *type; /* "gauge", "counter" or "histogram" */
	const char *unit; /* the name ends in it; "" = none */
	const char *help;
};

static void begin(struct text *out, const struct metric_family *family)
{
	text_printf(out, "# TYPE %s %s\n", family->name, family->type);
	if (*family->unit)
		text_printf(out, "# UNIT %s %s\n", family->name, family->unit);
	text_printf(out, "# HELP %s %s\n", family->name, family->help);
}

static void append_label(struct text *out, const char *name, const char *value)
{
	text_printf(out, "{%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			text_append(out, "\\");
		text_append_bytes(out, *value == '\n' ? "\\n" : value, *value == '\n' ? 2 : 1);
	}
	text_append(out, "\"}");
}

static void append_number(struct text *out, double value)
{
	char number[NUMBER_TEXT_BYTES];
	number_json(value, number);
	text_printf(out, " %s\n", number);
}

/* ---- one value ---- */

static void append_integer(struct text *out, const struct metric_family *family, int64_t value)
{
	const char *suffix = *family->type == 'c' ? "_total" : "";
	begin(out, family);
	text_printf(out, "%s%s %lld\n", family->name, suffix, (long long)value);
}

static void append_build(struct text *out, const char *software)
{
	const struct metric_family family = {"kre_build_info", "gauge", "", "Which daemon it is; always 1."};
	begin(out, &family);
	text_append(out, family.name);
	append_label(out, "software", software ? software : "");
	text_append(out, " 1\n");
}

static void append_uptime(struct text *out, double uptime_s)
{
	const struct metric_family family = {
	        "kre_uptime_seconds", "gauge", "seconds", "How long the daemon has been running."};
	begin(out, &family);
	text_append(out, family.name);
	append_number(out, uptime_s);
}

/* ---- one value per state ---- */

/* States from `first` on. */
struct by_state {
	const struct words *words;
	const int64_t *counts;
	int first;
};

static void append_states(struct text *out, const struct metric_family *family, const struct by_state *by)
{
	const char *suffix = *family->type == 'c' ? "_total" : "";
	begin(out, family);
	for (int i = by->first; i < by->words->count; i++) {
		text_printf(out, "%s%s", family->name, suffix);
		append_label(out, "state", words_name(by->words, i));
		text_printf(out, " %lld\n", (long long)by->counts[i]);
	}
}

static void append_calls(struct text *out, const struct metrics_answer *metrics)
{
	const struct metric_family family = {"kre_calls", "counter", "", "Requests that were answered, by method."};
	begin(out, &family);
	for (size_t i = 0; i < metrics->calls.count; i++) {
		text_append(out, "kre_calls_total");
		append_label(out, "method", metrics->calls.items[i].method);
		text_printf(out, " %lld\n", (long long)metrics->calls.items[i].count);
	}
}

/* ---- how long something takes ---- */

/* A bound is written as a float: "1.0". */
static void append_bucket(struct text *out, const char *name, const double *upto_s, int64_t count)
{
	char bound[NUMBER_TEXT_BYTES] = "+Inf";
	if (upto_s)
		number_repr(*upto_s, bound);
	text_printf(out, "%s_bucket", name);
	append_label(out, "le", bound);
	text_printf(out, " %lld\n", (long long)count);
}

/* Buckets count all that took no longer. */
static void append_durations(struct text *out, const struct metric_family *family, const struct durations *durations)
{
	int64_t count = 0;
	if (durations->counts.count != durations->upto_s.count + 1)
		return;
	begin(out, family);
	for (size_t i = 0; i < durations->counts.count; i++) {
		count += durations->counts.items[i];
		append_bucket(
		        out, family->name, i < durations->upto_s.count ? &durations->upto_s.items[i] : NULL, count);
	}
	text_printf(out, "%s_count %lld\n%s_sum", family->name, (long long)count, family->name);
	append_number(out, durations->sum_s);
}

/* ---- all ---- */

static void append_amounts(struct text *out, const struct metrics_answer *metrics)
{
	const struct by_state studies = {&study_state_words, metrics->studies, 0};
	const struct by_state trials = {&trial_state_words, metrics->trials, 0};
	const int64_t under_way[RUN_STATE_COUNT] = {
	        [RUN_WAITING] = metrics->runs_waiting, [RUN_LEASED] = metrics->leases};
	const struct words runs_words = {run_state_words.names, RUN_LEASED + 1};
	const struct by_state runs = {&runs_words, under_way, 0};
	append_states(out, &(struct metric_family){"kre_studies", "gauge", "", "Studies, by state."}, &studies);
	append_states(
	        out, &(struct metric_family){"kre_trials", "gauge", "", "Trials of all studies, by state."}, &trials);
	append_states(
	        out, &(struct metric_family){"kre_runs", "gauge", "", "Runs that have not ended, by state."}, &runs);
	append_integer(
	        out, &(struct metric_family){"kre_leases", "gauge", "", "Leases that are out."}, metrics->leases);
	append_integer(out, &(struct metric_family){"kre_workers", "gauge", "", "Workers that are connected."},
	        metrics->workers);
	append_integer(out, &(struct metric_family){"kre_file_bytes", "gauge", "bytes", "The trial file and its log."},
	        metrics->file_bytes);
	append_integer(out,
	        &(struct metric_family){"kre_blobs", "gauge", "", "Files by their content that the daemon keeps."},
	        metrics->blobs);
	append_integer(
	        out, &(struct metric_family){"kre_blob_bytes", "gauge", "bytes", "Their bytes."}, metrics->blob_bytes);
}

static void append_events(struct text *out, const struct metrics_answer *metrics)
{
	const struct by_state ended = {&run_state_words, metrics->runs_ended, RUN_COMPLETE};
	append_integer(out,
	        &(struct metric_family){"kre_runs_handed_out", "counter", "", "Runs that workers were given."},
	        metrics->runs_handed_out);
	append_states(out, &(struct metric_family){"kre_runs_ended", "counter", "", "Runs that have ended, by state."},
	        &ended);
	append_integer(out, &(struct metric_family){"kre_reports", "counter", "", "Steps of runs that were heard."},
	        metrics->reports);
	append_calls(out, metrics);
}

void metrics_text_append(struct text *out, const struct metrics_answer *metrics)
{
	append_build(out, metrics->software);
	append_uptime(out, metrics->uptime_s);
	append_integer(out,
	        &(struct metric_family){"kre_epoch", "gauge", "", "How often the trial file was restored, plus 1."},
	        metrics->epoch);
	append_amounts(out, metrics);
	append_events(out, metrics);
	append_durations(out,
	        &(struct metric_family){"kre_turn_duration_seconds", "histogram", "seconds",
	                "Turns of the loop: from the first request to the last answer."},
	        &metrics->turns);
	append_durations(out,
	        &(struct metric_family){"kre_commit_duration_seconds", "histogram", "seconds",
	                "Transactions until they are on the disk."},
	        &metrics->commits);
	text_append(out, "# EOF\n");
}
