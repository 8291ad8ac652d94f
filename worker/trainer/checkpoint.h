/* The file from which a run continues that is handed out again, in the folder KRE_CHECKPOINT_DIR:
 * the training's progress and the model's state after an epoch. */
#ifndef WORKER_TRAINER_CHECKPOINT_H
#define WORKER_TRAINER_CHECKPOINT_H

#include "schema/base/clock.h"
#include "schema/base/error.h"
#include "schema/base/option.h"
#include "worker/trainer/progress.h"

/* When a training writes checkpoints: as long as they cost little, after every epoch, never. */
enum checkpoint_rule { CHECKPOINT_CHEAP, CHECKPOINT_ALWAYS, CHECKPOINT_NEVER };
extern const char *const checkpoint_rules[]; /* their names, ended by NULL */

/* The row of --checkpoint in a table of options: an int at this offset. */
#define CHECKPOINT_ROW(at)                                                                                             \
	{                                                                                                              \
		"checkpoint", OPTION_CHOICE, at, "cheap", 0, 0, checkpoint_rules, "",                                  \
		        "when to keep what a run handed out again needs to go on, in KRE_CHECKPOINT_DIR: after "       \
		        "epochs as long as it takes less than a tenth of the time, after every epoch, never"           \
	}

struct checkpoint {
	struct text path;     /* "" = no checkpoints are read or written */
	uint64_t fingerprint; /* of the training, see fingerprint.h; set by whoever trains, where there is a path */
	bool always;          /* whatever it costs */
	int64_t cost_ms;      /* of writing the last one */
	struct monotime last; /* when that was */
};

/* Takes the folder from the environment, and clears it of checkpoints that were being written when
 * their training died. 0 or -ENOMEM (finish it all the same). */
int checkpoint_init(struct checkpoint *checkpoint, enum checkpoint_rule rule);
void checkpoint_finish(struct checkpoint *checkpoint);

/* Whether there is a folder for checkpoints, and they are wanted. */
bool checkpoint_is_kept(const struct checkpoint *checkpoint);

enum { CHECKPOINT_NONE = 700 };

/* Restores progress and state. 0; CHECKPOINT_NONE when there is nothing to continue from: no file,
 * or one that is damaged or of another training, which is said on stderr; -ENOMEM: with both,
 * nothing has changed. -EIO with a sentence when it could not be read to its end, so that the state
 * is none any more. */
int checkpoint_load(const struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state,
        struct error *error);

/* Replaces the file, array by array, unless that would cost more than a tenth of the training since
 * the last one. When it fails, that is said on stderr and no further one is written: the training
 * continues without. */
void checkpoint_store(struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state);

#endif
