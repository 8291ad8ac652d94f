#include "schema/study/run_keys.h"

#include <string.h>

#include "schema/base/variable_name.h"
#include "schema/study/file_folder.h"
#include "schema/study/node_json.h"
#include "schema/study/report_pattern.h"

const struct key report_keys[] = {
        {"stdout", read_elsewhere, 0, 0, 0, "text", "none", "stdout: \"name=value\"",
                "`name=value` on the program's output, or a regular expression (POSIX extended) with one group"},
        {"file", read_elsewhere, 0, 0, 0, "text", "none", "file: score.txt",
                "a file in the run's folder with the score"},
        {NULL},
};

const struct key file_keys[] = {
        {"path", read_elsewhere, 0, 0, 0, "text", "required", "path: data/train.tsv",
                "relative to the study file's folder"},
        {"sha256", read_elsewhere, 0, 0, 0, "text", "computed", "sha256: \"9f86…\"", "64 hex digits of the content"},
        {"size_bytes", read_elsewhere, 0, 0, 0, "integer", "computed", "size_bytes: 1048576", "length of the content"},
        {NULL},
};

void read_command(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	if (value->kind != NODE_LIST || value->count == 0) {
		complain_error(reader->complaints, value, "a list of texts is expected");
		return;
	}
	const char **command = reader_alloc(reader, value->count * sizeof *command);
	if (!command)
		return;
	for (size_t i = 0; i < value->count; i++)
		get_text(&command[i], reader, &value->items[i]);
	reader->spec->command = command;
	reader->spec->command_length = value->count;
}

static void read_hash(struct file_entry *out, struct reader *reader, const struct node *value)
{
	bool hex = value->kind != NODE_MAP && value->kind != NODE_LIST && strlen(value->text) == 64 &&
	           strspn(value->text, "0123456789abcdef") == 64;
	if (hex)
		out->sha256 = value->text;
	else
		complain_error(reader->complaints, value, "64 lower-case hex digits are expected");
}

static void read_file(struct reader *reader, const struct node *value, struct file_entry *out)
{
	const struct node *path = value, *hash, *size;
	double size_bytes;
	*out = (struct file_entry){.name = value->key, .path = "", .sha256 = ""};
	if (value->kind == NODE_MAP) {
		keys_read(reader, file_keys, value);
		path = node_find(value, "path");
		hash = node_find(value, "sha256");
		size = node_find(value, "size_bytes");
		if (hash)
			read_hash(out, reader, hash);
		if (size && get_integer(&size_bytes, reader, size, 0, 9007199254740992.0))
			out->size_bytes = (int64_t)size_bytes;
	}
	if (!path || path->kind != NODE_TEXT || !*path->text)
		complain_error(reader->complaints, value, "a path is expected");
	else if (*path->text != '/')
		complain_error(reader->complaints, path, "the path must be absolute here");
	else
		out->path = path->text;
	if (!file_name_is_good(value->key))
		complain_error(reader->complaints, value, "a file of a folder is called FOLDER/NAME");
}

/* A folder's place is where its files are. */
static void check_folder(struct reader *reader, const struct node *files, const struct node *file)
{
	for (size_t i = 0; i < files->count; i++)
		if (file_folder_has(file->key, strlen(file->key), files->items[i].key)) {
			complain_error(
			        reader->complaints, file, "the folder of %s has the same name", files->items[i].key);
			return;
		}
}

/* A program finds neither of them by a variable. */
static void warn_of_variable(struct reader *reader, const struct node *files, const struct node *file)
{
	const struct variable_name name = {file->key, strlen(file->key), true};
	bool alone = !variable_name_is_blank(&name);
	for (size_t i = 0; i < files->count && alone; i++) {
		const struct variable_name other = {files->items[i].key, strlen(files->items[i].key), true};
		alone = !variable_names_collide(&name, &other);
	}
	if (!alone)
		complain_warning(reader->complaints, file,
		        "no KRE_FILE_ variable is this name's alone; `${file:%s}` in `command` stands for its path",
		        file->key);
}

void read_files(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	if (value->kind != NODE_MAP) {
		complain_error(reader->complaints, value, "a map of names and paths is expected");
		return;
	}
	struct file_entry *files = reader_alloc(reader, value->count * sizeof *files);
	if (!files)
		return;
	for (size_t i = 0; i < value->count; i++)
		read_file(reader, &value->items[i], &files[i]);
	for (size_t i = 0; i < value->count; i++)
		check_folder(reader, value, &value->items[i]);
	for (size_t i = 0; i < value->count; i++)
		warn_of_variable(reader, value, &value->items[i]);
	reader->spec->files = files;
	reader->spec->file_count = value->count;
}

/* Only a file is compiled, by the program of the person who wrote it: what comes over the wire is
 * somebody else's. */
static void read_pattern(struct reader *reader, const struct node *value)
{
	struct error error;
	regex_t regex;
	int rc = report_pattern_check(value->text, &error);
	if (rc == 0 && *reader->complaints->file)
		rc = report_pattern_compile(&regex, value->text, &error);
	if (rc < 0)
		complain_error(reader->complaints, value, "%s", error.text);
	else if (*reader->complaints->file)
		regfree(&regex);
	reader->spec->report_kind = REPORT_PATTERN;
}

void read_report(struct reader *reader, const struct key *key, const struct node *value)
{
	struct study_spec *spec = reader->spec;
	if (value->kind == NODE_TEXT && strcmp(value->text, "pipe") == 0)
		return;
	keys_read(reader, key->inner, value);
	if (value->kind != NODE_MAP)
		return;
	const struct node *out = node_find(value, "stdout"), *file = node_find(value, "file");
	const struct node *source = out ? out : file;
	if (!source || (out && file) || source->kind != NODE_TEXT) {
		complain_error(reader->complaints, value, "either stdout or file is expected, as a text");
		return;
	}
	spec->report_source = source->text;
	spec->report_kind = out ? REPORT_STDOUT : REPORT_FILE;
	if (out && strcmp(out->text, "name=value") != 0)
		read_pattern(reader, out);
}

/* ---- what the command names ---- */

static bool has_name(const struct declaration *declarations, const char *name, size_t length)
{
	for (const struct declaration *at = declarations; at; at = at->next)
		if (strncmp(at->name, name, length) == 0 && (at->name[length] == '\0' || at->name[length] == '.'))
			return true;
	return false;
}

static void check_params(struct reader *reader, const struct node *element, const char *text)
{
	static const char macro[] = "${param:";
	const char *end;
	for (const char *start = text; (start = strstr(start, macro)) && (end = strchr(start, '}')); start = end) {
		const char *name = start + strlen(macro);
		if (!has_name(reader->declarations, name, (size_t)(end - name)))
			complain_error(
			        reader->complaints, element, "there is no parameter %.*s", (int)(end - name), name);
	}
}

void finish_command(struct reader *reader)
{
	const struct study_spec *spec = reader->spec;
	const struct node *command = node_find(reader->root, "command");
	for (size_t i = 0; i < spec->command_length; i++) {
		if (!spec->command[i])
			continue;
		if (strcmp(spec->command[i], "${program}") == 0 && !*spec->program)
			complain_error(reader->complaints, command, "${program} is used but `program` is missing");
		check_params(reader, &command->items[i], spec->command[i]);
	}
	if (spec->wandb && spec->report_kind != REPORT_PIPE) /* the stand-in speaks through the pipe */
		complain_warning(reader->complaints, node_find(reader->root, "wandb"),
		        "`report` says where the values are, so what the program logs to wandb is not heard; "
		        "without `report` it is");
}
