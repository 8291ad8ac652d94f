#include "schema/study/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/space/leaf.h"

#define PARAM_MACRO "${param:"

/* An argv being built. */
struct argv_builder {
	struct arena *arena;
	const char **items; /* owned until copied to the arena */
	size_t count, capacity;
	const struct study_spec *spec;
	const struct leaf *leaves;
	size_t leaf_count;
	bool failed;
};

static void push(struct argv_builder *builder, const char *element)
{
	builder->failed = builder->failed || !element ||
	                  array_reserve(builder->items, &builder->capacity, builder->count + 1) < 0;
	if (!builder->failed)
		builder->items[builder->count++] = element;
}

static const char *keep(struct argv_builder *builder, struct text *text)
{
	const char *copy = text->failed ? NULL : arena_strdup(builder->arena, text_string(text));
	text_finish(text);
	return copy;
}

/* Where a macro begins, or would with what comes behind: the next '$' before '{' or at the end. */
static const char *find_beginning(const char *text)
{
	const char *at = text ? strchr(text, '$') : NULL;
	while (at && at[1] && at[1] != '{')
		at = strchr(at + 1, '$');
	return at;
}

/* What came out of a parameter, with the beginnings of macros in it made harmless. */
static const char *protect(struct argv_builder *builder, const char *element)
{
	struct text text = TEXT_NULL;
	const char *start = find_beginning(element);
	if (!start)
		return element;
	for (; start; start = find_beginning(element)) {
		text_append_bytes(&text, element, (size_t)(start - element));
		text_append(&text, "${$}");
		element = start + 1;
	}
	text_append(&text, element);
	return keep(builder, &text);
}

/* The value of one flag: a leaf's text, or Python's str() of a nested group. */
static const char *value_text(struct argv_builder *builder, const struct leaf *leaves, size_t count)
{
	struct text text = TEXT_NULL;
	if (leaves[0].path_length == 1) {
		leaf_append_text(&leaves[0], &text);
		return keep(builder, &text);
	}
	leaves_append_json(leaves, count, 1, &text);
	cJSON *group = text.failed ? NULL : json_parse(text_string(&text), text.length, NULL);
	text_clear(&text);
	if (group)
		json_append_python_str(group, &text);
	else
		text.failed = true;
	cJSON_Delete(group);
	return keep(builder, &text);
}

/* How the args macros write one parameter. */
struct form {
	const char *macro;
	const char *before, *between; /* "--", "=" */
	bool two_elements, bare_flags;
};

static const struct form forms[] = {
        {"${args}", "--", "=", false, false},
        {"${args_no_equals}", "--", "", true, false},
        {"${args_no_hyphens}", "", "=", false, false},
        {"${args_append_hydra}", "+", "=", false, false},
        {"${args_override_hydra}", "++", "=", false, false},
        {"${args_no_boolean_flags}", "--", "=", false, true},
        {NULL},
};

static const char *leaf_json(const struct leaf *leaf)
{
	return leaf->constant                           ? leaf->constant->json
	       : leaf->param->kind == PARAM_CATEGORICAL ? leaf->param->choices[(size_t)leaf->value].json
	                                                : "";
}

static void push_param(struct argv_builder *builder, const struct form *form, const struct leaf *leaves, size_t count)
{
	const char *name = leaves[0].path[0], *value = value_text(builder, leaves, count);
	const char *json = leaves[0].path_length == 1 ? leaf_json(&leaves[0]) : "";
	if (!value) {
		builder->failed = true;
	} else if (form->bare_flags && strcmp(json, "true") == 0) {
		push(builder, arena_printf(builder->arena, "--%s", name));
	} else if (form->bare_flags && strcmp(json, "false") == 0) {
		return;
	} else if (form->two_elements) {
		push(builder, arena_printf(builder->arena, "%s%s", form->before, name));
		push(builder, protect(builder, value));
	} else {
		value = protect(builder, value);
		push(builder, arena_printf(builder->arena, "%s%s%s%s", form->before, name, form->between, value));
	}
}

static void push_params(struct argv_builder *builder, const struct form *form)
{
	for (size_t i = 0, group; i < builder->leaf_count; i += group) {
		group = leaf_group(&builder->leaves[i], builder->leaf_count - i, 0);
		push_param(builder, form, &builder->leaves[i], group);
	}
}

