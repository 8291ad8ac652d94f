#include <math.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/field.h"
#include "schema/space/json.h"

#define BAR_COLUMNS 30
#define TRIALS_ENOUGH 50 /* PED-ANOVA's best tenth should be 5 trials */

static const struct flag flags[] = {
        {"metric", FLAG_TEXT, "NAME", NULL, "of several objectives, judge by this one instead of by the Pareto front"},
        {"method", FLAG_WORD, "ped_anova|fanova", "ped_anova", "how to judge"},
        {NULL, FLAG_SWITCH, NULL, NULL, NULL},
};

static enum style bar_style(const char *cell)
{
	(void)cell;
	return STYLE_GOOD;
}

static const struct column columns[] = {
        {"parameter", .flexible = true},
        {"share", .right = true},
        {"", .style = bar_style},
};

static void add_parameter(struct table *table, const cJSON *parameter, double largest)
{
	double share = field_number(parameter, "share");
	struct text number = TEXT_NULL, bar = TEXT_NULL;
	if (isnan(share)) {
		text_append(&number, "-");
	} else {
		text_printf(&number, "%.3f", share);
		format_bar(largest > 0 ? share / largest : 0, BAR_COLUMNS, &bar);
	}
	table_add(table, (const char *[]){json_string(parameter, "name", ""), text_string(&number), text_string(&bar)});
	text_finish(&number);
	text_finish(&bar);
}

static int print(const cJSON *result, const struct output *output)
{
	const cJSON *parameter, *parameters = cJSON_GetObjectItemCaseSensitive(result, "parameters");
	double trials = json_double(result, "trials", 0),
	       largest = field_number(cJSON_GetArrayItem(parameters, 0), "share");
	const char *metric = json_string(result, "metric", "");
	struct table table;
	table_init(&table, columns, output->terminal ? 3 : 2);
	cJSON_ArrayForEach(parameter, parameters) add_parameter(&table, parameter, largest);
	output_remark(output, "what decides %s, by %s over %.0f complete trials%s",
	        *metric ? metric : "the Pareto front", json_string(result, "method", ""), trials,
	        trials < TRIALS_ENOUGH ? ": few, so only a hint" : "");
	int code = table_print(&table, output);
	table_finish(&table);
	return code;
}

static cJSON *question(const char *study, const struct arguments *arguments)
{
	cJSON *params = session_params(study);
	const char *metric = arguments_text(arguments, "metric");
	cJSON_AddStringToObject(params, "method", arguments_text(arguments, "method"));
	if (metric)
		cJSON_AddStringToObject(params, "metric", metric);
	return params;
}

static int run(struct session *session, const struct arguments *arguments)
{
	cJSON *result = NULL;
	const char *study = NULL;
	int code = session_study(session, arguments_operand(arguments, 0), &study);
	if (code == EXIT_OK)
		code = session_call(session, "study.importance", question(study, arguments), &result);
	if (code == EXIT_OK)
		code = session->output.json ? output_json(&session->output, result) : print(result, &session->output);
	cJSON_Delete(result);
	return code;
}

const struct verb verb_importance = {
        .name = "importance",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "how much of the result each parameter decides",
        .flags = flags,
        .run = run,
};
