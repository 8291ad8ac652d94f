#include <ctype.h>
#include <string.h>
#include <time.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "schema/space/json.h"

static const struct flag flags[] = {
        {"format", FLAG_WORD, "json|shell", "json", "shell: KRE_RUN=… KRE_PARAM_lr=… lines, quoted for eval"},
        {"wait", FLAG_SWITCH, NULL, NULL, "wait until there is a run or the study hands out no more"},
        {NULL, FLAG_SWITCH, NULL, NULL, NULL},
};

static void append_name(const char *prefix, const char *name, struct text *out)
{
	text_append(out, prefix);
	for (; *name; name++) {
		char letter = isalnum((unsigned char)*name) ? *name : '_';
		text_append_bytes(out, &letter, 1);
	}
	text_append(out, "=");
}

/* In single quotes nothing is special to a shell but the quote itself. */
static void append_quoted(const char *value, struct text *out)
{
	text_append(out, "'");
	for (; *value; value++) {
		if (*value == '\'')
			text_append(out, "'\\''");
		else
			text_append_bytes(out, value, 1);
	}
	text_append(out, "'\n");
}

static void append_variable(const char *prefix, const cJSON *item, struct text *out)
{
	struct text value = TEXT_NULL;
	append_name(prefix, item->string, out);
	if (cJSON_IsString(item))
		text_append(&value, item->valuestring);
	else
		json_append(item, &value);
	append_quoted(text_string(&value), out);
	out->failed = out->failed || value.failed;
	text_finish(&value);
}

static void append_run(const cJSON *run, struct text *out)
{
	static const struct {
		const char *key, *variable;
	} variables[] = {
	        {"run", "KRE_RUN"},
	        {"lease", "KRE_LEASE"},
	        {"study", "KRE_STUDY"},
	        {"trial", "KRE_TRIAL"},
	        {"number", "KRE_NUMBER"},
	        {"fold", "KRE_FOLD"},
	        {"folds", "KRE_FOLDS"},
	        {"attempt", "KRE_ATTEMPT"},
	        {"seed", "KRE_SEED"},
	        {"params", "KRE_PARAMS"},
	};
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(run, variables[i].key);
		cJSON named = item ? *item : (cJSON){.type = cJSON_NULL};
		named.string = (char *)(uintptr_t)variables[i].variable;
		append_variable("", &named, out);
	}
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(run, "params");
	const cJSON *param;
	cJSON_ArrayForEach(param, params) append_variable("KRE_PARAM_", param, out);
}

static int print_run(const struct output *output, const cJSON *run, bool shell)
{
	struct text text = TEXT_NULL;
	if (!shell)
		return output_json(output, run);
	append_run(run, &text);
	int rc = output_text(output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : EXIT_OK;
}

static void pause_s(double seconds)
{
	long ms = (long)(seconds * 1000) < 100 ? 100 : (long)(seconds * 1000);
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static bool is_final(const cJSON *answer)
{
	const char *reason = json_string(answer, "reason", "");
	return strcmp(reason, "finished") == 0 || strcmp(reason, "budget") == 0;
}

static int no_run(const struct output *output, const cJSON *answer)
{
	output_remark(output, "no run now: %s", json_string(answer, "reason", "waiting"));
	return is_final(answer) ? EXIT_NO_MORE_RUNS : EXIT_NO_RUN;
}

static int run(struct session *session, const struct arguments *arguments)
{
	bool wait = arguments_switch(arguments, "wait");
	bool shell = strcmp(arguments_text(arguments, "format"), "shell") == 0;
	const char *study = arguments_operand(arguments, 0);
	for (;;) {
		cJSON *answer = NULL;
		int code = session_call(session, "trial.ask", study ? session_params(study) : NULL, &answer);
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer, "run");
		bool again = false;
		if (code == EXIT_OK && cJSON_IsObject(item))
			code = print_run(&session->output, item, shell);
		else if (code == EXIT_OK && !(again = wait && !is_final(answer)))
			code = no_run(&session->output, answer);
		if (again)
			pause_s(json_double(answer, "retry_s", 1));
		cJSON_Delete(answer);
		if (!again)
			return code;
	}
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
        .flags = flags,
        .run = run,
};
