#include "schema/study/complaints.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/study/node_json.h"

#define SENTENCE_BYTES 600
#define COMPLAINTS_MAX 200 /* nobody reads more, and a hostile file should not fill memory */

void complaints_finish(struct complaints *complaints)
{
	arena_finish(&complaints->arena);
	*complaints = (struct complaints){0};
}

static void add(struct complaints *complaints, struct complaint complaint)
{
	if (complaint.kind == COMPLAINT_ERROR)
		complaints->error_count++;
	if (complaints->count == COMPLAINTS_MAX)
		return;
	if (!complaints->items)
		complaints->items = arena_alloc(&complaints->arena, COMPLAINTS_MAX * sizeof *complaints->items);
	if (!complaints->items || !complaint.text || !complaint.path)
		complaints->failed = true;
	else
		complaints->items[complaints->count++] = complaint;
}

void complaints_add_list(struct complaints *complaints, const struct complaint *at, const char *format, va_list args)
{
	char text[SENTENCE_BYTES];
	struct complaint complaint = *at;
	vsnprintf(text, sizeof text, format, args);
	complaint.text = arena_strdup(&complaints->arena, text);
	complaint.path = at->path ? arena_strdup(&complaints->arena, at->path) : NULL;
	add(complaints, complaint);
}

void complaints_add(struct complaints *complaints, const struct complaint *at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	complaints_add_list(complaints, at, format, args);
	va_end(args);
}

static int compare_places(const void *a, const void *b)
{
	const struct complaint *left = a, *right = b;
	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	if (left->column != right->column)
		return left->column < right->column ? -1 : 1;
	return strcmp(left->text, right->text);
}

void complaints_sort(struct complaints *complaints)
{
	if (complaints->count)
		qsort(complaints->items, complaints->count, sizeof *complaints->items, compare_places);
}

void complaints_append_text(const struct complaints *complaints, struct text *out)
{
	for (size_t i = 0; i < complaints->count; i++) {
		const struct complaint *item = &complaints->items[i];
		text_printf(out, "%s:%zu:%zu: %s: %s%s%s\n", complaints->file ? complaints->file : "", item->line,
		        item->column, item->kind == COMPLAINT_ERROR ? "error" : "warning", item->path,
		        *item->path ? ": " : "", item->text);
	}
}
