#include "worker/agent/report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "schema/space/json_parse.h"

/* One look. */
struct look {
	void (*each)(void *context, const char *text);
	void *context;
	bool unchanged; /* since the last look */
	bool last;      /* half a line is a line */
};

void report_file_init(struct report_file *file, const char *path)
{
	*file = (struct report_file){.path = path};
	error_set(&file->trouble, 0, "%s was never there", path);
}

void report_file_finish(struct report_file *file)
{
	text_finish(&file->content);
}

/* ---- reading ---- */

static bool same_state(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool read_all(struct report_file *file, int descriptor)
{
	char buffer[65536];
	ssize_t count;
	text_clear(&file->content);
	while ((count = read(descriptor, buffer, sizeof buffer)) > 0 && file->content.length <= REPORT_FILE_MAX_BYTES)
		text_append_bytes(&file->content, buffer, (size_t)count);
	return count == 0 && !file->content.failed;
}

/* True with content. Opening must not wait, as a named pipe would let it. */
static bool open_and_read(struct report_file *file, struct look *look)
{
	struct stat now;
	int descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0 || fstat(descriptor, &now) < 0) {
		if (errno != ENOENT)
			error_set(&file->trouble, 0, "%s: %s", file->path, strerror(errno));
		if (descriptor >= 0)
			close(descriptor);
		return false;
	}
	bool good = false;
	look->unchanged = same_state(&now, &file->seen);
	if (!S_ISREG(now.st_mode))
		error_set(&file->trouble, 0, "%s is no regular file", file->path);
	else if ((uint64_t)now.st_size > REPORT_FILE_MAX_BYTES)
		error_set(&file->trouble, 0, "%s is larger than %zu MiB", file->path, REPORT_FILE_MAX_BYTES >> 20);
	else if (!look->unchanged || file->half || look->last)
		good = read_all(file, descriptor);
	if (good)
		file->seen = now;
	close(descriptor);
	return good;
}

/* ---- hearing ---- */

/* FNV-1a. */
static uint64_t hash(const char *bytes, size_t count)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < count; i++)
		value = (value ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return value;
}

static void note_heard(struct report_file *file, const char *text, size_t bytes)
{
	file->heard_bytes = bytes;
	file->heard_hash = hash(text, bytes);
}

/* A list grows, or was written anew with fewer items. */
static void hear_items(struct report_file *file, const cJSON *list, const struct look *look)
{
	size_t count = (size_t)cJSON_GetArraySize(list), i = 0;
	size_t first = count >= file->heard_items ? file->heard_items : 0;
	for (const cJSON *item = list->child; item; item = item->next) {
		struct text one = TEXT_NULL;
		json_append(item, &one);
		if (i++ >= first && !one.failed)
			look->each(look->context, text_string(&one));
		text_finish(&one);
	}
	file->heard_items = count;
}

/* The whole text as one JSON value, on however many lines. */
static bool hear_value(struct report_file *file, const char *text, const struct look *look)
{
	cJSON *value = json_parse(text, strlen(text), NULL);
	bool object = cJSON_IsObject(value), list = cJSON_IsArray(value);
	bool heard = look->unchanged && file->heard_bytes == strlen(text);
	if (object && !heard)
		look->each(look->context, text);
	if (list)
		hear_items(file, value, look);
	if (object || list)
		note_heard(file, text, strlen(text));
	cJSON_Delete(value);
	return object || list;
}

/* JSON over several lines of which the end is missing: its lines are not to be read one by one. */
static bool is_half_a_value(const char *text)
{
	if (*text != '{' && *text != '[')
		return false;
	size_t length = strcspn(text, "\r\n");
	cJSON *line = json_parse(text, length, NULL);
	bool complete = line != NULL;
	cJSON_Delete(line);
	return !complete;
}

/* Where the new part begins: behind what was heard, if that is still there. A state of one line
 * that was written again as it was counts again. */
static size_t new_from(const struct report_file *file, const char *text, const struct look *look)
{
	size_t length = strlen(text), heard = file->heard_bytes;
	bool grown = heard <= length && hash(text, heard) == file->heard_hash;
	bool one_line = strcspn(text, "\n") + 1 >= length;
	if (grown && heard == length && one_line && !look->unchanged)
		return 0;
	return grown ? heard : 0;
}

/* Cuts a line out of the text in place, and mends the cut. */
static void hear_line(char *start, char *end, const struct look *look)
{
	char cut = *end;
	*end = '\0';
	if (*start && strcmp(start, "\r") != 0)
		look->each(look->context, start);
	*end = cut;
}

static void hear_lines(struct report_file *file, char *text, const struct look *look)
{
	char *at = text + new_from(file, text, look);
	file->half = false;
	while (*at && !file->half) {
		char *end = at + strcspn(at, "\n");
		file->half = *end == '\0' && !look->last;
		if (file->half)
			break;
		hear_line(at, end, look);
		at = end + (*end != '\0');
	}
	note_heard(file, text, (size_t)(at - text));
}

static void hear(struct report_file *file, const struct look *look)
{
	char *text = file->content.data;
	text += strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	text += strspn(text, " \t\r\n");
	file->trouble.text[0] = '\0';
	bool json = *text == '{' || *text == '[';
	if (json && hear_value(file, text, look))
		return;
	if (json && is_half_a_value(text))
		error_set(&file->trouble, 0, "%s is no whole JSON", file->path);
	else
		hear_lines(file, text, look);
}

void report_file_look(struct report_file *file, bool last, void (*each)(void *context, const char *text), void *context)
{
	struct look look = {.each = each, .context = context, .last = last};
	if (!open_and_read(file, &look) || file->content.length == 0)
		return;
	look.last |= look.unchanged; /* what stays half for a while is whole */
	hear(file, &look);
}
