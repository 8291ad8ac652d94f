/* Parameters in the form of W&B's sweep-params.yaml, as PyYAML reads them back. */
#ifndef WORKER_AGENT_SWEEP_PARAMS_H
#define WORKER_AGENT_SWEEP_PARAMS_H

#include <cjson/cJSON.h>

#include "schema/base/text.h"

/* Appends "name:\n  value: …" for each member of the object. Values are as Python writes them, but
 * for numbers that YAML 1.1 takes for texts: 1e-05 becomes 1.0e-05, also inside of lists and
 * groups. */
void sweep_params_append(struct text *out, const cJSON *params);

#endif
