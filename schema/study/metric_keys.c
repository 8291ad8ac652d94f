#include "schema/study/metric_keys.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "schema/base/number.h"
#include "schema/study/node_json.h"

const struct key metric_keys[] = {
        {"name", read_elsewhere, 0, 0, 0, "text", "required", "name: f1", "the name under which it is reported"},
        {"goal", read_elsewhere, 0, 0, 0, "text", "minimize", "goal: maximize", "minimize or maximize"},
        {"target", read_elsewhere, 0, 0, 0, "number", "none", "target: 0.9", "no new trials once a value reaches it",
                .change = CHANGE_FREE},
        {"impute", read_ignored, 0, 0, 0, "text", "worst", "impute: worst", "of W&B's service; ignored",
                .change = CHANGE_FREE},
        {"impute_while_running", read_ignored, 0, 0, 0, "text", "false", "impute_while_running: latest",
                "of W&B's service; ignored", .change = CHANGE_FREE},
        {NULL},
};

const struct key prune_metric_keys[] = {
        {"name", read_elsewhere, 0, 0, 0, "text", "required", "name: loss", "the name under which it is reported"},
        {"goal", read_elsewhere, 0, 0, 0, "text", "the objective's, or what the name says", "goal: minimize",
                "minimize or maximize"},
        {NULL},
};

static bool contains_word(const char *name, const char *word)
{
	size_t length = strlen(word);
	for (; *name; name++)
		if (strncasecmp(name, word, length) == 0)
			return true;
	return false;
}

/* Teams have minimised their F1 for a week. */
static void warn_minimised_score(struct reader *reader, const struct node *at, const char *name)
{
	static const char *const scores[] = {"f1", "auc", "auprc", "acc", "precision", "recall"};
	for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
		if (contains_word(name, scores[i])) {
			complain_warning(reader->complaints, at,
			        "%s sounds like a score but is minimized; goal: maximize was probably meant", name);
			return;
		}
	}
}

static void read_goal(struct objective *out, struct reader *reader, const struct node *map)
{
	const struct node *goal = node_find(map, "goal");
	const char *word = "minimize";
	if (goal && !get_text(&word, reader, goal))
		return;
	int direction = words_find(&direction_words, word);
	out->direction = direction == MAXIMIZE ? MAXIMIZE : MINIMIZE;
	if (direction < 0)
		complain_error(reader->complaints, goal, "minimize or maximize is expected, not %s", word);
	else if (out->direction == MINIMIZE)
		warn_minimised_score(reader, goal ? goal : map, out->name);
}

static void read_objective(struct objective *out, struct reader *reader, const struct node *map)
{
	*out = (struct objective){.name = "", .target = (double)NAN};
	keys_read(reader, metric_keys, map);
	if (map->kind != NODE_MAP)
		return;
	const struct node *name = node_find(map, "name"), *target = node_find(map, "target");
	if (!name || name->kind != NODE_TEXT || !*name->text)
		complain_error(reader->complaints, name ? name : map, "a metric needs a name");
	else
		out->name = name->text;
	read_goal(out, reader, map);
	if (target)
		get_number(&out->target, reader, target, 0, 0);
}

static void refuse_same_names(struct reader *reader, const struct node *at)
{
	const struct objective *objectives = reader->spec->objectives;
	for (size_t i = 1; i < reader->spec->objective_count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(objectives[i].name, objectives[k].name) == 0)
				complain_error(
				        reader->complaints, at, "the metric %s is there twice", objectives[i].name);
}

static void read_objectives(struct reader *reader, const struct node *maps, size_t count, const struct node *at)
{
	struct objective *objectives = reader_alloc(reader, count * sizeof *objectives);
	if (!objectives)
		return;
	for (size_t i = 0; i < count; i++)
		read_objective(&objectives[i], reader, &maps[i]);
	reader->spec->objectives = objectives;
	reader->spec->objective_count = count;
	refuse_same_names(reader, at);
}

void read_metric(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	read_objectives(reader, value, 1, value);
}

void read_metrics(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	if (node_find(reader->root, "metric"))
		complain_error(reader->complaints, value, "metric and metrics exclude each other");
	if (value->kind != NODE_LIST || value->count == 0 || value->count > 16)
		complain_error(reader->complaints, value, "a list of 1 to 16 metrics is expected");
	else
		read_objectives(reader, value->items, value->count, value);
}

void read_prune_metric(struct reader *reader, const struct key *key, const struct node *value)
{
	const struct node *name = value->kind == NODE_MAP ? node_find(value, "name") : value;
	if (value->kind == NODE_MAP)
		keys_read(reader, key->inner, value);
	const char *text = "";
	if (name && !get_text(&text, reader, name))
		return;
	if (*text)
		reader->spec->prune_metric = text;
	else
		complain_error(reader->complaints, name ? name : value, "a metric needs a name");
}

