/* Parameters: how much each decides. */
#include "daemon/network/request.h"
#include "daemon/studies/table_importance.h"

int request_study_importance(struct request *request, const void *params, void *answer)
{
	const struct importance_inquiry inquiry = {params, request->importance};
	return study_table_importance(answer, request->around->table, &inquiry, request->arena, &request->error);
}
