/* The keys at the top of a study file. */
#include <math.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/study/duration.h"
#include "schema/study/keys.h"
#include "schema/study/method_keys.h"
#include "schema/study/metric_keys.h"
#include "schema/study/node_json.h"
#include "schema/study/parameter_keys.h"
#include "schema/study/run_keys.h"

#define FIELD(member) offsetof(struct study_spec, member)
#define WHOLE 9007199254740992.0 /* 2^53: above, doubles skip integers */
#define INF (double)INFINITY

static void read_duration(struct reader *reader, const struct key *key, const struct node *value)
{
	double amount, unit_s = strcmp(key->name, "hours") == 0 ? 3600 : strcmp(key->name, "minutes") == 0 ? 60 : 1;
	if (get_number(&amount, reader, value, key->low, key->high))
		reader->spec->budget_s += amount * unit_s;
}

static void read_time(struct reader *reader, const struct key *key, const struct node *value)
{
	double seconds;
	if (value->kind == NODE_INTEGER || value->kind == NODE_NUMBER) {
		if (get_number(&seconds, reader, value, key->low, key->high))
			reader->spec->budget_s += seconds;
	} else if (value->kind == NODE_TEXT && duration_parse(&seconds, value->text) && seconds <= key->high)
		reader->spec->budget_s += seconds;
	else
		complain_error(reader->complaints, value, "a time such as 12h, 90m or 1h 30m is expected, or seconds");
}

static void read_pruned_count(struct reader *reader, const struct key *key, const struct node *value)
{
	bool whole;
	(void)key;
	if (get_flag(&whole, reader, value))
		reader->spec->stopped_cost = whole ? STOPPED_COST_WHOLE : STOPPED_COST_NOTHING;
}

static void read_run_cap(struct reader *reader, const struct key *key, const struct node *value)
{
	double cap;
	const struct node *trials = node_find(node_find(reader->root, "budget"), "trials");
	if (!get_integer(&cap, reader, value, key->low, key->high))
		return;
	if (trials && trials->number != cap)
		complain_error(reader->complaints, value, "run_cap and budget.trials disagree; one of them is enough");
	reader->spec->budget_trials = (int64_t)cap;
}

static void read_seed(struct reader *reader, const struct key *key, const struct node *value)
{
	double seed;
	if (!get_integer(&seed, reader, value, key->low, key->high))
		return;
	reader->spec->seed = (uint64_t)seed;
	reader->spec->seed_given = true;
}

/* A number of runs, or "auto". */
static void read_replicates(struct reader *reader, const struct key *key, const struct node *value)
{
	double count;
	if (value->kind == NODE_TEXT && strcmp(value->text, "auto") == 0)
		reader->spec->replicates = -1;
	else if (get_integer(&count, reader, value, key->low, key->high))
		reader->spec->replicates = (int64_t)count;
}

static void read_result(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	bool last = strcmp(value->text ? value->text : "", "last") == 0;
	if (!last && strcmp(value->text ? value->text : "", "best") != 0)
		complain_error(reader->complaints, value, "best or last is expected");
	reader->spec->result_rule = last ? RESULT_LAST : RESULT_BEST;
}

static const struct key budget_keys[] = {
        {"trials", read_integer, FIELD(budget_trials), 1, WHOLE, "integer", "no limit", "trials: 200",
                "stop when so many trials ran to their end, or what comes to the same"},
        {"runs", read_integer, FIELD(budget_runs), 1, WHOLE, "integer", "no limit", "runs: 300",
                "stop after so many runs of full length: with `folds: 5`, one trial has five"},
        {"time", read_time, 0, 0, 1e9, "text or number", "no limit", "time: 1h 30m",
                "stop after so much running time of the study: d, h, m, s; a number is seconds"},
        {"hours", read_duration, 0, 0, 1e6, "number", "no limit", "hours: 12", "the same; units add up"},
        {"minutes", read_duration, 0, 0, 1e8, "number", "no limit", "minutes: 30", "the same; units add up"},
        {"seconds", read_duration, 0, 0, 1e9, "number", "no limit", "seconds: 90", "the same; units add up"},
        {"pruned_count", read_pruned_count, 0, 0, 0, "flag", "by what they ran", "pruned_count: true",
                "true: a pruned trial counts as one that ran to its end; false: it costs nothing"},
        {NULL},
};

static const struct key resource_keys[] = {
        {"threads", read_integer, FIELD(threads), 1, 4096, "integer", "the worker's", "threads: 2",
                "CPU threads of one run; by default 1, or its share of the Slurm job that the worker is"},
        {"memory_mb", read_integer, FIELD(memory_mb), 1, 1e9, "integer", "no limit", "memory_mb: 4096",
                "memory of one run, all its processes together (what they share counts once); the agent ends a run "
                "that takes more"},
        {"minutes", read_number, FIELD(run_minutes), 0, 1e7, "number", "no limit", "minutes: 60",
                "time of one run; the agent ends a run that takes longer"},
        {NULL},
};

