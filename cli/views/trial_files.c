#include "cli/views/trial_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "cli/session/run_folders.h"
#include "cli/terminal/format.h"
#include "cli/terminal/log_tail.h"
#include "schema/base/run_models.h"

#define STDERR_LINES 10

int trial_files_runs(struct run_list *out, struct arena *arena, const struct trial_detail *trial)
{
	struct run_list runs = {0, arena_alloc(arena, (trial->runs.count + 1) * sizeof(void *))};
	if (!runs.items)
		return -ENOMEM;
	for (size_t i = 0; i < trial->runs.count; i++) {
		const struct run_summary *run = &trial->runs.items[i];
		bool news = runs.count == 0 || runs.items[runs.count - 1]->fold != run->fold;
		if (news && run->started.us != 0)
			runs.items[runs.count++] = run;
	}
	*out = runs;
	return 0;
}

/* What is called model, or model.pt and the like: the folder of kre-train, the files of others. Of
 * several the first by name; NULL when there is none. */
static const char *find_model(struct arena *arena, const char *folder)
{
	const struct dirent *entry;
	const char *found = NULL;
	DIR *walk = opendir(folder);
	while (walk && (entry = readdir(walk)))
		if (run_models_is_model(entry->d_name) && (!found || strcmp(entry->d_name, found) < 0))
			found = arena_strdup(arena, entry->d_name);
	if (walk)
		closedir(walk);
	return found ? arena_printf(arena, "%s/%s", folder, found) : NULL;
}

int trial_files_find(
        struct trial_files *out, struct session *session, const char *study, const struct trial_detail *trial)
{
	struct arena *arena = &session->arena;
	struct run_list runs;
	int rc = trial_files_runs(&runs, arena, trial);
	struct run_files *items = rc == 0 ? arena_alloc(arena, (runs.count + 1) * sizeof *items) : NULL;
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < runs.count; i++) {
		const struct run_summary *run = runs.items[i];
		const char *folder = run_folders_find(session, study, trial->summary.number, run);
		const char *model = folder ? find_model(arena, folder) : NULL;
		items[i] = (struct run_files){run, run->fold, run->attempt, folder, model};
	}
	*out = (struct trial_files){runs.count, items};
	return 0;
}

/* Names come from programs: an escape in one must not reach the terminal. */
static void append_path(const char *title, const char *path, struct text *out)
{
	text_append(out, title);
	format_clip(path, SIZE_MAX, out);
	text_append(out, "\n");
}

static void append_stderr(struct arena *arena, const char *folder, struct text *out)
{
	struct text lines = TEXT_NULL;
	const char *path = arena_printf(arena, "%s/stderr.log", folder);
	if (path)
		log_last_lines(path, STDERR_LINES, &lines);
	if (lines.length > 0)
		text_printf(out, "  the last lines of %s:\n%s", path, text_string(&lines));
	out->failed = out->failed || lines.failed || !path;
	text_finish(&lines);
}

/* Of a run that was elsewhere: the last lines came with the reason. */
static void append_reason_lines(const char *reason, struct text *out)
{
	const char *line = strchr(reason, '\n') ? reason : NULL;
	if (line)
		text_append(out, "  its last lines:\n");
	while (line) {
		struct text one = TEXT_NULL;
		const char *newline = strchr(line, '\n');
		text_append_bytes(&one, line, newline ? (size_t)(newline - line) : strlen(line));
		text_append(out, "    ");
		format_clip(text_string(&one), 1000, out);
		text_append(out, "\n");
		out->failed = out->failed || one.failed;
		text_finish(&one);
		line = newline ? newline + 1 : NULL;
	}
}

static void append_run(struct arena *arena, const struct run_files *files, struct text *out)
{
	const struct run_summary *run = files->run;
	bool failed = run->state == RUN_FAILED || run->state == RUN_LOST;
	if (files->folder)
		append_path("  folder ", files->folder, out);
	if (files->model)
		append_path("  model ", files->model, out);
	if (failed && files->folder)
		append_stderr(arena, files->folder, out);
	else if (failed)
		append_reason_lines(run->reason, out);
}

void trial_files_print(struct session *session, const char *study, const struct trial_detail *trial)
{
	struct text text = TEXT_NULL;
	struct trial_files files = {0};
	text.failed = trial_files_find(&files, session, study, trial) < 0;
	for (size_t i = 0; i < files.count; i++)
		append_run(&session->arena, &files.items[i], &text);
	output_text(&session->output, &text);
	text_finish(&text);
}
