#include <stdint.h>

#include "cli/command_line/arguments.h"
#include "cli/session/study_models.h"
#include "cli/terminal/format.h"
#include "schema/api/study.h"

static const struct option options[] = {
        {"dry-run", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "only say what would be freed"},
};

/* What became of a study's models. */
struct cleaned_study {
	const char *study;
	int64_t models, bytes;
};
struct cleaned {
	LIST_OF(struct cleaned_study) studies;
	bool dry_run;
};

static const struct field study_fields[] = {
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(cleaned_study, study)},
        {"models", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(cleaned_study, models)},
        {"bytes", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(cleaned_study, bytes)},
};
static const struct shape study_shape = SHAPE(cleaned_study, study_fields);

static const struct field cleaned_fields[] = {
        {"studies", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(cleaned, studies), .shape = &study_shape},
        {"dry_run", FIELD_SWITCH, FIELD_ALWAYS, MEMBER(cleaned, dry_run)},
};
static const struct shape cleaned_shape = SHAPE(cleaned, cleaned_fields);

static int clean_study(struct cleaned_study *out, struct session *session, const char *study, bool dry)
{
	struct models_freed freed = {0};
	int code = study_models_drop(&freed, session, study, dry);
	*out = (struct cleaned_study){study, freed.count, freed.bytes};
	return code;
}

/* One of which something stays holds up none of the others. */
static int clean_all(struct cleaned *out, struct session *session)
{
	struct study_list_answer list;
	int code = session_studies(&list, session), worst = EXIT_OK;
	if (code != EXIT_OK)
		return code;
	struct cleaned_study *studies = arena_alloc(&session->arena, (list.studies.count + 1) * sizeof *studies);
	if (!studies)
		return output_no_memory(&session->output);
	out->studies.items = studies;
	for (size_t i = 0; i < list.studies.count; i++) {
		code = clean_study(&studies[i], session, list.studies.items[i].name, out->dry_run);
		if (code != EXIT_OK && code != EXIT_FAILED)
			return code;
		worst = code == EXIT_FAILED ? code : worst;
		out->studies.count++;
	}
	return worst;
}

static int clean_one(struct cleaned *out, struct session *session, const char *study)
{
	struct cleaned_study *only = arena_alloc(&session->arena, sizeof *only);
	if (!only)
		return output_no_memory(&session->output);
	out->studies.items = only;
	out->studies.count = 1;
	return clean_study(only, session, study, out->dry_run);
}

static void print(const struct cleaned *cleaned, const struct output *output, bool failed)
{
	bool any = failed;
	for (size_t i = 0; i < cleaned->studies.count; i++) {
		const struct cleaned_study *study = &cleaned->studies.items[i];
		struct text bytes = TEXT_NULL;
		if (study->models == 0)
			continue;
		any = true;
		format_bytes(study->bytes, &bytes);
		output_line(output, "%s: %lld model%s of trials that have lost, %s %s", study->study,
		        (long long)study->models, study->models == 1 ? "" : "s", text_string(&bytes),
		        cleaned->dry_run ? "would be freed" : "are freed");
		text_finish(&bytes);
	}
	if (!any && !output->quiet)
		output_line(output, "nothing is to be freed here");
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct cleaned cleaned = {.dry_run = arguments_switch(arguments, "dry-run")};
	const char *study = arguments_operand(arguments, 0);
	if (!session_is_home(session))
		return output_failure(&session->output, EXIT_USAGE,
		        "%s is not the home of the daemon at %s; 'clean' works in the folders of its own",
		        session->home, session->place);
	int code = study ? clean_one(&cleaned, session, study) : clean_all(&cleaned, session);
	if (code != EXIT_OK && (code != EXIT_FAILED || cleaned.studies.count == 0))
		return code;
	if (!session->output.json)
		print(&cleaned, &session->output, code != EXIT_OK);
	else if (session_print(session, &cleaned_shape, &cleaned) != EXIT_OK)
		return EXIT_FAILED;
	return code;
}

const struct verb verb_clean = {
        .name = "clean",
        .group = "Steering",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "remove the models of trials that have lost; without STUDY, of all studies",
        .details = "\nWhose models stay says 'keep' in the study file: of the best five unless it says something else. "
                   "Only what is\ncalled model, or model.pt and the like, in the folders of runs under this home is "
                   "removed, and nothing of a\ntrial that still runs. Workers do the same as they begin a run.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