#define BEST_MODELS_MAX 1000

/* "all", or "best N". */
static void read_kept(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	double count;
	const char *text = value->kind == NODE_TEXT ? value->text : "";
	if (strcmp(text, "all") == 0)
		reader->spec->keep_models = 0;
	else if (strncmp(text, "best ", 5) == 0 && number_parse(&count, text + 5, false) && number_is_integral(count) &&
	         count >= 1 && count <= BEST_MODELS_MAX)
		reader->spec->keep_models = (int64_t)count;
	else
		complain_error(
		        reader->complaints, value, "'best N', N from 1 to %d, or 'all' is expected", BEST_MODELS_MAX);
}

static bool read_rule(enum kept_rule *out, struct reader *reader, const struct node *value)
{
	int rule = value->kind == NODE_TEXT ? words_find(&kept_rule_words, value->text) : -1;
	if (rule < 0)
		complain_error(reader->complaints, value, "'all', 'failed' or 'none' is expected");
	else
		*out = (enum kept_rule)rule;
	return rule >= 0;
}

static void read_kept_oof(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	if (read_rule(&reader->spec->keep_oof, reader, value) && reader->spec->keep_oof == KEPT_FAILED)
		complain_error(reader->complaints, value, "a run that failed has none: 'all' or 'none' is expected");
}

static void read_kept_logs(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	read_rule(&reader->spec->keep_logs, reader, value);
}

static const struct key keep_keys[] = {
        {"models", read_kept, 0, 0, 0, "text", "best 5", "models: all",
                "whose models stay in the folders of their runs: `best N` (1 … 1000) or `all`"},
        {"model", read_kept, 0, 0, 0, "text", "best 5", "model: best 3", "the same as `models`"},
        {"oof", read_kept_oof, 0, 0, 0, "text", "all", "oof: none",
                "whose predictions out of fold (`oof.csv`) the daemon gets: `all` or `none`"},
        {"logs", read_kept_logs, 0, 0, 0, "text", "failed", "logs: all",
                "of which runs it gets what they printed: `all`, `failed` or `none`"},
        {"max_mb", read_integer, FIELD(keep_mb), 0, 16000, "integer", "500", "max_mb: 2000",
                "how much of one run it gets at most, models included; 0 = nothing"},
        {"checkpoint", read_flag, FIELD(keep_checkpoint), 0, 0, "flag", "false", "checkpoint: true",
                "what a run keeps to go on from follows it to another machine when it is lost"},
        {NULL},
};

static void read_artifacts(struct reader *reader, const struct key *key, const struct node *value)
{
	if (node_find(reader->root, "keep"))
		complain_error(
		        reader->complaints, value, "`keep` is there, too, and says the same: one of both is expected");
	else
		read_map(reader, key, value);
}

