#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_line/arguments.h"
#include "cli/session/daemon_users.h"
#include "cli/session/program_defaults.h"
#include "cli/session/study_document.h"
#include "cli/session/study_files.h"
#include "cli/session/study_identity.h"
#include "cli/session/study_models.h"
#include "cli/session/study_program.h"
#include "cli/views/live.h"
#include "cli/views/study_result.h"
#include "schema/api/study.h"
#include "schema/transport/address_home.h"

static const struct option options[] = {
        {"workers", OPTION_INTEGER, 0, "0", 0, LOCAL_WORKERS_MAX, NULL, "N",
                "run N workers here; they may run the program of this study"},
        {"detach", OPTION_BARE, 0, NULL, 0, 0, NULL, "",
                "start everything, watch nothing, leave daemon and workers running"},
        {"keep-daemon", OPTION_BARE, 0, NULL, 0, 0, NULL, "",
                "leave a daemon that was started here running at the end"},
        {"name", OPTION_TEXT, 0, NULL, 0, 0, NULL, "NEW", "make it the study NEW, whatever the file calls it"},
        {"from", OPTION_TEXT, 0, NULL, 0, 0, NULL, "OLD",
                "a new study knows the trials of the study OLD that fit its space"},
};

/* Workers that start here would fail every trial, and the budget would be gone. */
static int find_files(const struct study_spec *spec, const struct output *output)
{
	for (size_t i = 0; i < spec->file_count; i++)
		if (access(spec->files[i].path, R_OK) != 0)
			return output_failure(output, EXIT_FAILED, "file '%s' of the study: %s: %s",
			        spec->files[i].name, spec->files[i].path, strerror(errno));
	return EXIT_OK;
}

static int find_program(struct session *session, const struct study_spec *spec, const char *path, struct error *error)
{
	struct study_command command;
	const struct study_program program = {&command, spec, path};
	int rc = study_command_sample(&command, &session->arena, spec, error);
	return rc < 0 ? rc : study_program_find(&program, error);
}

/* What local workers need; workers elsewhere may have what is not here. */
static int find_parts(struct session *session, const struct study_spec *spec, const struct arguments *arguments)
{
	const struct output *output = &session->output;
	struct error error = {0};
	bool local = arguments_count(arguments, "workers") > 0;
	if (local && address_is_strange(session->address, session->home))
		return output_failure(output, EXIT_USAGE,
		        "%s is the home of another daemon, whose studies may have this one's name: --home DIR names a "
		        "folder for the runs of the workers",
		        session->home);
	if (local && study_program_is_meant(spec, &error) > 0)
		output_remark(output, "warning: %s", error.text);
	int code = local ? find_files(spec, output) : EXIT_OK;
	if (code != EXIT_OK || find_program(session, spec, arguments->operands[0], &error) == 0)
		return code;
	if (local)
		return output_failure(output, EXIT_FAILED, "%s", error.text);
	output_remark(output, "warning: %s", error.text);
	return EXIT_OK;
}

/* The study is there and something that makes it what it is differs. */
static void say_how_to_go_on(const struct session *session, const struct arguments *arguments, const char *study)
{
	if (!session->output.json && !arguments_text(arguments, "from"))
		output_remark(&session->output,
		        "'kre-search start %s --name NEW --from %s' makes a new study that knows the trials of this "
		        "one",
		        arguments->operands[0], study);
}

static void say_what_is_new(
        const struct study_create_answer *answer, const struct session *session, const struct arguments *arguments)
{
	const struct output *output = &session->output;
	if (answer->state == STUDY_FINISHED)
		output_remark(output,
		        "study %s is finished (%s); 'kre-search enqueue', a larger budget or another target makes it "
		        "go on",
		        answer->study, answer->reason);
	else
		output_remark(output, answer->created ? "study %s is created" : "study %s goes on", answer->study);
	for (size_t i = 0; i < answer->changes.count; i++) {
		const struct changed_key *change = &answer->changes.items[i];
		output_remark(output, "%s %s → %s", change->path, change->from, change->to);
	}
	if (answer->created && arguments_text(arguments, "from"))
		output_remark(output, "it knows %lld of %lld complete trials of %s", (long long)answer->inherited_count,
		        (long long)answer->offered_count, arguments_text(arguments, "from"));
	for (size_t i = 0; i < answer->warnings.count; i++)
		output_remark(output, "warning: %s", answer->warnings.items[i]);
}

