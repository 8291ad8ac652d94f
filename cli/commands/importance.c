#include <math.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "schema/api/study.h"

#define BAR_COLUMNS 30
#define TRIALS_ENOUGH 50 /* PED-ANOVA's best tenth should be 5 trials */

static const struct option options[] = {
        {"metric", OPTION_TEXT, 0, NULL, 0, 0, NULL, "NAME",
                "of several objectives, judge by this one instead of by the Pareto front"},
        {"method", OPTION_CHOICE, 0, "ped_anova", 0, 0, OPTION_CHOICES("ped_anova", "fanova"), "", "how to judge"},
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

static void add_parameter(struct table *table, const struct parameter_share *parameter, double largest)
{
	struct text number = TEXT_NULL, bar = TEXT_NULL;
	if (isnan(parameter->share)) {
		text_append(&number, "-");
	} else {
		text_printf(&number, "%.3f", parameter->share);
		format_bar(largest > 0 ? parameter->share / largest : 0, BAR_COLUMNS, &bar);
	}
	table_add(table, (const char *[]){parameter->name, text_string(&number), text_string(&bar)});
	text_finish(&number);
	text_finish(&bar);
}

static int print(const struct importance_answer *answer, const struct output *output)
{
	size_t count = answer->parameters.count;
	double largest = count ? answer->parameters.items[0].share : 0;
	struct table table;
	table_init(&table, columns, output->terminal ? 3 : 2);
	for (size_t i = 0; i < count; i++)
		add_parameter(&table, &answer->parameters.items[i], largest);
	output_remark(output, "what decides %s, by %s over %lld complete trials%s",
	        *answer->metric ? answer->metric : "the Pareto front", answer->method, (long long)answer->trial_count,
	        answer->trial_count < TRIALS_ENOUGH ? ": few, so only a hint" : "");
	int code = table_print(&table, output);
	table_finish(&table);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct importance_request request = {
	        .method = arguments_text(arguments, "method"), .metric = arguments_text(arguments, "metric")};
	struct importance_answer answer;
	int code = session_study(&request.study, session, arguments_operand(arguments, 0));
	if (code == EXIT_OK)
		code = session_call(session, METHOD_STUDY_IMPORTANCE, &request, &answer);
	if (code != EXIT_OK)
		return code;
	return session->output.json ? session_print(session, &importance_answer_shape, &answer)
	                            : print(&answer, &session->output);
}

const struct verb verb_importance = {
        .name = "importance",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "how much of the result each parameter decides",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