static void push_json(struct argv_builder *builder)
{
	struct text text = TEXT_NULL;
	leaves_append_json(builder->leaves, builder->leaf_count, 0, &text);
	cJSON *all = text.failed ? NULL : json_parse(text_string(&text), text.length, NULL);
	text_clear(&text);
	if (all)
		json_append_python(all, true, &text);
	else
		text.failed = true;
	cJSON_Delete(all);
	push(builder, protect(builder, keep(builder, &text)));
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_macro(const char *element)
{
	size_t length = strlen(element);
	return starts_with(element, "${") && element[length - 1] == '}' && strchr(element, '}') == element + length - 1;
}

/* The agent knows what these stand for. */
static bool is_agents(const char *element)
{
	static const char *const names[] = {
	        "${args_json_file}", "${run_dir}", "${number}", "${fold}", "${seed}", "${$}"};
	bool known = starts_with(element, "${file:") || starts_with(element, "${envvar:");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		known |= strcmp(element, names[i]) == 0;
	return known;
}

/* True when the path, joined by dots, is the name. */
static bool is_called(const struct leaf *leaf, const char *name, size_t length)
{
	for (size_t i = 0; i < leaf->path_length; i++) {
		size_t part = strlen(leaf->path[i]);
		if (part > length || memcmp(leaf->path[i], name, part) != 0)
			return false;
		name += part;
		length -= part;
		if (i + 1 < leaf->path_length && (length == 0 || *name++ != '.' || length-- == 0))
			return false;
	}
	return length == 0;
}

/* The value of the parameter or group of that name; NULL when it is not active. */
static const char *param_text(struct argv_builder *builder, const char *name, size_t length)
{
	struct text text = TEXT_NULL;
	for (size_t i = 0; i < builder->leaf_count; i++) {
		const struct leaf *leaf = &builder->leaves[i];
		if (is_called(leaf, name, length)) {
			leaf_append_text(leaf, &text);
			return keep(builder, &text);
		}
		if (strlen(leaf->path[0]) == length && memcmp(leaf->path[0], name, length) == 0)
			return value_text(builder, leaf, leaf_group(leaf, builder->leaf_count - i, 0));
	}
	return NULL;
}

/* An element with ${param:NAME} in it; it is left out when one of them is not active. */
static void push_with_params(struct argv_builder *builder, const char *element)
{
	struct text text = TEXT_NULL;
	bool active = true;
	const char *start, *end;
	while (active && (start = strstr(element, PARAM_MACRO)) && (end = strchr(start, '}'))) {
		const char *name = start + strlen(PARAM_MACRO);
		const char *value = param_text(builder, name, (size_t)(end - name));
		active = value != NULL;
		text_append_bytes(&text, element, (size_t)(start - element));
		text_append(&text, active ? protect(builder, value) : "");
		element = end + 1;
	}
	text_append(&text, element);
	if (active)
		push(builder, keep(builder, &text));
	text_finish(&text);
}

static void push_element(struct argv_builder *builder, const char *element)
{
	if (strstr(element, PARAM_MACRO)) {
		push_with_params(builder, element);
		return;
	}
	if (!is_macro(element) || is_agents(element)) {
		push(builder, arena_strdup(builder->arena, element));
		return;
	}
	for (const struct form *form = forms; form->macro; form++) {
		if (strcmp(form->macro, element) == 0) {
			push_params(builder, form);
			return;
		}
	}
	if (strcmp(element, "${args_json}") == 0)
		push_json(builder);
	else if (strcmp(element, "${env}") == 0)
		push(builder, "/usr/bin/env");
	else if (strcmp(element, "${interpreter}") == 0)
		push(builder, "python");
	else if (strcmp(element, "${program}") == 0)
		push(builder, arena_strdup(builder->arena, builder->spec->program));
	/* W&B: an unknown macro disappears. */
}

static void push_kre_train(struct argv_builder *builder)
{
	push(builder, "kre-train");
	for (size_t i = 0; i < builder->spec->file_count; i++)
		if (strcmp(builder->spec->files[i].name, "train") == 0)
			push(builder, "--data=${file:train}");
	push_element(builder, "${args}");
}

static void push_command(struct argv_builder *builder)
{
	static const char *const wandb_default[] = {"${env}", "${interpreter}", "${program}", "${args}"};
	const struct study_spec *spec = builder->spec;
	bool own = spec->command_length > 0;
	if (!own && !*spec->program) {
		push_kre_train(builder);
		return;
	}
	for (size_t i = 0; i < (own ? spec->command_length : sizeof wandb_default / sizeof *wandb_default); i++)
		push_element(builder, own ? spec->command[i] : wandb_default[i]);
}

static int hand_over(struct argv_builder *builder, struct command *out)
{
	char **argv = builder->failed ? NULL : arena_alloc(builder->arena, (builder->count + 1) * sizeof *argv);
	for (size_t i = 0; argv && i < builder->count; i++)
		argv[i] = (char *)builder->items[i];
	memory_free(builder->items);
	if (!argv)
		return -ENOMEM;
	*out = (struct command){builder->count, argv};
	return 0;
}

int command_expand(struct command *out, struct arena *arena, const struct study_spec *spec, const double *point)
{
	struct argv_builder builder = {.arena = arena, .spec = spec};
	struct leaf *leaves;
	int rc = leaves_create(&leaves, &builder.leaf_count, spec->space, point);
	if (rc < 0)
		return rc;
	builder.leaves = leaves;
	push_command(&builder);
	rc = hand_over(&builder, out);
	memory_free(leaves);
	return rc;
}

/* What the agent puts in place of its macros. */
struct macro_place {
	const struct command_places *places;
	struct arena *arena;
	struct error *error;
};

static int append_file(struct text *out, const struct macro_place *place, const char *name)
{
	const char *path = place->places->find ? place->places->find(place->places->context, name) : NULL;
	if (!path)
		return error_set(
		        place->error, -ENOENT, "the command asks for the file %s, which the study does not have", name);
	text_append(out, path);
	return 0;
}

/* A reason that a run failed for repeats its words to the daemon. */
static bool is_told(const char *variable)
{
	static const char *const secrets[] = {"KRE_CONNECT", "KRE_JOIN", "WANDB_API_KEY"};
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (strcmp(variable, secrets[i]) == 0)
			return false;
	return starts_with(variable, "KRE_") || starts_with(variable, "WANDB_");
}

/* W&B: NAME has A-Z, 0-9 and _; the bare name stays where the variable is not set. */
static void append_variable(struct text *out, const struct command_places *places, const char *name)
{
	const char *value = !places->guarded || is_told(name) ? getenv(name) : NULL;
	text_append(out, value ? value : name);
}

/* What is known of the run; false for another name. */
static bool append_fact(struct text *out, const struct command_places *places, const char *name)
{
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = {{"${seed", places->seed & 0xffffffff}, {"${number", places->number}, {"${fold", places->fold}};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(name, numbers[i].name) == 0) {
			text_printf(out, "%" PRId64, numbers[i].value);
			return true;
		}
	bool folder = strcmp(name, "${run_dir") == 0 && places->run_dir;
	if (folder || strcmp(name, "${$") == 0)
		text_append(out, folder ? places->run_dir : "$");
	return folder || strcmp(name, "${$") == 0;
}

