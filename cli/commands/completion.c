#include "cli/command_line/completion.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "schema/api/access.h"
#include "schema/api/artifact.h"
#include "schema/api/study.h"
#include "schema/base/home.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

/* The daemon that answers, or one for this call where there is something it could know. */
static bool open_daemon(struct session *session, const char *home)
{
	if (home) {
		session->home = home;
		session->address = arena_printf(&session->arena, "%s/" HOME_SOCKET, home);
	}
	const char *database = arena_printf(&session->arena, "%s/" HOME_DATABASE, session->home);
	return session->address && database && access(database, F_OK) == 0 &&
	       session_open(session, DAEMON_BORROW) == EXIT_OK;
}

static void offer_studies(struct completion *completion, struct session *session)
{
	struct study_list_answer list;
	if (session_studies(&list, session) != EXIT_OK)
		return;
	for (size_t i = 0; i < list.studies.count; i++)
		completion_offer(completion, "", list.studies.items[i].name);
}

/* "name=", or one "name=value" for each choice. */
static void offer_parameter(struct completion *completion, const cJSON *parameter)
{
	const cJSON *value, *values = cJSON_GetObjectItemCaseSensitive(parameter, "values");
	struct text name = TEXT_NULL, text = TEXT_NULL;
	text_printf(&name, "%s=", parameter->string);
	cJSON_ArrayForEach (value, values) {
		text_clear(&text);
		if (cJSON_IsString(value))
			text_append(&text, value->valuestring);
		else
			json_append(value, &text);
		completion_offer(completion, text_string(&name), text_string(&text));
	}
	if (!values)
		completion_offer(completion, text_string(&name), "");
	text_finish(&name);
	text_finish(&text);
}

static void offer_point(struct completion *completion, struct session *session)
{
	const struct study_request request = {completion->study};
	struct study_summary study;
	const cJSON *parameter;
	if (session_call(session, METHOD_STUDY_GET, &request, &study) != EXIT_OK)
		return;
	cJSON *spec = json_parse(study.spec, strlen(study.spec), NULL);
	cJSON_ArrayForEach (parameter, cJSON_GetObjectItemCaseSensitive(spec, "parameters"))
		if (!completion->cut || strcmp(completion->cut, parameter->string) == 0)
			offer_parameter(completion, parameter);
	cJSON_Delete(spec);
}

static void offer_foreign(struct completion *completion, struct session *session)
{
	struct study_list_answer list;
	if (session_studies(&list, session) != EXIT_OK)
		return;
	for (size_t i = 0; i < list.foreign.count; i++)
		completion_offer(completion, "", list.foreign.items[i].name);
}

static void offer_tokens(struct completion *completion, struct session *session)
{
	const struct nothing nothing = {0};
	struct token_list_answer list;
	if (session_call(session, METHOD_TOKEN_LIST, &nothing, &list) != EXIT_OK)
		return;
	for (size_t i = 0; i < list.tokens.count; i++)
		if (list.tokens.items[i].revoked.us == 0)
			completion_offer(completion, "", list.tokens.items[i].id);
}

/* A name is offered once, however many folds have it. */
static void offer_artifacts(struct completion *completion, struct session *session)
{
	const struct trial_artifacts_request which = {completion->study, atoll(completion->trial)};
	struct trial_artifacts_answer list;
	if (session_call(session, METHOD_TRIAL_ARTIFACTS, &which, &list) != EXIT_OK)
		return;
	for (size_t i = 0, j; i < list.artifacts.count; i++) {
		const struct kept_artifact *artifact = &list.artifacts.items[i];
		for (j = 0; j < i && strcmp(list.artifacts.items[j].name, artifact->name) != 0; j++)
			;
		if (j == i && artifact->kept)
			completion_offer(completion, "", artifact->name);
	}
}

static int print_words(struct session *session, const struct arguments *arguments)
{
	static void (*const offers[COMPLETE_COUNT])(struct completion * completion, struct session * session) = {
	        [COMPLETE_STUDIES] = offer_studies,
	        [COMPLETE_FOREIGN] = offer_foreign,
	        [COMPLETE_POINT] = offer_point,
	        [COMPLETE_TOKENS] = offer_tokens,
	        [COMPLETE_ARTIFACTS] = offer_artifacts,
	};
	struct text out = TEXT_NULL;
	struct completion completion = {
	        .words = arguments->operands + 1, .count = arguments->operand_count - 1, .out = &out};
	if (completion.count == 0)
		return EXIT_OK;
	enum completion_need need = completion_add(&completion, arguments->verbs);
	if (need != COMPLETE_DONE && open_daemon(session, completion.home))
		offers[need](&completion, session);
	int rc = output_text(&session->output, &out);
	text_finish(&out);
	return rc ? EXIT_FAILED : EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const char *shell = arguments_operand(arguments, 0);
	struct text text = TEXT_NULL;
	if (shell && strcmp(shell, "words") == 0)
		return print_words(session, arguments);
	const char *script = completion_script(shell ? shell : "bash");
	if (!script)
		return output_failure(
		        &session->output, EXIT_USAGE, "there is completion for bash, zsh and fish, not for %s", shell);
	text_append(&text, script);
	int rc = output_text(&session->output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : EXIT_OK;
}

const struct verb verb_completion = {
        .name = "completion",
        .group = "Help",
        .operands = "[bash|zsh|fish]",
        .operand_max = OPERANDS_ANY,
        .daemon = DAEMON_NONE,
        .summary = "print completion for a shell: eval \"$(kre-search completion bash)\"",
        .details = "\nWhere the programs are installed their scripts are too. These ask `kre-search completion words "
                   "-- WORD...`, which "
                   "prints\nwhat may stand in the place of the last word: commands, options and their values, studies, "
                   "parameters,\ntokens, what runs left.\n",
        .run = run,
};
