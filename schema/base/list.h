/* Intrusive doubly linked list. A comment at each link names the list it is on: struct list_link
 * link; // study::leases */
#ifndef SCHEMA_BASE_LIST_H
#define SCHEMA_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_link {
	struct list_link *next, *prev; /* both NULL = on no list */
};

struct list {
	struct list_link head; /* ring; head.next is the first */
};

/* Makes an empty list. */
void list_init(struct list *list);

/* Puts an unlinked element at the end. */
void list_append(struct list *list, struct list_link *link);

/* Puts an unlinked element before one that is on a list, or before the head, which is the end. */
void list_insert(struct list_link *at, struct list_link *link);

/* Takes the element off its list; an unlinked (zeroed) element is fine. */
void list_remove(struct list_link *link);

/* True when nothing is on the list / the element is on some list. */
bool list_empty(const struct list *list);
/* The struct of `type` that holds `link` as `member`. */
#define list_entry(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* Walks links in order; the body may remove `at`. `at` and `following` are struct list_link *. */
#define list_each(at, following, list)                                                                                 \
	for ((at) = (list)->head.next, (following) = (at)->next; (at) != &(list)->head;                                \
	        (at) = (following), (following) = (at)->next)

#endif
