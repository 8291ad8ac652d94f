/* Which trial to use, and what speaks for it. */
#include "daemon/network/request.h"
#include "daemon/studies/table_best.h"

int request_study_best(struct request *request, const void *params, void *answer)
{
	return study_table_best(answer, request->around->table, params, request->arena, &request->error);
}
