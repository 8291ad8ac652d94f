/* What the functions of this room end with besides 0 and a negative errno. */
#ifndef DAEMON_SAMPLERS_OUTCOME_H
#define DAEMON_SAMPLERS_OUTCOME_H

enum sampler_outcome {
	SAMPLER_EXHAUSTED = 300, /* of choosing a point: a finite method has nothing new to offer */
	ESTIMATES_NONE,          /* no model says more of the trials than their values */
	/* inside of this room only */
	INTAKE_SHORT,   /* there are not that many complete trials yet */
	GP_SINGULAR,    /* the points allow no factor */
	CMA_DEGENERATE, /* the covariance has become too ill-conditioned to go on */
};

#endif