static int append_macro(struct text *out, const struct macro_place *place, const char *start, const char *end)
{
	char *name = arena_strndup(place->arena, start, (size_t)(end - start));
	if (!name)
		return -ENOMEM;
	if (starts_with(name, "${file:"))
		return append_file(out, place, name + strlen("${file:"));
	const char *variable = name + strlen("${envvar:");
	if (starts_with(name, "${envvar:") &&
	        strspn(variable, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(variable))
		append_variable(out, place->places, variable);
	else if (!append_fact(out, place->places, name))
		text_append_bytes(out, start, (size_t)(end - start) + 1);
	return 0;
}

static int localise(struct text *out, const struct macro_place *place, const char *element)
{
	if (strcmp(element, "${args_json_file}") == 0 && place->places->params_file) {
		text_append(out, place->places->params_file);
		return 0;
	}
	while (*element) {
		const char *start = strstr(element, "${"), *end = start ? strchr(start, '}') : NULL;
		if (!end) {
			text_append(out, element);
			return 0;
		}
		text_append_bytes(out, element, (size_t)(start - element));
		int rc = append_macro(out, place, start, end);
		if (rc < 0)
			return rc;
		element = end + 1;
	}
	return 0;
}

int command_localise(
        struct command *command, struct arena *arena, const struct command_places *places, struct error *error)
{
	struct macro_place place = {places, arena, error};
	for (size_t i = 0; i < command->length; i++) {
		struct text text = TEXT_NULL;
		int rc = localise(&text, &place, command->argv[i]);
		char *element = text.failed || rc < 0 ? NULL : arena_strdup(arena, text_string(&text));
		text_finish(&text);
		if (rc < 0)
			return rc;
		if (!element)
			return error_no_memory(error);
		command->argv[i] = element;
	}
	return 0;
}
