/* The file from which a run that is handed out again goes on, in the folder KRE_CHECKPOINT_DIR: the training's progress and the
 * model's state after an epoch. */
#ifndef WORKER_TRAINER_CHECKPOINT_H
#define WORKER_TRAINER_CHECKPOINT_H

#include "schema/base/clock.h"
#include "schema/base/error.h"
#include "worker/trainer/progress.h"
#include "worker/trainer/settings.h"
#include "worker/trainer/task.h"

struct checkpoint {
	struct text path; /* "" = nobody will want to go on */
	uint64_t fingerprint;
	bool always;          /* whatever it costs */
	int64_t cost_ms;      /* of the last one written */
	struct monotime last; /* when it was */
};

/* Takes the folder from the environment and the fingerprint from everything that the training's bits depend on: this program's
 * version, the settings, the rows, the lexicon and the pretrained encoder. 0 or -ENOMEM (finish it all the same). */
int checkpoint_init(struct checkpoint *checkpoint, const struct settings *settings, const struct task *task);
void checkpoint_finish(struct checkpoint *checkpoint);

/* Puts progress and state back. 0; 1 when there is nothing to go on from: no file, or one that is damaged or of another
 * training, which is told on stderr; -ENOMEM. With anything but 0 nothing has changed. */
int checkpoint_load(const struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state);

/* Writes the file at once, unless it would cost more than a tenth of the training since the last one. What goes wrong is told
 * on stderr, and no further one is written: the training is worth more. */
void checkpoint_store(struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state);

#endif
