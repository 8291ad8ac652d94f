#include <math.h>
#include <string.h>
#include <time.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "cli/terminal/shell_word.h"
#include "schema/api/work.h"
#include "schema/base/variable_name.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static const struct option options[] = {
        {"format", OPTION_CHOICE, 0, "json", 0, 0, OPTION_CHOICES("json", "shell"), "",
                "shell: KRE_RUN=… KRE_PARAM_lr=… lines, quoted for eval"},
        {"wait", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "wait until there is a run or the study hands out no more"},
};

static struct variable_name variable_of(const cJSON *param)
{
	return (struct variable_name){param->string, strlen(param->string), false};
}

static bool has_variable(const cJSON *params, const cJSON *param)
{
	const struct variable_name name = variable_of(param);
	const cJSON *other;
	cJSON_ArrayForEach (other, params) {
		const struct variable_name its = variable_of(other);
		if (variable_names_collide(&name, &its))
			return false;
	}
	return !variable_name_is_blank(&name);
}

static void append_variable(const cJSON *item, struct text *out)
{
	const struct variable_name name = variable_of(item);
	struct text value = TEXT_NULL;
	text_append(out, "KRE_PARAM_");
	variable_name_append(out, &name);
	text_append(out, "=");
	if (cJSON_IsString(item))
		text_append(&value, item->valuestring);
	else
		json_append(item, &value);
	shell_word_quote(out, text_string(&value));
	text_append(out, "\n");
	out->failed = out->failed || value.failed;
	text_finish(&value);
}

static void append_integer(const char *name, int64_t value, struct text *out)
{
	text_printf(out, "%s='%lld'\n", name, (long long)value);
}

static void append_text(const char *name, const char *value, struct text *out)
{
	text_printf(out, "%s=", name);
	shell_word_quote(out, value);
	text_append(out, "\n");
}

/* Those for which there can be none are listed in `others`. */
static void append_params(const char *json, struct text *out, struct text *others)
{
	const cJSON *param;
	cJSON *params = json_parse(json, strlen(json), NULL);
	cJSON_ArrayForEach (param, params)
		if (has_variable(params, param))
			append_variable(param, out);
		else
			text_printf(others, "%s%s", others->length ? ", " : "", param->string);
	out->failed = out->failed || !params || others->failed;
	cJSON_Delete(params);
}

static void append_run(const struct assigned_run *run, struct text *out, struct text *others)
{
	append_integer("KRE_RUN", run->id, out);
	append_integer("KRE_LEASE", run->lease, out);
	append_text("KRE_STUDY", run->study, out);
	append_integer("KRE_TRIAL", run->trial_id, out);
	append_integer("KRE_NUMBER", run->number, out);
	append_integer("KRE_FOLD", assigned_run_fold(run), out);
	append_integer("KRE_FOLDS", run->folds, out);
	append_integer("KRE_REPEAT", run->repeat, out);
	append_integer("KRE_ATTEMPT", run->attempt, out);
	append_integer("KRE_SEED", run->seed, out);
	append_text("KRE_PARAMS", run->params, out);
	append_params(run->params, out, others);
}

static int print_run(const struct session *session, const struct assigned_run *run, bool shell)
{
	struct text text = TEXT_NULL, others = TEXT_NULL;
	if (!shell)
		return session_print(session, &assigned_run_shape, run);
	append_run(run, &text, &others);
	if (others.length)
		output_remark(&session->output, "no variables, but in KRE_PARAMS: %s", text_string(&others));
	int rc = output_text(&session->output, &text);
	text_finish(&text);
	text_finish(&others);
	return rc ? EXIT_FAILED : EXIT_OK;
}

static void pause_s(double seconds)
{
	long ms = (long)(seconds * 1000) < 100 ? 100 : (long)(seconds * 1000);
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static bool is_final(const struct ask_answer *answer)
{
	return answer->reason == WAIT_FINISHED || answer->reason == WAIT_BUDGET;
}

static int no_run(const struct output *output, const struct ask_answer *answer)
{
	const char *reason = words_name(&wait_reason_words, (int)answer->reason);
	int code = is_final(answer) ? EXIT_NO_MORE_RUNS : EXIT_NO_RUN;
	if (output->json)
		return output_failure(output, code, "no run now: %s", reason ? reason : "waiting");
	output_remark(output, "no run now: %s", reason ? reason : "waiting");
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	bool wait = arguments_switch(arguments, "wait");
	bool shell = strcmp(arguments_text(arguments, "format"), "shell") == 0;
	const struct ask_request ask = {.study = arguments_operand(arguments, 0), .repeats = true};
	struct ask_answer answer;
	int code;
	if (shell && session->output.json)
		return output_failure(&session->output, EXIT_USAGE, "--format shell and --json do not go together");
	for (;;) {
		code = session_call(session, METHOD_TRIAL_ASK, &ask, &answer);
		if (code != EXIT_OK || answer.run || !wait || is_final(&answer))
			break;
		pause_s(isnan(answer.retry_s) ? 1 : answer.retry_s);
	}
	if (code != EXIT_OK)
		return code;
	return answer.run ? print_run(session, answer.run, shell) : no_run(&session->output, &answer);
}

const struct verb verb_ask = {
        .name = "ask",
        .group = "For shell scripts that work",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_KEEP,
        .summary = "take the next run under a lease and print it",
        .details = "\nThe lease ends after some seconds (see 'renew'); a run whose lease ended is handed to somebody "
                   "else.\n"
                   "Exit code 7: nothing to do now; 8: the study hands out no more runs.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
