/* The competition's CSV: id,sentence,subject_entity,object_entity,label,source. */
#include <errno.h>
#include <string.h>

#include "worker/data/csv.h"
#include "worker/data/entity_literal.h"
#include "worker/data/format.h"
#include "worker/data/row.h"

enum csv_column { COLUMN_ID, COLUMN_SENTENCE, COLUMN_SUBJECT, COLUMN_OBJECT, COLUMN_LABEL, COLUMN_COUNT };

/* The second name is what the datasets library calls it. */
static const char *const column_names[COLUMN_COUNT][2] = {
        {"id", "guid"}, {"sentence"}, {"subject_entity"}, {"object_entity"}, {"label"}};

#define ABSENT ((size_t)-1)

struct csv_table {
	struct csv csv;
	size_t columns[COLUMN_COUNT]; /* field number of each column; ABSENT */
	struct entity_literal subject, object;
};

static bool csv_recognised(const struct dataset_source *source)
{
	const char *line_end = memchr(source->bytes, '\n', source->length);
	size_t length = line_end ? (size_t)(line_end - source->bytes) : source->length;
	char header[256];
	if (length >= sizeof header)
		return false;
	memcpy(header, source->bytes, length);
	header[length] = '\0';
	return strstr(header, "subject_entity") && strchr(header, ',') && !strchr(header, '{');
}

static bool is_called(const char *field, size_t column)
{
	const char *const *names = column_names[column];
	return strcmp(field, names[0]) == 0 || (names[1] && strcmp(field, names[1]) == 0);
}

static int find_columns(struct reading *reading, struct csv_table *table)
{
	for (size_t column = 0; column < COLUMN_COUNT; column++) {
		table->columns[column] = ABSENT;
		for (size_t i = 0; i < table->csv.field_count; i++)
			if (is_called(csv_field(&table->csv, i), column))
				table->columns[column] = i;
		if (table->columns[column] == ABSENT && column != COLUMN_LABEL)
			return error_set(reading->error, -EINVAL, "%s:1: there is no column \"%s\"",
			        reading->source->name, column_names[column][0]);
	}
	return 0;
}

static const char *cell(const struct csv_table *table, enum csv_column column)
{
	return csv_field(&table->csv, table->columns[column]);
}

static bool parse_entity(
        struct row_entity *out, struct reading *reading, struct csv_table *table, enum csv_column column)
{
	struct entity_literal *literal = column == COLUMN_SUBJECT ? &table->subject : &table->object;
	const char *complaint = entity_literal_parse(literal, cell(table, column));
	if (complaint) {
		row_reject(reading, table->csv.record_line, "%s %s", column_names[column][0], complaint);
		return false;
	}
	*out = (struct row_entity){
	        text_string(&literal->word), text_string(&literal->type), literal->start, literal->end};
	return true;
}

static int add_record(struct reading *reading, struct csv_table *table)
{
	struct row row = {.line = table->csv.record_line,
	        .id = cell(table, COLUMN_ID),
	        .sentence = cell(table, COLUMN_SENTENCE),
	        .label = table->columns[COLUMN_LABEL] == ABSENT ? NULL : cell(table, COLUMN_LABEL)};
	row.is_exported = row_id_is_klue(row.id);
	if (table->csv.has_nul) {
		row_reject(reading, row.line, "the row holds a NUL byte");
		return 0;
	}
	bool parsed = parse_entity(&row.subject, reading, table, COLUMN_SUBJECT) &&
	              parse_entity(&row.object, reading, table, COLUMN_OBJECT);
	if (table->subject.failed || table->object.failed)
		return -ENOMEM;
	return parsed ? row_add(reading, &row) : 0;
}

static int read_records(struct reading *reading, struct csv_table *table)
{
	size_t header_fields = table->csv.field_count;
	int rc = 0, got;
	while (rc == 0 && (got = csv_next(&table->csv)) != 0) {
		if (got == -EINVAL && table->csv.is_open)
			rc = error_set(reading->error, -EINVAL,
			        "%s:%zu: a quote is never closed, so that all rows behind it are lost",
			        reading->source->name, table->csv.record_line);
		else if (got == -EINVAL)
			row_reject(reading, table->csv.record_line, "a quote is out of place");
		else if (got < 0)
			rc = got;
		else if (table->csv.field_count != header_fields)
			row_reject(reading, table->csv.record_line, "the row has %zu fields, the header %zu",
			        table->csv.field_count, header_fields);
		else
			rc = add_record(reading, table);
	}
	return rc;
}

static int read_csv(struct reading *reading)
{
	struct csv_table table = {0};
	csv_init(&table.csv, reading->source->bytes, reading->source->length);
	int rc = csv_next(&table.csv);
	if (rc == CSV_RECORD)
		rc = find_columns(reading, &table);
	else if (rc == -EINVAL)
		error_set(reading->error, rc, "%s:1: the header is not CSV", reading->source->name);
	if (rc == 0)
		rc = read_records(reading, &table);
	entity_literal_finish(&table.subject);
	entity_literal_finish(&table.object);
	csv_finish(&table.csv);
	return rc;
}

const struct dataset_format format_klue_csv = {
        .name = "klue-csv",
        .labels = label_set_klue,
        .recognises = csv_recognised,
        .read = read_csv,
};
