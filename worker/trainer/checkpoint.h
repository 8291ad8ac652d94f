/* The file from which a run continues that is handed out again, in the folder KRE_CHECKPOINT_DIR:
 * the training's progress and the model's state after an epoch. */
#ifndef WORKER_TRAINER_CHECKPOINT_H
#define WORKER_TRAINER_CHECKPOINT_H

#include "schema/base/clock.h"
#include "schema/base/error.h"
#include "worker/trainer/progress.h"
#include "worker/trainer/settings.h"
#include "worker/trainer/task.h"

struct checkpoint {
	struct text path; /* "" = no checkpoints are read or written */
	uint64_t fingerprint;
	bool always;          /* whatever it costs */
	int64_t cost_ms;      /* of writing the last one */
	struct monotime last; /* when that was */
};

/* Takes the folder from the environment and the fingerprint from everything that the training's
 * bits depend on: this program's version, the settings, the rows, the lexicon and the pretrained
 * encoder. 0 or -ENOMEM (finish it all the same). */
int checkpoint_init(struct checkpoint *checkpoint, const struct settings *settings, const struct task *task);
void checkpoint_finish(struct checkpoint *checkpoint);

enum { CHECKPOINT_NONE = 700 };

/* Restores progress and state. 0; CHECKPOINT_NONE when there is nothing to continue from: no file,
 * or one that is damaged or of another training, which is said on stderr; -ENOMEM. With anything
 * but 0 nothing has changed. */
int checkpoint_load(const struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state);

/* Replaces the file, unless that would cost more than a tenth of the training since the last one.
 * When it fails, that is said on stderr and no further one is written: the training continues
 * without. */
void checkpoint_store(struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state);

#endif
