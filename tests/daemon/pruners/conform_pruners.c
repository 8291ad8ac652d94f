#include "tests/daemon/pruners/conform_pruners.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/pruners/pruning.h"
#include "schema/space/json.h"

#define SETTINGS_AT_MOST 16

/* A golden case's name starts with the pruner's. */
static const char *const prefixes[][2] = {
        {"median", "median"},
        {"percentile", "percentile"},
        {"asha", "successive_halving"},
        {"successive_halving", "successive_halving"},
        {"hyperband", "hyperband"},
        {"threshold", "threshold"},
        {"wilcoxon", "wilcoxon"},
        {"patient", "patient"},
};

static const struct method_info *find_info(const char *name)
{
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strncmp(name, prefixes[i][0], strlen(prefixes[i][0])) == 0)
			return method_info_find(pruner_infos, prefixes[i][1]);
	return NULL;
}

static size_t read_settings(struct setting *settings, const cJSON *object)
{
	size_t count = 0;
	const cJSON *item;
	cJSON_ArrayForEach (item, object) {
		double number;
		if (json_get_number(&number, item) && count < SETTINGS_AT_MOST)
			settings[count++] = (struct setting){.name = item->string, .number = number};
	}
	return count;
}

/* "median(n_startup_trials=2)": the name and its settings; `text` is cut up. */
static struct method read_call(char *text, struct setting *settings)
{
	size_t count = 0;
	char *rest = strchr(text, '(');
	if (rest)
		*rest++ = '\0';
	while (rest && count < SETTINGS_AT_MOST) {
		char *equals = strchr(rest, '=');
		if (!equals)
			break;
		*equals = '\0';
		rest += strspn(rest, ", ");
		settings[count] = (struct setting){.name = rest};
		settings[count++].number = strtod(equals + 1, &rest);
	}
	return (struct method){.info = find_info(text), .setting_count = count, .settings = settings};
}

static void play_report(struct tally *tally, struct pruning *pruning, const cJSON *event, const char *name)
{
	struct verdict verdict;
	char what[256];
	int64_t trial = (int64_t)golden_number(cJSON_GetObjectItem(event, "trial"));
	int64_t step = (int64_t)golden_number(cJSON_GetObjectItem(event, "step"));
	bool expected = json_bool(event, "prune", false);
	int failed = pruning_report(&verdict, pruning, trial, step, golden_number(cJSON_GetObjectItem(event, "value")));
	snprintf(what, sizeof what, "%s: trial %lld at step %lld: %s, expected %s", name, (long long)trial,
	        (long long)step, !failed && verdict.prune ? "prune" : "go on", expected ? "prune" : "go on");
	tally_count(tally, !failed && verdict.prune == expected, what);
}

static void play_event(struct tally *tally, struct pruning *pruning, const cJSON *event, const char *name)
{
	const char *op = json_string(event, "op", "?");
	int64_t trial = (int64_t)golden_number(cJSON_GetObjectItem(event, "trial"));
	enum trial_state state = TRIAL_FAILED;
	if (strcmp(op, "start") == 0) {
		tally_count(tally, pruning_start(pruning, trial) == 0, "start");
	} else if (strcmp(op, "report") == 0) {
		play_report(tally, pruning, event, name);
	} else if (trial_state_parse(&state, json_string(event, "state", "?")) == 0) {
		pruning_finish(pruning, trial, state, golden_number(cJSON_GetObjectItem(event, "value")));
	} else {
		tally_count(tally, false, "unknown event");
	}
}

static void play_case(struct tally *tally, const cJSON *test)
{
	char name[128], call[128];
	struct setting settings[SETTINGS_AT_MOST], inner_settings[SETTINGS_AT_MOST];
	bool maximize = strcmp(json_string(test, "direction", ""), "maximize") == 0;
	snprintf(name, sizeof name, "%s (%s)", json_string(test, "name", "?"), json_string(test, "direction", "?"));
	snprintf(call, sizeof call, "%s", json_string(test, "inner", ""));
	struct method inner = read_call(call, inner_settings);
	struct method method = {.info = find_info(name), .settings = settings};
	method.setting_count = read_settings(settings, cJSON_GetObjectItem(test, "settings"));
	method.inner = inner.info ? &inner : NULL;
	struct objective objective = {"value", maximize ? MAXIMIZE : MINIMIZE, (double)NAN};
	struct study_spec spec = {.name = json_string(test, "study_name", ""), .objective_count = 1};
	spec.objectives = &objective;
	spec.prune_direction = objective.direction;
	spec.pruner_count = 1;
	spec.pruners = &method;
	struct pruning *pruning;
	struct error error = {""};
	if (!method.info || pruning_create(&pruning, &spec, &error) != 0) {
		tally_count(tally, false, name);
		return;
	}
	const cJSON *event;
	cJSON_ArrayForEach (event, cJSON_GetObjectItem(test, "events"))
		play_event(tally, pruning, event, name);
	pruning_destroy(pruning);
}

void conform_pruners(struct tally *tally, const cJSON *root)
{
	const cJSON *test;
	cJSON_ArrayForEach (test, cJSON_GetObjectItem(root, "cases"))
		play_case(tally, test);
}