static const struct objective *objective_called(const struct study_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->objective_count; i++)
		if (strcmp(spec->objectives[i].name, name) == 0)
			return &spec->objectives[i];
	return NULL;
}

/* Which way is better, where a name leaves no doubt. */
static bool name_tells(enum direction *out, const char *name)
{
	static const struct {
		const char *word;
		enum direction direction;
	} words[] = {{"loss", MINIMIZE}, {"error", MINIMIZE}, {"perplexity", MINIMIZE}, {"accuracy", MAXIMIZE}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (contains_word(name, words[i].word)) {
			*out = words[i].direction;
			return true;
		}
	return false;
}

static void read_prune_goal(struct reader *reader, const struct node *goal, const struct objective *objective)
{
	enum direction *out = &reader->spec->prune_direction;
	const char *word = "";
	if (!get_text(&word, reader, goal))
		return;
	int direction = words_find(&direction_words, word);
	*out = direction == MAXIMIZE ? MAXIMIZE : MINIMIZE;
	if (direction < 0)
		complain_error(reader->complaints, goal, "minimize or maximize is expected, not %s", word);
	else if (objective && *out != objective->direction)
		complain_error(reader->complaints, goal, "%s is an objective with the other goal", objective->name);
}

void finish_prune_metric(struct reader *reader)
{
	struct study_spec *spec = reader->spec;
	if (!spec->prune_metric)
		spec->prune_metric = spec->objective_count ? spec->objectives[0].name : "";
	if (spec->objective_count == 0) {
		if (*spec->prune_metric)
			complain_error(reader->complaints, node_find(reader->root, "prune_metric"),
			        "`prune_metric` needs a `metric`");
		return;
	}
	const struct node *value = node_find(reader->root, "prune_metric");
	const struct node *goal = value ? node_find(value, "goal") : NULL;
	const struct objective *objective = objective_called(spec, spec->prune_metric);
	if (objective)
		spec->prune_direction = objective->direction;
	if (goal)
		read_prune_goal(reader, goal, objective);
	else if (!objective && !name_tells(&spec->prune_direction, spec->prune_metric))
		complain_error(reader->complaints, value,
		        "%s is no objective; say which way is better: {name: %s, goal: minimize}", spec->prune_metric,
		        spec->prune_metric);
}

static bool runs_kre_train(const struct study_spec *spec)
{
	const char *program = spec->command_length ? spec->command[0] : spec->program;
	return program && (!*program || strcmp(program, "kre-train") == 0);
}

/* By a parameter or in the command. */
static bool says_select(const struct reader *reader)
{
	static const char flag[] = "--select";
	const struct study_spec *spec = reader->spec;
	for (const struct declaration *at = reader->declarations; at; at = at->next)
		if (strcmp(at->name, flag + 2) == 0)
			return true;
	for (size_t i = 0; i < spec->command_length; i++)
		if (spec->command[i] && strncmp(spec->command[i], flag, strlen(flag)) == 0)
			return true;
	return false;
}

void check_selection(struct reader *reader)
{
	const struct study_spec *spec = reader->spec;
	const struct node *metric = node_find(reader->root, "metric");
	if (!objective_called(spec, "auprc") || objective_called(spec, "f1") || !runs_kre_train(spec) ||
	        says_select(reader))
		return;
	complain_warning(reader->complaints, metric ? metric : node_find(reader->root, "metrics"),
	        "kre-train takes the auprc of the epoch with the best f1; fixed: {select: auprc} takes the best auprc");
}

/* "<= 512": the relation, then a number. */
static bool parse_bound(struct constraint *out, const char *text)
{
	text += strspn(text, " ");
	if (strncmp(text, "<=", 2) != 0 && strncmp(text, ">=", 2) != 0)
		return false;
	out->at_most = *text == '<';
	text += 2;
	return number_parse(&out->bound, text + strspn(text, " "), false);
}

void read_constraints(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	if (value->kind != NODE_MAP) {
		complain_error(reader->complaints, value, "a map of metrics and bounds is expected");
		return;
	}
	struct constraint *constraints = reader_alloc(reader, value->count * sizeof *constraints);
	if (!constraints)
		return;
	for (size_t i = 0; i < value->count; i++) {
		const struct node *item = &value->items[i];
		constraints[i].metric = item->key;
		if (item->kind != NODE_TEXT || !parse_bound(&constraints[i], item->text))
			complain_error(reader->complaints, item, "a bound like \"<= 512\" or \">= 0.5\" is expected");
	}
	reader->spec->constraints = constraints;
	reader->spec->constraint_count = value->count;
}
