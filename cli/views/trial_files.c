#include "cli/views/trial_files.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "cli/session/run_folders.h"
#include "cli/terminal/format.h"
#include "cli/terminal/log_tail.h"

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

/* What is called model, or model.pt and the like: the folder of kre-train, the files of others. */
static void append_model(const char *folder, struct text *out)
{
	const struct dirent *entry;
	DIR *walk = opendir(folder);
	while (walk && (entry = readdir(walk))) {
		bool model = strcmp(entry->d_name, "model") == 0 || strncmp(entry->d_name, "model.", 6) == 0;
		if (model)
			text_printf(out, "  model %s/%s\n", folder, entry->d_name);
	}
	if (walk)
		closedir(walk);
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

static void append_run(struct session *session, const char *folder, const struct run_summary *run, struct text *out)
{
	bool failed = run->state == RUN_FAILED || run->state == RUN_LOST;
	if (!folder && failed)
		append_reason_lines(run->reason, out);
	if (!folder)
		return;
	text_printf(out, "  folder %s\n", folder);
	append_model(folder, out);
	if (failed)
		append_stderr(&session->arena, folder, out);
}

void trial_files_print(struct session *session, const char *study, const struct trial_detail *trial)
{
	struct text text = TEXT_NULL;
	struct run_list runs = {0};
	text.failed = trial_files_runs(&runs, &session->arena, trial) < 0;
	for (size_t i = 0; i < runs.count; i++) {
		const struct run_summary *run = runs.items[i];
		const char *folder =
		        run_folders_find(&session->arena, session->home, study, trial->summary.number, run);
		append_run(session, folder, run, &text);
	}
	output_text(&session->output, &text);
	text_finish(&text);
}
