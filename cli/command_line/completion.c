#include "cli/command_line/completion.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const struct {
	const char *shell, *script;
} scripts[] = {
        {"bash", "_kre_search() {\n"
                 "\tmapfile -t COMPREPLY < <(kre-search completion words -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" "
                 "2>/dev/null)\n"
                 "\tif [ \"${COMPREPLY[0]}\" = " COMPLETION_FILES " ]; then\n"
                 "\t\tCOMPREPLY=()\n"
                 "\t\tcompopt -o default\n"
                 "\telif [ \"${COMPREPLY[0]%=}\" != \"${COMPREPLY[0]}\" ]; then\n"
                 "\t\tcompopt -o nospace\n"
                 "\tfi\n"
                 "}\n"
                 "complete -F _kre_search kre-search\n"},
        {"zsh", "#compdef kre-search\n"
                "_kre_search() {\n"
                "\tlocal -a found\n"
                "\tfound=(${(f)\"$(kre-search completion words -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"})\n"
                "\tif [[ $found[1] == " COMPLETION_FILES " ]]; then\n"
                "\t\t_files\n"
                "\telse\n"
                "\t\tcompadd -- ${found:#*=}\n"
                "\t\tcompadd -S '' -- ${(M)found:#*=}\n"
                "\tfi\n"
                "}\n"
                "if [ \"$funcstack[1]\" = _kre-search ]; then _kre_search \"$@\"; else compdef _kre_search kre-search; "
                "fi\n"},
        {"fish", "function __kre_search_words\n"
                 "\tset -l before (commandline -opc)\n"
                 "\tkre-search completion words -- $before[2..] \"$(commandline -ct)\" 2>/dev/null\n"
                 "end\n"
                 "complete -c kre-search -f -n 'test \"$(__kre_search_words)\" != " COMPLETION_FILES
                 "' -a '(__kre_search_words)'\n"
                 "complete -c kre-search -F -n 'test \"$(__kre_search_words)\" = " COMPLETION_FILES "'\n"},
};

const char *completion_script(const char *shell)
{
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		if (strcmp(scripts[i].shell, shell) == 0)
			return scripts[i].script;
	return NULL;
}

static bool is_one_word(const char *candidate)
{
	for (; *candidate; candidate++)
		if (!isalnum((unsigned char)*candidate) && !strchr("-_.,:/@%+=", *candidate) &&
		        (unsigned char)*candidate < 0x80)
			return false;
	return true;
}

/* What has been typed of the last word; nothing when that is bash's "=". */
static const char *typed(const struct completion *completion)
{
	const char *word = completion->words[completion->count - 1];
	return strcmp(word, "=") == 0 ? "" : word;
}

/* The word before the '=' at which bash has cut the last word, or NULL. */
static const char *cut_of(const struct completion *completion)
{
	const char *const *last = &completion->words[completion->count - 1];
	if (completion->count > 1 && strcmp(last[0], "=") == 0)
		return last[-1];
	return completion->count > 2 && strcmp(last[-1], "=") == 0 ? last[-2] : NULL;
}

void completion_offer(struct completion *completion, const char *before, const char *candidate)
{
	const char *word = typed(completion);
	size_t length = strlen(before);
	if (completion->cut) {
		before = "";
	} else {
		if (strncmp(word, before, strlen(word) < length ? strlen(word) : length) != 0)
			return;
		word += strlen(word) < length ? strlen(word) : length;
	}
	if (strncmp(word, candidate, strlen(word)) == 0 && is_one_word(candidate))
		text_printf(completion->out, "%s%s\n", before, candidate);
}

static void offer_names(struct completion *completion, const struct option_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		completion_offer(completion, "--", group->options[i].name);
}

static void offer_verbs(struct completion *completion, const struct verb *const *verbs)
{
	for (; *verbs; verbs++)
		completion_offer(completion, "", (*verbs)->name);
}

/* The option that the word names, up to its '='. */
static const struct option *option_of(const struct verb *verb, const char *word)
{
	const struct option_group own = verb ? verb_options(verb) : (struct option_group){0};
	size_t length = strcspn(word, "=");
	if (strncmp(word, "--", 2) != 0 || length == 2)
		return NULL;
	const struct option *option = verb ? option_find(&own, word + 2, length - 2) : NULL;
	return option ? option : option_find(&global_options, word + 2, length - 2);
}

static bool takes_value(const struct option *option)
{
	return option && option->kind != OPTION_BARE;
}

/* The values of an option; `before` is "--name=" where it stands in the same word. */
static enum completion_need offer_values(struct completion *completion, const struct option *option, const char *before)
{
	bool is_file = strcmp(option->unit, "FILE") == 0 || strcmp(option->unit, "DIR") == 0;
	if (is_file && !*before)
		text_append(completion->out, COMPLETION_FILES "\n");
	for (size_t i = 0; option->kind == OPTION_CHOICE && option->choices[i]; i++)
		completion_offer(completion, before, option->choices[i]);
	return strcmp(option->unit, "STUDY") == 0 && !*before ? COMPLETE_STUDIES : COMPLETE_DONE;
}

