/* Outcomes of choosing a point besides 0 and a negative errno. */
#ifndef DAEMON_SAMPLERS_OUTCOME_H
#define DAEMON_SAMPLERS_OUTCOME_H

enum sampler_outcome {
	SAMPLER_EXHAUSTED = 1, /* a finite method has nothing new to offer */
};

#endif
