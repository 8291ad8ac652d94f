#include "daemon/access/listening.h"

#include <errno.h>
#include <string.h>

#include "daemon/storage/store_listening.h"
#include "schema/base/text.h"

static int from_store(const struct access *access, int rc, struct error *error)
{
	const struct error *cause = store_error(access->store);
	return rc == 0 ? 0 : error_fold(error, rc < 0 ? rc : -EIO, cause, "%s", cause->text);
}

/* "a,b" as a list. */
static int split(struct listening *out, const char *names, struct arena *arena)
{
	const char **items = arena_alloc(arena, LISTENING_NAMES_MAX * sizeof *items);
	size_t count = 0;
	while (items && *names && count < LISTENING_NAMES_MAX) {
		size_t length = strcspn(names, ",");
		items[count] = arena_strndup(arena, names, length);
		if (!items[count++])
			return -ENOMEM;
		names += length + (names[length] != '\0');
	}
	out->names.items = items;
	out->names.count = count;
	return items ? 0 : -ENOMEM;
}

int listening_load(struct listening *out, struct access *access, struct arena *arena, struct error *error)
{
	struct listening_record record;
	int rc = store_listening_find(&record, access->store, arena);
	if (rc == STORE_GONE)
		return LISTENING_NOWHERE;
	if (rc != 0)
		return from_store(access, rc, error);
	struct listening found = {.address = record.address, .port = record.port};
	if (split(&found, record.advertise, arena) < 0)
		return error_no_memory(error);
	*out = found;
	return 0;
}

int listening_keep(struct access *access, const struct listening *listening, struct error *error)
{
	struct text names = TEXT_NULL;
	for (size_t i = 0; listening && i < listening->names.count; i++) {
		text_append(&names, i ? "," : "");
		text_append(&names, listening->names.items[i]);
	}
	struct listening_record record = {.advertise = text_string(&names)};
	if (listening) {
		record.address = listening->address;
		record.port = listening->port;
	}
	int rc = names.failed
	                 ? error_no_memory(error)
	                 : from_store(access, store_listening_save(access->store, listening ? &record : NULL), error);
	text_finish(&names);
	return rc;
}
