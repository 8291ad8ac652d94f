#include "worker/tokenizers/tokenizer_write.h"

#include <string.h>

#include "schema/base/file.h"
#include "schema/base/text.h"
#include "worker/tokenizers/tokenizer.h"
#include "worker/tokenizers/tokenizer_parts.h"

/* Behind the string at `at`, in JSON that was read once. */
static const char *pass_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\')
			at++;
	return at < end ? at + 1 : end;
}

/* The bracket that closes the array `added_tokens`, or NULL when the file has none. */
static const char *added_end(const char *at, const char *end)
{
	static const char key[] = "\"added_tokens\"";
	bool inside = false;
	for (size_t depth = 0; at < end;) {
		if (*at == '"') {
			const char *const after = pass_string(at, end);
			inside |= depth == 1 && (size_t)(after - at) == sizeof key - 1 &&
			          memcmp(at, key, sizeof key - 1) == 0;
			at = after;
			continue;
		}
		depth += *at == '{' || *at == '[';
		depth -= (*at == '}' || *at == ']') && depth > 0;
		if (inside && depth == 1 && *at == ']')
			return at;
		at++;
	}
	return NULL;
}

static bool ends_empty(const char *from, const char *end)
{
	while (end > from && strchr(" \t\r\n", end[-1]))
		end--;
	return end == from || end[-1] == '[' || end[-1] == '{';
}

static void append_object(struct text *out, const struct added_token *token)
{
	text_printf(out, "\n    {\"id\": %d, \"content\": ", token->id);
	text_json_string(out, token->content, false);
	text_append(out, ", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, "
	                 "\"special\": true}");
}

static void append_member(struct text *out, const struct added_token *token)
{
	text_append(out, "\n  ");
	text_json_string(out, token->content, false);
	text_printf(out, ": %d", token->id);
}

static void append_new(struct text *out, const struct tokenizer *tokenizer,
        void (*append)(struct text *out, const struct added_token *token), bool first)
{
	for (size_t i = tokenizer->first_new; i < tokenizer->added.count; i++) {
		if (!first)
			text_append(out, ",");
		append(out, &tokenizer->added.tokens[i]);
		first = false;
	}
}

static void render_whole(struct text *out, const struct tokenizer *tokenizer)
{
	const char *bytes = tokenizer->files.files[FILE_TOKENIZER].bytes;
	const char *const end = bytes + tokenizer->files.files[FILE_TOKENIZER].length, *const stop =
	                                                                                       added_end(bytes, end);
	if (!stop) {
		const char *const open = strchr(bytes, '{');
		text_append(out, "{\n  \"added_tokens\": [");
		append_new(out, tokenizer, append_object, true);
		text_append(out, "\n  ],");
		text_append_bytes(out, open + 1, (size_t)(end - open) - 1);
		return;
	}
	text_append_bytes(out, bytes, (size_t)(stop - bytes));
	append_new(out, tokenizer, append_object, ends_empty(bytes, stop));
	text_append_bytes(out, stop, (size_t)(end - stop));
}

static void render_added(struct text *out, const struct tokenizer *tokenizer)
{
	const char *bytes = tokenizer->files.files[FILE_ADDED].bytes;
	const char *const old = bytes ? bytes : "{}", *const stop = strrchr(old, '}');
	text_append_bytes(out, old, (size_t)(stop - old));
	append_new(out, tokenizer, append_member, ends_empty(old, stop));
	text_append(out, "\n}\n");
}

/* Appends the file's content to the empty text. False when the tokenizer has no such file. */
static bool render(struct text *out, const struct tokenizer *tokenizer, enum tokenizer_file file)
{
	const bool grown = tokenizer_grew(tokenizer);
	const bool whole = tokenizer->files.files[FILE_TOKENIZER].bytes;
	const char *bytes = tokenizer->files.files[file].bytes;
	if (file == FILE_TOKENIZER && grown && whole)
		render_whole(out, tokenizer);
	else if (file == FILE_ADDED && grown && (!whole || bytes))
		render_added(out, tokenizer);
	else if (bytes)
		text_append_bytes(out, bytes, tokenizer->files.files[file].length);
	else
		return false;
	return true;
}

static int write_one(
        const struct tokenizer *tokenizer, enum tokenizer_file file, const char *folder, struct error *error)
{
	struct text content = TEXT_NULL, path = TEXT_NULL;
	const bool exists = render(&content, tokenizer, file);
	text_printf(&path, "%s/%s", folder, tokenizer_file_names[file]);
	int rc = content.failed || path.failed ? error_no_memory(error) : 0;
	if (rc == 0 && exists)
		rc = file_write(path.data, text_string(&content), content.length, error);
	text_finish(&content);
	text_finish(&path);
	return rc;
}

int tokenizer_write(const struct tokenizer *tokenizer, const char *folder, struct error *error)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < TOKENIZER_FILES; i++)
		rc = write_one(tokenizer, (enum tokenizer_file)i, folder, error);
	return rc;
}

int tokenizer_digest(char out[SHA256_HEX_BYTES], const struct tokenizer *tokenizer)
{
	struct text content = TEXT_NULL, heading = TEXT_NULL;
	struct sha256 digest;
	bool failed = false;
	sha256_init(&digest);
	for (size_t i = 0; i < TOKENIZER_FILES; i++) {
		text_clear(&content);
		if (!render(&content, tokenizer, (enum tokenizer_file)i))
			continue;
		text_clear(&heading);
		text_printf(&heading, "%s %zu\n", tokenizer_file_names[i], content.length);
		failed |= content.failed || heading.failed;
		sha256_add(&digest, text_string(&heading), heading.length);
		sha256_add(&digest, text_string(&content), content.length);
	}
	text_finish(&content);
	text_finish(&heading);
	sha256_read(out, &digest);
	return failed ? -ENOMEM : 0;
}
