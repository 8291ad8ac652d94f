#include "cli/command_line/arguments.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cli/command_line/nearest.h"
#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/base/option_line.h"

static const struct option *find(const struct arguments *arguments, const char *name)
{
	const struct option *option = option_find(&arguments->groups[0], name, strlen(name));
	return option ? option : option_find(&arguments->groups[1], name, strlen(name));
}

static int keep_value(void *context, const struct option *option, const char *value, struct error *error)
{
	struct arguments *out = context;
	int rc = option_check(option, value, error);
	if (rc == 0 && option->kind == OPTION_CHOICE)
		value = option->choices[option_find_choice(option, value, error)];
	if (rc == 0)
		out->values[out->value_count++] = (struct argument_value){option, value};
	return rc;
}

/* The first operand is the command, and from then on its options are known beside those of every
 * command. */
static int keep_command(struct arguments *out, const char *word, struct error *error)
{
	const char *nearest = nearest_verb(out->verbs, word);
	out->verb = verb_find(out->verbs, word);
	if (!out->verb && nearest)
		return error_set(error, -EINVAL, "there is no command '%s'; did you mean '%s'?", word, nearest);
	if (!out->verb)
		return error_set(error, -EINVAL, "there is no command '%s'; 'kre-search help' lists them", word);
	out->groups[0] = verb_options(out->verb);
	return 0;
}

static int keep_operand(void *context, const char *word, struct error *error)
{
	struct arguments *out = context;
	if (!out->verb)
		return keep_command(out, word, error);
	out->operands[out->operand_count++] = word;
	return 0;
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
	        .groups = {{.count = 0}, global_options},
	        .operands = memory_alloc(room, sizeof *out->operands),
	        .values = memory_alloc(room, sizeof *out->values),
	};
	if (!out->operands || !out->values)
		return error_no_memory(error);
	if (!*argv)
		return 0;
	const struct option_line line = {out->groups, 2, .operand = keep_operand, .keep = keep_value, .context = out};
	int rc = option_line_read(&line, (const char *const *)argv + 1, error);
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
	const struct option *option = find(arguments, name);
	assert(option);
	for (size_t i = arguments->value_count; i > 0; i--)
		if (arguments->values[i - 1].option == option)
			return arguments->values[i - 1].value;
	return option->fallback;
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

void arguments_texts(struct option_texts *out, const struct arguments *arguments, const char *name)
{
	const struct option *option = find(arguments, name);
	assert(option);
	*out = (struct option_texts){0};
	for (size_t i = 0; i < arguments->value_count && out->count < OPTION_TEXTS_MAX; i++)
		if (arguments->values[i].option == option)
			out->items[out->count++] = arguments->values[i].value;
}

const char *arguments_operand(const struct arguments *arguments, size_t index)
{
	return index < arguments->operand_count ? arguments->operands[index] : NULL;
}
