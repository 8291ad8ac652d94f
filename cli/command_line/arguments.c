#include "cli/command_line/arguments.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cli/command_line/nearest.h"
#include "schema/base/memory.h"
#include "schema/base/number.h"

struct argument_reader {
	struct arguments *out;
	char **argv; /* the next word; NULL-terminated */
	struct error *error;
};

static const struct flag *find(const struct verb *verb, const char *name, size_t length)
{
	const struct flag *flag = flag_find(verb ? verb->flags : NULL, name, length);
	return flag ? flag : flag_find(global_flags, name, length);
}

static int unknown_flag(struct argument_reader *reader, const char *word)
{
	const char *nearest = nearest_flag(reader->out->verb, word + 2);
	if (nearest)
		return error_set(reader->error, -EINVAL, "there is no option %s; did you mean --%s?", word, nearest);
	return error_set(reader->error, -EINVAL, "there is no option %s", word);
}

static int keep_value(struct argument_reader *reader, const struct flag *flag, const char *value)
{
	if (!flag_accepts(flag, value))
		return error_set(reader->error, -EINVAL, "--%s takes %s, not '%s'", flag->name,
		        flag->kind == FLAG_COUNT ? "a whole number" : flag->argument, value);
	reader->out->values[reader->out->value_count++] = (struct argument_value){flag, value};
	return 0;
}

static int read_flag(struct argument_reader *reader, const char *word)
{
	size_t length = strcspn(word + 2, "=");
	const char *attached = word[2 + length] ? word + 2 + length + 1 : NULL;
	const struct flag *flag = find(reader->out->verb, word + 2, length);
	if (!flag)
		return unknown_flag(reader, word);
	if (flag->kind == FLAG_SWITCH)
		return attached ? error_set(reader->error, -EINVAL, "--%s takes no value", flag->name)
		                : keep_value(reader, flag, "");
	const char *value = attached ? attached : *reader->argv;
	if (!value)
		return error_set(reader->error, -EINVAL, "--%s needs a value: %s", flag->name, flag->argument);
	reader->argv += !attached;
	return keep_value(reader, flag, value);
}

static int read_operand(struct argument_reader *reader, const char *word)
{
	struct arguments *out = reader->out;
	if (out->verb) {
		out->operands[out->operand_count++] = word;
		return 0;
	}
	out->verb = verb_find(out->verbs, word);
	if (out->verb)
		return 0;
	const char *nearest = nearest_verb(out->verbs, word);
	if (nearest)
		return error_set(reader->error, -EINVAL, "there is no command '%s'; did you mean '%s'?", word, nearest);
	return error_set(reader->error, -EINVAL, "there is no command '%s'; 'kre-search help' lists them", word);
}

static int read_words(struct argument_reader *reader)
{
	bool operands_only = false;
	int rc = 0;
	while (rc == 0 && *reader->argv) {
		const char *word = *reader->argv++;
		if (!operands_only && strcmp(word, "--") == 0)
			operands_only = true;
		else if (!operands_only && strcmp(word, "-h") == 0)
			rc = read_flag(reader, "--help");
		else if (!operands_only && strncmp(word, "--", 2) == 0)
			rc = read_flag(reader, word);
		else
			rc = read_operand(reader, word);
	}
	return rc;
}

static int check_operands(const struct arguments *arguments, struct error *error)
{
	const struct verb *verb = arguments->verb;
	if (!verb || arguments_switch(arguments, "help"))
		return 0;
	if (arguments->operand_count < verb->operand_min)
		return error_set(error, -EINVAL, "'%s' needs %s", verb->name, verb->operands);
	if (arguments->operand_count > verb->operand_max)
		return error_set(
		        error, -EINVAL, "'%s' does not take '%s'", verb->name, arguments->operands[verb->operand_max]);
	return 0;
}

static size_t count_words(char *const *argv)
{
	size_t count = 0;
	while (argv[count])
		count++;
	return count;
}

int arguments_parse(struct arguments *out, const struct verb *const *verbs, char **argv, struct error *error)
{
	size_t room = count_words(argv) + 1;
	*out = (struct arguments){
	        .verbs = verbs,
	        .operands = memory_alloc(room, sizeof *out->operands),
	        .values = memory_alloc(room, sizeof *out->values),
	};
	if (!out->operands || !out->values)
		return error_no_memory(error);
	if (!*argv)
		return 0;
	struct argument_reader reader = {out, argv + 1, error};
	int rc = read_words(&reader);
	return rc ? rc : check_operands(out, error);
}

void arguments_finish(struct arguments *arguments)
{
	memory_free(arguments->operands);
	memory_free(arguments->values);
	*arguments = (struct arguments){0};
}

const char *arguments_text(const struct arguments *arguments, const char *name)
{
	const struct flag *flag = find(arguments->verb, name, strlen(name));
	assert(flag);
	for (size_t i = arguments->value_count; i > 0; i--)
		if (arguments->values[i - 1].flag == flag)
			return arguments->values[i - 1].value;
	return flag->fallback;
}

bool arguments_switch(const struct arguments *arguments, const char *name)
{
	return arguments_text(arguments, name) != NULL;
}

int64_t arguments_count(const struct arguments *arguments, const char *name)
{
	double number;
	const char *text = arguments_text(arguments, name);
	return text && number_parse(&number, text, false) ? (int64_t)number : -1;
}

const char *arguments_operand(const struct arguments *arguments, size_t index)
{
	return index < arguments->operand_count ? arguments->operands[index] : NULL;
}
