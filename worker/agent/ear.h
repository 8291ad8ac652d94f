/* How a trainer is heard, whichever way the study names: its outputs cut into lines, the lines put
 * together to reports, or a file looked at; and what is said where nobody listens, for the reason
 * of a run that reported nothing. */
#ifndef WORKER_AGENT_EAR_H
#define WORKER_AGENT_EAR_H

#include <uv.h>

#include "worker/agent/assignment.h"
#include "worker/agent/line_reader.h"
#include "worker/agent/overheard.h"
#include "worker/agent/report_file.h"
#include "worker/agent/report_stream.h"

enum sound { SOUND_STDOUT, SOUND_STDERR, SOUND_REPORT, SOUND_COUNT };

struct ear {
	struct report_listener listener;
	struct report_stream stream;
	struct line_reader lines[SOUND_COUNT];
	struct overheard overheard[SOUND_REPORT]; /* of stdout and stderr, where they carry no reports */
	struct report_file file;                  /* only REPORT_FILE */
	char file_path[4096];
	uv_timer_t timer;               /* a pause in what is said, or the next look at the file */
	uv_fs_event_t changes;          /* of the file's folder */
	const struct assigned_run *run; /* borrowed */
	bool watching;                  /* the two handles are open */
	bool spoke;                     /* something was reported */
	bool held;                      /* the file waits */
};

/* Gets ready for the run of `assignment` (borrowed). 0, or -EINVAL with a sentence; then nothing is
 * left. */
int ear_init(struct ear *ear, const struct agent_assignment *assignment, const struct report_events *events,
        struct error *error);

/* Begins to watch on `loop`. */
void ear_open(struct ear *ear, uv_loop_t *loop);

/* Takes what came from there. */
void ear_push(struct ear *ear, enum sound sound, const char *bytes, size_t length);

/* True where that output carries the run's reports. */
bool ear_hears_reports(const struct ear *ear, enum sound sound);

/* Leaves the file alone, as nobody can take more reports / looks at it again. */
void ear_hold(struct ear *ear, bool hold);

/* The program has ended: hears the ends of lines, the file once more, and tells what is left. */
void ear_end(struct ear *ear);

/* How many lines with reports were too long to be read. */
int64_t ear_passed_over(const struct ear *ear);

/* Why nothing was heard, as the rest of a sentence: ": the program printed val_acc, loss". `out`
 * has ERROR_TEXT_BYTES. */
void ear_explain_silence(char out[ERROR_TEXT_BYTES], const struct ear *ear);

/* How many handles have to be closed before ear_finish; they are written into `out`. */
size_t ear_handles(uv_handle_t *out[2], struct ear *ear);
void ear_finish(struct ear *ear);

#endif
