#include "schema/base/list.h"

#include <assert.h>

void list_init(struct list *list)
{
	list->head.next = list->head.prev = &list->head;
}

void list_append(struct list *list, struct list_link *link)
{
	assert(list->head.next && !link->next && !link->prev);
	link->prev = list->head.prev;
	link->next = &list->head;
	list->head.prev->next = link;
	list->head.prev = link;
}

void list_insert(struct list_link *at, struct list_link *link)
{
	assert(!link->next && !link->prev);
	link->next = at;
	link->prev = at->prev;
	at->prev->next = link;
	at->prev = link;
}

void list_remove(struct list_link *link)
{
	if (!link->next)
		return;
	assert(link->next->prev == link && link->prev->next == link);
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = link->prev = NULL;
}

bool list_empty(const struct list *list)
{
	return list->head.next == &list->head;
}