const struct key study_keys[] = {
        {"name", read_text, FIELD(name), 0, 0, "text", "the file's name", "name: klue-re-bilstm",
                "the study: letters, digits, `-`, `_`, `.`"},
        {"description", read_text, FIELD(description), 0, 0, "text", "none",
                "description: first sweep over the optimizer", "a sentence for people", .change = CHANGE_FREE},
        {"metric", read_metric, 0, 0, 0, "map", "f1, maximized, for kre-train", "metric: {name: f1, goal: maximize}",
                "what is optimised", metric_keys},
        {"metrics", read_metrics, 0, 0, 0, "list", "none", "metrics: [{name: f1, goal: maximize}, {name: seconds}]",
                "several objectives, each as `metric`"},
        {"method", read_method, 0, 0, 0, "text", "auto", "method: bayes",
                "W&B's grid, random, bayes (= tpe), or a sampler's name"},
        {"sampler", read_sampler, 0, 0, 0, "text or map", "auto", "sampler: {name: tpe, n_startup_trials: 20}",
                "the sampler with its options"},
        {"pruner", read_pruner, 0, 0, 0, "text, map or list", "none", "pruner: {name: median, n_warmup_steps: 2}",
                "stops hopeless trials; of a list the first that says stop decides", .change = CHANGE_FREE},
        {"early_terminate", read_early_terminate, 0, 0, 0, "map", "none",
                "early_terminate: {type: hyperband, min_iter: 3}", "W&B's form of `pruner`; not both",
                .change = CHANGE_FREE},
        {"prune_metric", read_prune_metric, 0, 0, 0, "text or map", "the first objective",
                "prune_metric: {name: loss, goal: minimize}",
                "the reported metric that pruners look at; one that is no objective has a goal of its own",
                prune_metric_keys},
        {"parameters", read_parameters, 0, 0, 0, "map", "none", "parameters: {lr: {min: 1.0e-5, max: 0.1, log: true}}",
                "the search space: a map of names and specifications", parameter_keys},
        {"fixed", read_fixed, 0, 0, 0, "map", "none", "fixed: {epochs: 20}", "constants; short for `{value: …}`"},
        {"defaults", read_elsewhere, 0, 0, 0, "map", "kre-train's own", "defaults: {lr: 0.001, optimizer: adam}",
                "the configuration that you would use anyway: trial 0, which the others have to beat",
                .change = CHANGE_FREE},
        {"constraints", read_constraints, 0, 0, 0, "map", "none", "constraints: {memory_mb: \"<= 512\"}",
                "bounds on reported metrics; trials that break them are infeasible: never the best, never on the "
                "front"},
        {"budget", read_map, 0, 0, 0, "map", "no limit", "budget: {trials: 200, time: 12h}",
                "when the study is finished: at the first limit that is reached", budget_keys, .change = CHANGE_FREE},
        {"run_cap", read_run_cap, 0, 1, WHOLE, "integer", "no limit", "run_cap: 200", "W&B's name for `budget.trials`",
                .change = CHANGE_FREE},
        {"folds", read_integer, FIELD(folds), 1, 1000, "integer", "1", "folds: 5",
                "runs per trial on a pinned split; the trial's value is their mean", .change = CHANGE_UPWARD},
        {"replicates", read_replicates, 0, 0, 1e6, "integer or text", "auto", "replicates: 20",
                "runs of the budget that are kept for repeats of the leaders on other splits; 0 = none",
                .change = CHANGE_FREE},
        {"retries", read_integer, FIELD(retries), 0, 1000, "integer", "2", "retries: 3",
                "how often a run that was lost or killed is handed out again", .change = CHANGE_FREE},
        {"result", read_result, 0, 0, 0, "text", "best", "result: last",
                "which report counts: the best, passing over NaN, or the last, where NaN makes the run fail"},
        {"command", read_command, 0, 0, 0, "list", "kre-train with one flag per parameter",
                "command: [python3, \"${program}\", \"${args}\"]", "the program and its arguments, with W&B's macros"},
        {"program", read_text, FIELD(program), 0, 0, "text", "none", "program: train.py",
                "what `${program}` stands for"},
        {"wandb", read_flag, FIELD(wandb), 0, 0, "flag", "false", "wandb: true",
                "`import wandb` finds a stand-in that reports what is logged to the study, offline"},
        {"files", read_files, 0, 0, 0, "map", "none", "files: {train: data/train.tsv}",
                "files that workers fetch; `${file:train}` in `command` is the local path", file_keys,
                .change = CHANGE_FILES},
        {"report", read_report, 0, 0, 0, "text or map", "pipe", "report: {stdout: \"name=value\"}",
                "where a program that does not know us prints its score", report_keys},
        {"resources", read_map, 0, 0, 0, "map", "none", "resources: {threads: 1, memory_mb: 4096}",
                "limits of one run, enforced by the agent", resource_keys, .change = CHANGE_FREE},
        {"keep", read_map, 0, 0, 0, "map", "models of the best 5", "keep: {models: all}",
                "what stays of the trials that have lost", keep_keys, .change = CHANGE_FREE},
        {"artifacts", read_artifacts, 0, 0, 0, "map", "as `keep`", "artifacts: {checkpoint: true}",
                "another word for `keep`", keep_keys, .change = CHANGE_FREE},
        {"seed", read_seed, 0, 0, WHOLE, "integer", "drawn once and stored", "seed: 42",
                "seed of all draws of the study"},
        {"project", read_ignored, 0, 0, 0, "text", "none", "project: klue", "of W&B's service; ignored",
                .change = CHANGE_FREE},
        {"entity", read_ignored, 0, 0, 0, "text", "none", "entity: team", "of W&B's service; ignored",
                .change = CHANGE_FREE},
        {"controller", read_ignored, 0, 0, 0, "map", "none", "controller: {type: cloud}", "of W&B's service; ignored",
                .change = CHANGE_FREE},
        {"scheduler", read_ignored, 0, 0, 0, "map", "none", "scheduler: {engine: optuna}", "of W&B's service; ignored",
                .change = CHANGE_FREE},
        {"job", read_ignored, 0, 0, 0, "text", "none", "job: image", "of W&B's launcher; ignored",
                .change = CHANGE_FREE},
        {"image_uri", read_ignored, 0, 0, 0, "text", "none", "image_uri: image", "of W&B's launcher; ignored",
                .change = CHANGE_FREE},
        {"apiVersion", read_ignored, 0, 0, 0, "text", "none", "apiVersion: v1", "of W&B's launcher; ignored",
                .change = CHANGE_FREE},
        {"kind", read_elsewhere, 0, 0, 0, "text", "none", "kind: sweep", "of W&B's launcher; ignored",
                .change = CHANGE_FREE},
        {NULL},
};