static int create_study(struct study_create_answer *answer, struct session *session, const struct study_spec *spec,
        const struct arguments *arguments)
{
	struct program_defaults own;
	if (program_defaults_find(&own, &session->arena, spec) < 0)
		return output_no_memory(&session->output);
	const struct study_create_request request = {.spec = spec->json,
	        .if_exists = IF_EXISTS_RESUME,
	        .from = arguments_text(arguments, "from"),
	        .defaults = own.params,
	        .defaults_of = own.of};
	struct link_question question = {METHOD_STUDY_CREATE, &request, answer, &session->arena, 0};
	int code = session_call_into(session, &question);
	if (code == EXIT_OK)
		say_what_is_new(answer, session, arguments);
	if (code == EXIT_OK && answer->created && own.params)
		output_remark(&session->output, "its first trial has the defaults %s", own.of);
	else if (question.code == WIRE_EXISTS)
		say_how_to_go_on(session, arguments, spec->name);
	return code;
}

/* A daemon of ours ends with us unless another study needs it. */
static void decide_about_daemon(struct session *session, const char *study)
{
	struct study_list_answer list;
	bool ends = session->daemon_pid > 0 && session_studies(&list, session) == EXIT_OK;
	for (size_t i = 0; ends && i < list.studies.count; i++) {
		const struct study_headline *other = &list.studies.items[i];
		ends = strcmp(other->name, study) == 0 || other->state != STUDY_RUNNING;
	}
	if (ends)
		daemon_users_mark(session->users, DAEMON_ENDS);
}

/* A study that nobody works for would be watched in vain. */
static int say_who_is_missing(struct session *session, const struct study_spec *spec, const char *file)
{
	const struct study_request request = {spec->name};
	struct study_summary study;
	int code = session_call(session, METHOD_STUDY_GET, &request, &study);
	if (code == EXIT_OK && study.headline.state == STUDY_RUNNING && study.workers.count == 0)
		output_remark(&session->output,
		        "no worker has taken a run of %s yet: 'kre-search start %s --workers 2' runs two here",
		        spec->name, file);
	return code;
}

static int watch(struct session *session, const struct study_spec *spec, const struct arguments *arguments)
{
	struct local_workers workers;
	int code = local_workers_start(&workers, session, spec, (size_t)arguments_count(arguments, "workers"));
	if (code == EXIT_OK && workers.count == 0)
		code = say_who_is_missing(session, spec, arguments->operands[0]);
	if (code != EXIT_OK)
		return code;
	if (arguments_switch(arguments, "detach")) {
		output_remark(&session->output, "%s runs; 'kre-search status %s' shows how far it is", spec->name,
		        spec->name);
		return EXIT_OK;
	}
	code = live_watch(session, spec->name, &workers);
	if (code == EXIT_OK)
		code = study_result_print(session, spec->name);
	if (code == EXIT_OK && session_is_home(session)) /* else another study may have the name here */
		study_models_tidy(session, spec->name);
	return code;
}

/* A daemon started here is left alone only where somebody asked for it, and where it is gone
 * already. */
static int create_and_watch(struct session *session, const struct study_spec *spec, const struct arguments *arguments)
{
	struct study_create_answer answer;
	int code = study_files_keep(session, spec);
	if (code == EXIT_OK)
		code = create_study(&answer, session, spec, arguments);
	bool left_running = code == EXIT_OK && arguments_switch(arguments, "detach");
	if (code == EXIT_OK)
		code = watch(session, spec, arguments);
	if (code == EXIT_OK && left_running && session->output.json)
		code = session_print(session, &study_create_answer_shape, &answer);
	if ((left_running && code == EXIT_OK) || arguments_switch(arguments, "keep-daemon"))
		daemon_users_mark(session->users, DAEMON_STAYS);
	else if (code != EXIT_NO_DAEMON)
		decide_about_daemon(session, spec->name);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct study_document document;
	int code = study_document_read(&document, arguments->operands[0], &session->output);
	if (code == EXIT_STUDY_FILE && session->output.json) {
		int printed = study_document_print_json(&document, session, &(struct document_extras){NULL, ""});
		code = printed == EXIT_OK ? code : printed;
	}
	if (code == EXIT_OK)
		code = find_parts(session, document.spec, arguments);
	if (code == EXIT_OK)
		code = study_identity_settle(&document, arguments_text(arguments, "name"), &session->output);
	if (code == EXIT_OK)
		code = session_open(session, DAEMON_START);
	if (code == EXIT_OK)
		code = create_and_watch(session, document.spec, arguments);
	study_document_finish(&document);
	return code;
}

const struct verb verb_start = {
        .name = "start",
        .group = "Studies",
        .operands = "FILE",
        .operand_min = 1,
        .operand_max = 1,
        .summary = "create or resume the study of a file, with a daemon and workers, and watch it",
        .details = "\nThe file is checked first, and with local workers whether this machine has the study's files and "
                   "program.\nWithout a daemon one is started; it ends with this command unless "
                   "another study\n"
                   "runs, or --keep-daemon or --detach was given. Local workers are allowed to run the program that "
                   "the study\n"
                   "file names: it is your own file on your own machine. Ctrl-C hands running trials back and leaves "
                   "the study\n"
                   "resumable by the same command; a second Ctrl-C kills the workers at once.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
