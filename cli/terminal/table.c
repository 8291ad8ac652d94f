#include "cli/terminal/table.h"

#include <assert.h>
#include <stdint.h>

#include "cli/terminal/exit_code.h"
#include "cli/terminal/format.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"

#define GAP 2
#define COLUMN_MAX 16
#define NARROWEST 6

void table_init(struct table *table, const struct column *columns, size_t column_count)
{
	assert(column_count > 0 && column_count <= COLUMN_MAX);
	*table = (struct table){.columns = columns, .column_count = column_count};
}

void table_finish(struct table *table)
{
	arena_finish(&table->arena);
	memory_free(table->cells);
	*table = (struct table){0};
}

/* Cells come from workers and study files: an escape sequence in one must not reach the
 * terminal. */
static const char *clean_copy(struct arena *arena, const char *cell)
{
	struct text text = TEXT_NULL;
	size_t plain = cell ? utf8_plain_span(cell) : 0;
	if (!cell || !cell[plain])
		return arena_strndup(arena, cell ? cell : "", plain);
	format_clip(cell, SIZE_MAX, &text);
	const char *copy = text.failed ? NULL : arena_strdup(arena, text_string(&text));
	text_finish(&text);
	return copy;
}

void table_add(struct table *table, const char *const *cells)
{
	table->failed = table->failed || array_reserve_rows(table->cells, &table->row_capacity, table->row_count + 1,
	                                         table->column_count) < 0;
	if (table->failed)
		return;
	const char **row = table->cells + table->row_count * table->column_count;
	for (size_t i = 0; i < table->column_count; i++) {
		row[i] = clean_copy(&table->arena, cells[i]);
		table->failed = table->failed || !row[i];
	}
	table->row_count += !table->failed;
}

static size_t natural_width(const struct table *table, size_t column)
{
	size_t width = utf8_columns(table->columns[column].title);
	for (size_t row = 0; row < table->row_count; row++) {
		size_t cell = utf8_columns(table->cells[row * table->column_count + column]);
		width = cell > width ? cell : width;
	}
	return width;
}

/* Narrows the widest flexible column step by step until the line fits or none can give more. */
static void fit_widths(const struct table *table, size_t *widths, size_t limit)
{
	size_t total = GAP * (table->column_count - 1);
	for (size_t i = 0; i < table->column_count; i++)
		total += widths[i] = natural_width(table, i);
	while (total > limit) {
		size_t widest = SIZE_MAX;
		for (size_t i = 0; i < table->column_count; i++)
			if (table->columns[i].flexible && widths[i] > NARROWEST &&
			        (widest == SIZE_MAX || widths[i] > widths[widest]))
				widest = i;
		if (widest == SIZE_MAX)
			return;
		widths[widest]--;
		total--;
	}
}

static void append_padding(size_t columns, struct text *out)
{
	static const char blanks[] = "                ";
	for (size_t left = columns, some; left > 0; left -= some) {
		some = left < sizeof blanks - 1 ? left : sizeof blanks - 1;
		text_append_bytes(out, blanks, some);
	}
}

struct line_style {
	const struct output *output;
	bool title;
};

static void append_cell(
        const struct column *column, const char *cell, size_t width, struct line_style line, struct text *out)
{
	enum style style = line.title ? STYLE_BOLD : column->style ? column->style(cell) : STYLE_PLAIN;
	struct text shown = TEXT_NULL; /* a column less where a wide character was cut off */
	format_clip(cell, width, &shown);
	size_t padding = width - utf8_columns(text_string(&shown));
	append_padding(column->right ? padding : 0, out);
	text_append(out, style == STYLE_PLAIN ? "" : output_style(line.output, style));
	text_append(out, text_string(&shown));
	text_append(out, style == STYLE_PLAIN ? "" : output_style(line.output, STYLE_PLAIN));
	append_padding(column->right ? 0 : padding, out);
	out->failed = out->failed || shown.failed;
	text_finish(&shown);
}

static void append_row(const struct table *table, const char *const *row, const size_t *widths,
        const struct output *output, struct text *out)
{
	struct line_style line = {output, row == NULL};
	for (size_t i = 0; i < table->column_count; i++) {
		append_padding(i ? GAP : 0, out);
		append_cell(&table->columns[i], row ? row[i] : table->columns[i].title, widths[i], line, out);
	}
	while (out->length > 0 && out->data[out->length - 1] == ' ')
		out->data[--out->length] = '\0';
	text_append(out, "\n");
}

int table_print(const struct table *table, const struct output *output)
{
	struct text text = TEXT_NULL;
	size_t widths[COLUMN_MAX];
	text.failed = table->failed;
	if (!table->failed) {
		fit_widths(table, widths, output->width);
		append_row(table, NULL, widths, output, &text);
		for (size_t i = 0; i < table->row_count; i++)
			append_row(table, table->cells + i * table->column_count, widths, output, &text);
	}
	int rc = output_text(output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : EXIT_OK;
}
