#include "daemon/studies/job.h"

void study_job_run(struct study_job *job)
{
	job->run(job);
}

bool study_job_is_long(const struct study_job *job)
{
	return job->is_long;
}