/* What was typed before the last word. */
struct typed_line {
	const struct verb *verb;
	size_t operand_count;        /* without the verb */
	const char *operands[2];     /* the first ones */
	const struct option *option; /* that waits for its value as the next word */
};

static struct typed_line read_words(struct completion *completion, const struct verb *const *verbs)
{
	struct typed_line line = {0};
	for (size_t i = 0; i + 1 < completion->count; i++) {
		const char *word = completion->words[i];
		const struct option *option = option_of(line.verb, word);
		bool is_value = line.option != NULL;
		if (strcmp(word, "=") == 0)
			continue;
		if (is_value && strcmp(line.option->name, "home") == 0)
			completion->home = word;
		line.option = NULL;
		if (is_value || strcmp(word, "--") == 0)
			continue;
		if (takes_value(option) && !strchr(word, '='))
			line.option = option;
		else if (option && strcmp(option->name, "home") == 0)
			completion->home = strchr(word, '=') + 1;
		else if (!option && !line.verb)
			line.verb = verb_find(verbs, word);
		else if (!option && line.operand_count++ < 2)
			line.operands[line.operand_count - 1] = word;
	}
	return line;
}

/* The word of the operands that stands at `index`; the last one may be repeated ("…"). */
static const char *operand_at(const char *operands, size_t index)
{
	const char *word = operands;
	while (index-- > 0) {
		const char *next = strchr(word, ' ');
		if (!next)
			return strstr(word, "...") ? word : "";
		word = next + 1;
	}
	return word;
}

/* The words of "[run|stop|status]". */
static void offer_alternatives(struct completion *completion, const char *operand)
{
	char words[128];
	size_t length = strcspn(operand + 1, "]");
	if (*operand != '[' || length >= sizeof words || !memchr(operand, '|', length))
		return;
	memcpy(words, operand + 1, length);
	words[length] = '\0';
	for (char *word = words; word;) {
		char *bar = strchr(word, '|');
		if (bar)
			*bar++ = '\0';
		completion_offer(completion, "", word);
		word = bar;
	}
}

/* A word that is meant as it stands ("slurm"). */
static void offer_itself(struct completion *completion, const char *operand)
{
	char word[32];
	const size_t length = strcspn(operand, " ");
	if (!islower((unsigned char)*operand) || length >= sizeof word)
		return;
	memcpy(word, operand, length);
	word[length] = '\0';
	completion_offer(completion, "", word);
}

static bool names(const char *operand, const char *what)
{
	operand += *operand == '[';
	return strncmp(operand, what, strlen(what)) == 0 && !isalpha((unsigned char)operand[strlen(what)]);
}

static enum completion_need offer_operand(
        struct completion *completion, const struct typed_line *line, const struct verb *const *verbs)
{
	/* bash's "NAME", "=", "VALUE" is one operand */
	size_t cut = completion->cut && line->operand_count > 1;
	const char *operand = operand_at(line->verb->operands, line->operand_count - cut);
	completion->study = line->operands[0];
	completion->trial = line->operands[1];
	if (names(operand, "STUDY")) /* with a file it is one that has none yet */
		return names(operand_at(operand, 1), "FILE") ? COMPLETE_FOREIGN : COMPLETE_STUDIES;
	if (names(operand, "ID"))
		return COMPLETE_TOKENS;
	if (names(operand, "NAME=VALUE"))
		return line->operand_count > 0 ? COMPLETE_POINT : COMPLETE_DONE;
	if (names(operand, "NAME") && line->operand_count == 2)
		return COMPLETE_ARTIFACTS;
	if (names(operand, "FILE") || names(operand, "DIR"))
		text_append(completion->out, COMPLETION_FILES "\n");
	else if (names(operand, "COMMAND"))
		offer_verbs(completion, verbs);
	else if (*operand == '[')
		offer_alternatives(completion, operand);
	else
		offer_itself(completion, operand);
	return COMPLETE_DONE;
}

static void offer_options(struct completion *completion, const struct verb *verb)
{
	const struct option_group own = verb ? verb_options(verb) : (struct option_group){0};
	const char *word = typed(completion);
	const struct option *option = option_of(verb, word);
	char before[64];
	size_t length = strcspn(word, "=");
	if (option && word[length] == '=' && length + 2 < sizeof before) {
		memcpy(before, word, length + 1);
		before[length + 1] = '\0';
		offer_values(completion, option, before);
		return;
	}
	offer_names(completion, &own);
	offer_names(completion, &global_options);
}

enum completion_need completion_add(struct completion *completion, const struct verb *const *verbs)
{
	completion->cut = cut_of(completion);
	const struct typed_line line = read_words(completion, verbs);
	if (line.option)
		return offer_values(completion, line.option, "");
	if (*typed(completion) == '-')
		offer_options(completion, line.verb);
	else if (!line.verb)
		offer_verbs(completion, verbs);
	else
		return offer_operand(completion, &line, verbs);
	return COMPLETE_DONE;
}
