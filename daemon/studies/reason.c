#include "daemon/studies/reason.h"

#include "schema/base/memory.h"
#include "schema/base/utf8.h"

#define REASON_MAX_BYTES 4096

char *reason_copy(const char *text)
{
	return memory_strndup(text, utf8_cut(text, REASON_MAX_BYTES));
}
