/* Where Python finds the modules that come along: kre.py for every program, and before all others
 * the stand-in for W&B's client for a study that asks for it. */
#ifndef WORKER_AGENT_PYTHON_PATH_H
#define WORKER_AGENT_PYTHON_PATH_H

#include <stdbool.h>

#include "schema/base/error.h"
#include "schema/base/text.h"

/* Appends the PYTHONPATH of a run: the worker's own, with our modules behind it and the stand-in
 * (when `wandb`) before it. The modules lie in share/kre-search/python beside the folder of this
 * program, or in examples/python below it, as in a build. 0; -ENOENT with a sentence when `wandb`
 * is wanted and they are not there; without them and `wandb` the worker's own is appended. */
int python_path_append(struct text *out, bool wandb, struct error *error);

#endif
