#include "schema/study/complain.h"

static struct complaint place_of(struct complaints *complaints, const struct node *node, enum complaint_kind kind)
{
	return (struct complaint){kind, node->line, node->column, node_path(node, &complaints->arena), NULL};
}

void complain_error(struct complaints *complaints, const struct node *node, const char *format, ...)
{
	const struct complaint at = place_of(complaints, node, COMPLAINT_ERROR);
	va_list args;
	va_start(args, format);
	complaints_add_list(complaints, &at, format, args);
	va_end(args);
}

void complain_warning(struct complaints *complaints, const struct node *node, const char *format, ...)
{
	const struct complaint at = place_of(complaints, node, COMPLAINT_WARNING);
	va_list args;
	va_start(args, format);
	complaints_add_list(complaints, &at, format, args);
	va_end(args);
}
