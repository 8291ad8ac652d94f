#include "daemon/access/knocks.h"

#include <stdio.h>
#include <string.h>

static struct knock *find(struct knocks *knocks, const char *from)
{
	for (size_t i = 0; i < knocks->count; i++)
		if (strncmp(knocks->items[i].from, from, KNOCK_ADDRESS_BYTES - 1) == 0)
			return &knocks->items[i];
	return NULL;
}

static struct knock *oldest(struct knocks *knocks)
{
	struct knock *oldest = knocks->items;
	for (size_t i = 1; i < knocks->count; i++)
		if (knocks->items[i].told.ms < oldest->told.ms)
			oldest = &knocks->items[i];
	return oldest;
}

int64_t knocks_note(struct knocks *knocks, const char *from, struct monotime now)
{
	struct knock *knock = find(knocks, from);
	if (knock && now.ms - knock->told.ms < KNOCKS_EVERY_MS) {
		knock->silent_count++;
		return -1;
	}
	int64_t silent_count = knock ? knock->silent_count : 0;
	if (!knock)
		knock = knocks->count < KNOCKS_MAX ? &knocks->items[knocks->count++] : oldest(knocks);
	*knock = (struct knock){.told = now};
	snprintf(knock->from, sizeof knock->from, "%s", from);
	return silent_count;
}
