#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/point.h"
#include "schema/space/prior.h"
#include "schema/study/command.h"
#include "schema/study/complaints.h"
#include "schema/study/keys.h"
#include "schema/study/study_file.h"

static struct study_spec *must_parse(const char *yaml)
{
	struct study_spec *spec = NULL;
	struct complaints complaints;
	struct error error = {""};
	int rc = study_file_parse(
	        &spec, &(struct study_source){yaml, strlen(yaml), "s.yaml", "/data", "s"}, &complaints, &error);
	struct text said = TEXT_NULL;
	complaints_append_text(&complaints, &said);
	if (rc != 0)
		print_error("%s", text_string(&said));
	text_finish(&said);
	complaints_finish(&complaints);
	assert_int_equal(rc, 0);
	return spec;
}

/* All complaints, and only these. */
static void must_say(const char *yaml, const char *expected)
{
	struct study_spec *spec = NULL;
	struct complaints complaints;
	struct error error;
	struct text said = TEXT_NULL;
	study_file_parse(
	        &spec, &(struct study_source){yaml, strlen(yaml), "s.yaml", "/data", "s"}, &complaints, &error);
	complaints_append_text(&complaints, &said);
	assert_string_equal(text_string(&said), expected);
	text_finish(&said);
	complaints_finish(&complaints);
	study_spec_destroy(spec);
}

static const struct param *must_find(const struct study_spec *spec, const char *name)
{
	long index = space_find(spec->space, name);
	assert_true(index >= 0);
	return &spec->space->params[index];
}

static void every_distribution_becomes_a_parameter(void **state)
{
	(void)state;
	static const struct {
		const char *yaml;
		enum param_kind kind;
		enum param_prior prior;
		bool log;
		double low, high, step;
	} cases[] = {
	        {"{min: 1, max: 9}", PARAM_INT, PRIOR_UNIFORM, false, 1, 9, 1},
	        {"{min: 1, max: 9.0}", PARAM_FLOAT, PRIOR_UNIFORM, false, 1, 9, 0},
	        {"{distribution: uniform, min: 1, max: 9}", PARAM_FLOAT, PRIOR_UNIFORM, false, 1, 9, 0},
	        {"{min: 1, max: 100, log: true}", PARAM_INT, PRIOR_LOG_UNIFORM, true, 1, 100, 1},
	        {"{min: 1e-5, max: 0.1, log: true}", PARAM_FLOAT, PRIOR_LOG_UNIFORM, true, 1e-5, 0.1, 0},
	        {"{min: 0.1, max: 1.05, step: 0.25}", PARAM_FLOAT, PRIOR_UNIFORM, false, 0.1, 0.85, 0.25},
	        {"{min: 0, max: 11, step: 3}", PARAM_INT, PRIOR_UNIFORM, false, 0, 9, 3},
	        {"{distribution: q_uniform, min: 0.05, max: 1, q: 0.1}", PARAM_FLOAT, PRIOR_UNIFORM, false, 0, 1, 0.1},
	        {"{distribution: q_uniform, min: 5, max: 100, q: 8}", PARAM_INT, PRIOR_UNIFORM, false, 8, 96, 8},
	        {"{distribution: q_uniform, min: 0, max: 3}", PARAM_FLOAT, PRIOR_UNIFORM, false, 0, 3, 1},
	        {"{distribution: log_uniform_values, min: 1, max: 10}", PARAM_FLOAT, PRIOR_LOG_UNIFORM, true, 1, 10, 0},
	        {"{distribution: inv_log_uniform_values, min: 1, max: 10}", PARAM_FLOAT, PRIOR_INV_LOG_UNIFORM, true, 1,
	                10, 0},
	        {"{distribution: log_uniform, min: 0, max: 1}", PARAM_FLOAT, PRIOR_LOG_UNIFORM, true, 1,
	                2.718281828459045, 0},
	        {"{distribution: inv_log_uniform, min: -1, max: 0}", PARAM_FLOAT, PRIOR_INV_LOG_UNIFORM, true, 1,
	                2.718281828459045, 0},
	        {"{distribution: q_log_uniform_values, min: 1, max: 64, q: 8}", PARAM_INT, PRIOR_LOG_UNIFORM, false, 0,
	                64, 8},
	        {"{distribution: q_log_uniform_values, min: 1, max: 64, q: 1}", PARAM_INT, PRIOR_LOG_UNIFORM, true, 1,
	                64, 1},
	        {"{distribution: normal, mu: 1, sigma: 2}", PARAM_FLOAT, PRIOR_NORMAL, false, -7, 9, 0},
	        {"{distribution: q_normal, sigma: 2, q: 1}", PARAM_INT, PRIOR_NORMAL, false, -8, 8, 1},
	        {"{distribution: beta, a: 2}", PARAM_FLOAT, PRIOR_BETA, false, 0, 1, 0},
	        {"{values: [a, b, c]}", PARAM_CATEGORICAL, PRIOR_UNIFORM, false, 0, 2, 1},
	        {"{values: [a, b], probabilities: [0.9, 0.1]}", PARAM_CATEGORICAL, PRIOR_WEIGHTED, false, 0, 1, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char yaml[300];
		snprintf(yaml, sizeof yaml, "parameters: {x: %s}", cases[i].yaml);
		struct study_spec *spec = must_parse(yaml);
		const struct param *param = must_find(spec, "x");
		assert_int_equal(param->kind, cases[i].kind);
		assert_int_equal(param->prior, cases[i].prior);
		assert_int_equal(param->log, cases[i].log);
		assert_true(param->low == cases[i].low);
		assert_true(param->high == cases[i].high);
		assert_true(param->step == cases[i].step);
		for (int k = 0; k < 100; k++)
			assert_true(param_contains(param, param_quantile(param, k / 100.0)));
		study_spec_destroy(spec);
	}
}

static void quantised_logarithms_may_round_to_zero(void **state)
{
	(void)state;
	struct study_spec *spec =
	        must_parse("parameters: {x: {distribution: q_log_uniform_values, min: 0.001, max: 100, q: 1}}");
	assert_true(param_quantile(must_find(spec, "x"), 0) == 0);
	assert_true(param_quantile(must_find(spec, "x"), 0.999) == 99);
	study_spec_destroy(spec);
}

static void defaults_are_filled_in(void **state)
{
	(void)state;
	struct study_spec *spec = must_parse("parameters: {x: {min: 0, max: 1}}");
	assert_string_equal(spec->name, "s");
	assert_string_equal(spec->objectives[0].name, "f1");
	assert_int_equal(spec->objectives[0].direction, MAXIMIZE);
	assert_true(isnan(spec->objectives[0].target));
	assert_string_equal(spec->prune_metric, "f1");
	assert_string_equal(spec->sampler.info->name, "auto");
	assert_int_equal(spec->folds, 1);
	assert_int_equal(spec->retries, 2);
	assert_int_equal(spec->threads, 0);
	assert_int_equal(spec->stopped_cost, STOPPED_COST_SHARE);
	assert_true(study_spec_trials_most(spec) == 0);
	assert_int_equal(spec->pruner_count, 0);
	assert_false(spec->seed_given);
	study_spec_destroy(spec);
}

static void every_key_finds_its_field(void **state)
{
	(void)state;
	struct study_spec *spec = must_parse(
	        "name: 연구-1\ndescription: 관계\n"
	        "metrics: [{name: f1, goal: maximize, target: 0.9}, {name: seconds}]\n"
	        "sampler: {name: bayes, n_startup_trials: 20, multivariate: false, seed: 5}\n"
	        "pruner: [{name: patient, patience: 3, pruner: asha}, {name: threshold, lower: 0.1}]\n"
	        "prune_metric: loss\nconstraints: {memory_mb: \"<= 512\", recall: \">=0.5\"}\n"
	        "budget: {trials: 7, runs: 90, time: 1h 30m, hours: 1, minutes: 2, seconds: 3, pruned_count: false}\n"
	        "folds: 5\nretries: 0\nresult: last\nseed: 42\n"
	        "files: {train: a.tsv, dev: {path: /x/b.tsv}}\n"
	        "report: {stdout: \"f1 = ([0-9.]+)\"}\nresources: {threads: 3, memory_mb: 100, minutes: 1.5}\n"
	        "parameters: {x: {min: 0, max: 1}}\nfixed: {epochs: 20}\n");
	assert_string_equal(spec->name, "연구-1");
	assert_string_equal(spec->description, "관계");
	assert_int_equal(spec->objective_count, 2);
	assert_true(spec->objectives[0].target == 0.9);
	assert_int_equal(spec->objectives[1].direction, MINIMIZE);
	assert_string_equal(spec->sampler.info->name, "tpe");
	assert_true(method_number(&spec->sampler, "n_startup_trials") == 20);
	assert_true(method_number(&spec->sampler, "n_ei_candidates") == 24);
	assert_false(method_flag(&spec->sampler, "multivariate"));
	assert_int_equal(spec->pruner_count, 2);
	assert_string_equal(spec->pruners[0].inner->info->name, "successive_halving");
	assert_true(method_number(&spec->pruners[0], "patience") == 3);
	assert_null(method_setting(&spec->pruners[1], "upper"));
	assert_string_equal(spec->prune_metric, "loss");
	assert_int_equal(spec->constraint_count, 2);
	assert_true(spec->constraints[0].at_most && spec->constraints[0].bound == 512);
	assert_true(!spec->constraints[1].at_most && spec->constraints[1].bound == 0.5);
	assert_int_equal(spec->budget_trials, 7);
	assert_int_equal(spec->budget_runs, 90);
	assert_true(spec->budget_s == 3723 + 5400);
	assert_int_equal(spec->stopped_cost, STOPPED_COST_NOTHING);
	assert_int_equal(spec->folds, 5);
	assert_int_equal(spec->retries, 0);
	assert_int_equal(spec->result_rule, RESULT_LAST);
	assert_int_equal(spec->seed, 42);
	assert_int_equal(spec->file_count, 2);
	assert_string_equal(spec->files[1].name, "train");
	assert_string_equal(spec->files[1].path, "/data/a.tsv");
	assert_int_equal(spec->report_kind, REPORT_PATTERN);
	assert_int_equal(spec->threads, 3);
	assert_true(spec->run_minutes == 1.5);
	assert_string_equal(spec->space->constants[0].name, "epochs");
	study_spec_destroy(spec);
}

static void mistakes_are_told_all_at_once_with_their_places(void **state)
{
	(void)state;
	must_say("metod: x\n"
	         "parameters:\n"
	         "  lr: {min: 3, max: 1}\n"
	         "  lr: {min: 1, max: 2}\n"
	         "  c: {values: [true, 1]}\n"
	         "  d: {values: [.nan, 2]}\n"
	         "  e: {min: 0, max: 1, when: {zz: 1}}\n"
	         "  f: {min: \"0.1\", max: 1.0, lgo: true}\n"
	         "  g: 3\n"
	         "budget: {trails: 3}\n"
	         "pruner: {name: medain}\n"
	         "folds: 0\n",
	        "s.yaml:1:8: error: metod: unknown key; did you mean method?\n"
	        "s.yaml:3:13: error: parameters.lr.min: min 3 is above max 1\n"
	        "s.yaml:4:3: error: parameters.lr: the key is there twice, first in line 3\n"
	        "s.yaml:6:16: error: parameters.d.values[0]: NaN and infinity cannot be values: no reader of JSON "
	        "takes them\n"
	        "s.yaml:7:34: error: parameters.e.when.zz: there is no parameter zz\n"
	        "s.yaml:8:12: warning: parameters.f.min: 0.1 is a text; it is taken as a number\n"
	        "s.yaml:8:34: error: parameters.f.lgo: unknown key; did you mean log?\n"
	        "s.yaml:9:6: error: parameters.g: a map is expected; a constant is {value: …}\n"
	        "s.yaml:10:18: error: budget.trails: unknown key; did you mean trials?\n"
	        "s.yaml:11:16: error: pruner.name: there is no pruner called medain; did you mean median?\n"
	        "s.yaml:12:8: error: folds: 0 is outside 1 to 1000\n");
}

static void each_mistake_has_its_sentence(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *said;
	} cases[] = {
	        {"", "s.yaml:1:1: error: the file is empty\n"},
	        {"a: [", "s.yaml:2:1: error: did not find expected node content while parsing a flow node\n"},
	        {"- 1", "s.yaml:1:1: error: a study file is a map of keys and values\n"},
	        {"a: \xff", "s.yaml:1:1: error: this line is not valid UTF-8\n"},
	        {"parameters: {x: {min: 0, max: 1}}\n---\na: 1",
	                "s.yaml:3:1: error: a study file is one YAML document; a second one starts here\n"},
	        {"name: a", "s.yaml:1:1: error: `parameters` is missing\n"},
	        {"metric: {name: l}\ncommand: [run, \"--x=${param:xx}\"]\nparameters: {x: {min: 0, max: 1}}",
	                "s.yaml:2:16: error: command[1]: there is no parameter xx\n"},
	        {"wandb: 1\nparameters: {x: {min: 0, max: 1}}",
	                "s.yaml:1:8: error: wandb: true or false is expected\n"},
	        {"parameters: {x: {a: 1}}", "s.yaml:1:14: error: parameters.x: `distribution` is missing\n"},
	        {"parameters: {x: {min: 1}}", "s.yaml:1:14: error: parameters.x: `max` is missing\n"},
	        {"parameters: {x: {distribution: unifrm, min: 0, max: 1}}",
	                "s.yaml:1:32: error: parameters.x.distribution: there is no distribution unifrm; did you mean "
	                "uniform?\n"},
	        {"parameters: {x: {min: 0, max: 1, log: true}}",
	                "s.yaml:1:14: error: parameters.x: min must be above 0 for a logarithm\n"},
	        {"parameters: {x: {min: 0, max: 1, sigma: 1}}",
	                "s.yaml:1:41: error: parameters.x.sigma: sigma does not go with int_uniform\n"},
	        {"parameters: {x: {values: [a, b], probabilities: [0.5, 0.6]}}",
	                "s.yaml:1:49: error: parameters.x.probabilities: the probabilities sum to 1.1, not to 1\n"},
	        {"parameters: {x: {values: [a]}}",
	                "s.yaml:1:26: warning: parameters.x.values: a parameter with one value is a constant\n"},
	        {"parameters: {x: {lr: {min: 0, max: 1}}}",
	                "s.yaml:1:14: error: parameters.x: value, values, min and max, or parameters are expected\n"
	                "s.yaml:1:18: error: parameters.x.lr: unknown key\n"},
	        {"parameters: {a: {min: 0, max: 1, when: {b: 1}}, b: {min: 0, max: 1, when: {a: 1}}}",
	                "s.yaml:1:1: error: parameters: the conditions of a depend on themselves\n"},
	        {"parameters: {a: {min: 0, max: 1, when: {b: 7}}, b: {min: 0, max: 1}}",
	                "s.yaml:1:44: error: parameters.a.when.b: b never has this value\n"},
	        {"parameters: {a: {min: 0.0, max: 1.0}}\nmethod: grid",
	                "s.yaml:1:14: error: parameters.a: grid cannot count the values of a continuous range; give it "
	                "a step\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nmetric: {name: val_f1}",
	                "s.yaml:2:1: warning: metric: val_f1 sounds like a score but is minimized; goal: maximize was "
	                "probably meant\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nprogram: t.py",
	                "s.yaml:1:1: error: `metric` is missing, which auto goes by: {name: …, goal: maximize}\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nfixed: {a: 1}",
	                "s.yaml:1:14: error: parameters.a: a is there twice, also in line 2\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nproject: p",
	                "s.yaml:2:10: warning: project: project is ignored: it is for W&B's own service\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nname: my sweep",
	                "s.yaml:2:7: warning: name: the study is called my-sweep: names have letters, digits, - _ .\n"},
	        {"parameters: {a: {values: [yes, 017, 1:30]}}",
	                "s.yaml:1:27: warning: parameters.a.values[0]: yes is read as true; quote it if it is a text\n"
	                "s.yaml:1:32: warning: parameters.a.values[1]: 017 is read as an octal number, as W&B does\n"
	                "s.yaml:1:37: warning: parameters.a.values[2]: 1:30 is read in sixties, as W&B does; quote it "
	                "if it is a text\n"},
	        {"parameters: {a: {min: 0, max: 1}}\npruner: median\nearly_terminate: {type: hyperband, min_iter: 1}",
	                "s.yaml:3:1: error: early_terminate: pruner and early_terminate exclude each other\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nsampler: {name: tpe, n_startup_trails: 1}",
	                "s.yaml:2:40: error: sampler.n_startup_trails: tpe has no such option; did you mean "
	                "n_startup_trials?\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nreport: {stdout: \"f1=[0-9]\"}",
	                "s.yaml:2:18: error: report.stdout: the expression needs a group for the number: f1 = "
	                "([0-9.e+-]+)\n"},
	        {"parameters: {a: {min: 0, max: 1}}\ndefaults: {b: 1}",
	                "s.yaml:2:15: error: defaults.b: there is no parameter b\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nfixed: {e: 3}\ndefaults: {e: 3, a: 2}",
	                "s.yaml:3:21: error: defaults.a: 2 is none of the values of a: 0 to 1 in steps of 1\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nfixed: {e: 3}\ndefaults: {e: 4}",
	                "s.yaml:3:15: error: defaults.e: e is a constant, 3\n"},
	        {"parameters: {a: {values: [1, 2]}, b: {min: 0, max: 1, when: {a: 1}}}\ndefaults: {a: 2, b: 1}",
	                "s.yaml:2:21: warning: defaults.b: b does not exist with the other values, so this one does "
	                "not count\n"},
	        {"parameters: {a: {parameters: {b: {min: 0, max: 1}, c: {min: 0, max: 1}}}}\ndefaults: {a: {b: 1}}",
	                "s.yaml:2:1: warning: defaults: without a value, so the sampler draws one: a.c\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nmetric: {name: auprc, goal: maximize}",
	                "s.yaml:2:1: warning: metric: kre-train takes the auprc of the epoch with the best f1; fixed: "
	                "{select: auprc} takes the best auprc\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nmetric: {name: auprc, goal: maximize}\nfixed: {select: auprc}",
	                ""},
	        {"parameters: {a: {min: 0, max: 1}}\nmetric: {name: auprc, goal: maximize}\nprogram: own.py", ""},
	        {"parameters: {a: {min: 0, max: 1}}\nmetric: {name: auprc, goal: maximize}\n"
	         "command: [kre-train, --select=last, \"${args}\"]",
	                ""},
	        {"parameters: {a: {min: 0, max: 1}}\nreplicates: 20",
	                "s.yaml:2:13: warning: replicates: nothing is repeated: that takes folds, one objective and a "
	                "budget "
	                "of trials\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nmetric: {name: f1, goal: maximize}\nfolds: 5\nbudget: {trials: "
	         "40}\n"
	         "replicates: 4",
	                "s.yaml:5:13: warning: replicates: nothing is repeated: a trial is repeated by all of its 5 "
	                "folds\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nreplicates: some",
	                "s.yaml:2:13: error: replicates: a whole number is expected\n"},
	        {"parameters: {a: {min: 0, max: 1}}\nfiles: {a.b: /dev/null, A-B: /dev/null, \"자료\": /dev/null, c: "
	         "/dev/null}",
	                "s.yaml:2:14: warning: files.a.b: no KRE_FILE_ variable is this name's alone; `${file:a.b}` in "
	                "`command` stands for its path\n"
	                "s.yaml:2:30: warning: files.A-B: no KRE_FILE_ variable is this name's alone; `${file:A-B}` in "
	                "`command` stands for its path\n"
	                "s.yaml:2:47: warning: files.자료: no KRE_FILE_ variable is this name's alone; `${file:자료}` "
	                "in "
	                "`command` stands for its path\n"},
	        {"parameters: {a: {min: 0, max: 1}}\ndefaults: 1",
	                "s.yaml:2:11: error: defaults: a map of parameters and values is expected\n"},
	        {"parameters: {a: {value: \"\\0\"}}",
	                "s.yaml:1:25: error: parameters.a.value: control characters are not allowed\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		must_say(cases[i].yaml, cases[i].said);
}

/* The last line of each has keys without values; so does what a daemon reads. */
static void a_key_without_a_value_counts_as_left_out(void **state)
{
	(void)state;
	static const char *const files[][2] = {
	        {"method: grid\nparameters: {x: {min: 0, max: 10, q: 2}}\n", "sampler:"},
	        {"parameters: {x: {min: 0, max: 10}}\n", "method: ~"},
	        {"budget: {trials: }\nparameters: {x: {min: 0, max: 10}}\n", "run_cap: 5"},
	        {"artifacts: {models: all}\nparameters: {x: {min: 0, max: 10}}\n", "keep:"},
	        {"metrics: [{name: f1, goal: maximize}]\nparameters: {x: {min: 0, max: 10}}\n", "metric: null"},
	        {"parameters:\n  y: {values: [a, b]}\n",
	                "  x: {min: 0, max: 10, q: , when: , value: , distribution: }"},
	        {"parameters:\n  y: {value: null}\n", "  z: {parameters: {x: {min: 0, max: 10}}, min: , when: }"},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct text yaml = TEXT_NULL;
		text_printf(&yaml, "%s%s", files[i][0], files[i][1]);
		must_say(text_string(&yaml), "");
		struct study_spec *spec = must_parse(text_string(&yaml));
		const struct param *x = must_find(spec, i < 6 ? "x" : "z.x");
		assert_true(x->low == 0 && x->high == (i ? 10 : 8) && !x->condition_count);
		assert_true(spec->budget_trials == (i == 2 ? 5 : 0) && spec->keep_models == (i == 3 ? 0 : 5));
		study_spec_destroy(spec);
		text_finish(&yaml);
	}
}

/* Printed by PyYAML 6 and str(). */
static void scalars_mean_what_they_mean_to_pyyaml(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *text;
	} cases[] = {
	        {"12", "12"},
	        {"0x10", "16"},
	        {"017", "15"},
	        {"0089", "0089"},
	        {"0b101", "5"},
	        {"1_000", "1000"},
	        {"12:30:45", "45045"},
	        {"1:30.5", "90.5"},
	        {"-0:30.25", "-30.25"},
	        {"01:5.", "65.0"},
	        {"0:30", "0:30"},
	        {"1:60.5", "1:60.5"},
	        {"1.5:30", "1.5:30"},
	        {"1.0e-5", "1e-05"},
	        {"1e-5", "1e-5"},
	        {"1.5e5", "1.5e5"},
	        {".5", "0.5"},
	        {"-.5", "-.5"},
	        {"1.", "1.0"},
	        {"0.10", "0.1"},
	        {"\"1.0\"", "1.0"},
	        {"Off", "False"},
	        {"~", "None"},
	        {"1.2.3", "1.2.3"},
	        {"0x", "0x"},
	        {"한국어", "한국어"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char yaml[100];
		snprintf(yaml, sizeof yaml, "parameters: {x: {values: [%s, other]}}", cases[i].yaml);
		struct study_spec *spec = must_parse(yaml);
		assert_string_equal(must_find(spec, "x")->choices[0].text, cases[i].text);
		study_spec_destroy(spec);
	}
}

static void aliases_and_merge_keys_are_followed(void **state)
{
	(void)state;
	struct study_spec *spec = must_parse("parameters:\n"
	                                     "  a: &base {min: 0, max: 10}\n"
	                                     "  b: {<<: *base, max: 20}\n"
	                                     "  c: *base\n");
	assert_true(must_find(spec, "b")->high == 20);
	assert_true(must_find(spec, "c")->high == 10);
	assert_string_equal(spec->json, "{\"name\":\"s\",\"parameters\":{\"a\":{\"max\":10,\"min\":0},"
	                                "\"b\":{\"max\":20,\"min\":0},\"c\":{\"max\":10,\"min\":0}}}");
	study_spec_destroy(spec);
}

static void a_laughing_file_is_stopped(void **state)
{
	(void)state;
	struct text yaml = TEXT_NULL;
	text_append(&yaml, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 12; i++)
		text_printf(&yaml, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1,
		        i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	struct study_spec *spec = NULL;
	struct complaints complaints;
	struct error error;
	assert_int_equal(
	        study_file_parse(&spec, &(struct study_source){text_string(&yaml), yaml.length, "", NULL, NULL},
	                &complaints, &error),
	        STUDY_FILE_WRONG);
	assert_null(spec);
	complaints_finish(&complaints);
	text_finish(&yaml);
}

static void the_canonical_json_reads_back_equal(void **state)
{
	(void)state;
	struct study_spec *spec = must_parse("description: \"관계 \\\"추출\\\" 😀\"\n"
	                                     "files: {train: d/t.tsv}\n"
	                                     "parameters:\n"
	                                     "  lr: {values: [1e-5, .5, 0x10, 1_000, 2.0, ~, yes, text]}\n"
	                                     "  z: {min: 0.30000000000000004, max: 1e+300, log: true}\n"
	                                     "  nest: {parameters: {a: {value: {k: [1, 2]}}}}\n");
	struct study_spec *again = must_parse(spec->json);
	assert_string_equal(spec->json, again->json);
	assert_string_equal(spec->files[0].path, again->files[0].path);
	const struct param *lr = must_find(spec, "lr"), *same = must_find(again, "lr");
	static const char *const texts[] = {"1e-5", "0.5", "16", "1000", "2.0", "None", "True", "text"};
	for (size_t i = 0; i < 8; i++) {
		assert_string_equal(lr->choices[i].text, texts[i]);
		assert_string_equal(same->choices[i].text, texts[i]);
		assert_string_equal(same->choices[i].json, lr->choices[i].json);
	}
	study_spec_destroy(spec);
	study_spec_destroy(again);
}

#define GOLDEN                                                                                                         \
	"program: train.py\nmetric: {name: loss}\n"                                                                    \
	"parameters: {batch_size: {value: 32}, lr: {value: 1.0e-05}, use_amp: {value: true}, note: {value: null}}\n"

/* W&B's own client prints these for the same file. */
static void commands_are_those_of_wandb(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *argv;
	} cases[] = {
	        {GOLDEN, "/usr/bin/env|python|train.py|--batch_size=32|--lr=1e-05|--note=None|--use_amp=True|"},
	        {GOLDEN "command: [python3, \"${program}\", train, \"${args_no_equals}\"]",
	                "python3|train.py|train|--batch_size|32|--lr|1e-05|--note|None|--use_amp|True|"},
	        {GOLDEN "command: [\"${program}\", \"${args_no_boolean_flags}\"]",
	                "train.py|--batch_size=32|--lr=1e-05|--note=None|--use_amp|"},
	        {GOLDEN "command: [run, \"${args_json}\"]",
	                "run|{\"batch_size\": 32, \"lr\": 1e-05, \"note\": null, \"use_amp\": true}|"},
	        {GOLDEN "command: [\"--cfg=${args}\", \"${nothing}\", \"${args_no_hyphens}\"]",
	                "--cfg=${args}|batch_size=32|lr=1e-05|note=None|use_amp=True|"},
	        {GOLDEN "command: [\"${args_append_hydra}\", \"${args_override_hydra}\"]",
	                "+batch_size=32|+lr=1e-05|+note=None|+use_amp=True|++batch_size=32|++lr=1e-05|++note=None|++"
	                "use_amp=True|"},
	        {GOLDEN "command: [run, \"lr=${param:lr},b=${param:batch_size}\", \"${param:use_amp}\", \"${seed}\", "
	                "\"--d=${run_dir}/${number}-${fold}\"]",
	                "run|lr=1e-05,b=32|True|${seed}|--d=${run_dir}/${number}-${fold}|"},
	        {"program: t\nmetric: {name: l}\ncommand: [\"${param:o}\", \"${param:o.lr}\"]\n"
	         "parameters: {o: {parameters: {lr: {value: 0.001}}}}",
	                "{'lr': 0.001}|0.001|"},
	        {"program: t\nmetric: {name: l}\nparameters: {a: {value: x}, b: {value: \"${envvar:HOME}\"}}\n"
	         "command: [\"${args}\", \"${args_json}\", \"${param:b}\", \"${args_no_equals}\"]",
	                "--a=x|--b=${$}{envvar:HOME}|{\"a\": \"x\", \"b\": \"${$}{envvar:HOME}\"}|${$}{envvar:HOME}|"
	                "--a|x|--b|${$}{envvar:HOME}|"},
	        {"program: t\nmetric: {name: l}\nparameters: {a: {value: \"5$\"}, b: {value: \"{envvar:HOME}\"}}\n"
	         "command: [\"${param:a}${param:b}\"]",
	                "5${$}{envvar:HOME}|"},
	        {"files: {train: t.tsv}\nfixed: {epochs: 3, opt: {values: [1]}}\n"
	         "parameters: {o: {parameters: {lr: {value: 0.001}, nadam: {parameters: {beta: {value: 0.9}}}}}}",
	                "kre-train|--data=${file:train}|--epochs=3|--o={'lr': 0.001, 'nadam': {'beta': "
	                "0.9}}|--opt={'values': [1]}|"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct study_spec *spec = must_parse(cases[i].yaml);
		struct arena arena = ARENA_NULL;
		struct command command;
		struct text joined = TEXT_NULL;
		double point[1];
		assert_int_equal(command_expand(&command, &arena, spec, point), 0);
		for (size_t k = 0; k < command.length; k++)
			text_printf(&joined, "%s|", command.argv[k]);
		assert_null(command.argv[command.length]);
		assert_string_equal(text_string(&joined), cases[i].argv);
		text_finish(&joined);
		arena_finish(&arena);
		study_spec_destroy(spec);
	}
}

/* What a command would do with a parameter that does not exist here is nobody's guess. */
static void an_element_with_a_parameter_that_is_not_active_is_left_out(void **state)
{
	(void)state;
	struct study_spec *spec =
	        must_parse("program: t\nmetric: {name: l}\ncommand: [run, \"--m=${param:m}\", \"--o=${param:o}\"]\n"
	                   "parameters: {o: {values: [adam, sgd]}, m: {min: 0.0, max: 1.0, when: {o: sgd}}}");
	struct arena arena = ARENA_NULL;
	struct command command;
	const double adam[] = {(double)NAN, 0}, sgd[] = {0.5, 1};
	assert_int_equal(command_expand(&command, &arena, spec, adam), 0);
	assert_int_equal(command.length, 2);
	assert_string_equal(command.argv[1], "--o=adam");
	assert_int_equal(command_expand(&command, &arena, spec, sgd), 0);
	assert_int_equal(command.length, 3);
	assert_string_equal(command.argv[1], "--m=0.5");
	arena_finish(&arena);
	study_spec_destroy(spec);
}

static const char *find_file(void *context, const char *name)
{
	return strcmp(name, "train") == 0 ? context : NULL;
}

static void the_agent_puts_paths_in_place(void **state)
{
	(void)state;
	char path[] = "/cache/ab";
	const char *argv[] = {"--d=${file:train}", "${args_json_file}", "${envvar:KRE_NO_SUCH}x", "${other}", "a${",
	        "--seed=${seed}", "${run_dir}/${number}-${fold}", "${$}{envvar:HOME}", NULL};
	struct command command = {8, (char **)argv};
	struct arena arena = ARENA_NULL;
	struct error error;
	const struct command_places places = {
	        find_file, path, "/run/p.json", "/run", .seed = (INT64_C(5) << 32) + 7, .number = 12, .fold = 3};
	assert_int_equal(command_localise(&command, &arena, &places, &error), 0);
	assert_string_equal(argv[0], "--d=/cache/ab");
	assert_string_equal(argv[1], "/run/p.json");
	assert_string_equal(argv[2], "KRE_NO_SUCHx");
	assert_string_equal(argv[3], "${other}");
	assert_string_equal(argv[4], "a${");
	assert_string_equal(argv[5], "--seed=7");
	assert_string_equal(argv[6], "/run/12-3");
	assert_string_equal(argv[7], "${envvar:HOME}");
	argv[0] = "${file:dev}";
	assert_int_equal(
	        command_localise(&command, &arena, &(struct command_places){find_file, path, NULL}, &error), -2);
	assert_string_equal(error.text, "the command asks for the file dev, which the study does not have");
	arena_finish(&arena);
}

static void a_daemon_elsewhere_is_told_no_secret(void **state)
{
	(void)state;
	static const struct {
		const char *name, *word, *told;
	} cases[] = {{"KRE_CONNECT", "${envvar:KRE_CONNECT}", "KRE_CONNECT"},
	        {"KRE_JOIN", "${envvar:KRE_JOIN}", "KRE_JOIN"},
	        {"WANDB_API_KEY", "${envvar:WANDB_API_KEY}", "WANDB_API_KEY"}, {"SECRET", "${envvar:SECRET}", "SECRET"},
	        {"WANDB_ENTITY", "${envvar:WANDB_ENTITY}", "mine"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena arena = ARENA_NULL;
		struct error error;
		const char *guarded[] = {cases[i].word, NULL}, *own[] = {cases[i].word, NULL};
		assert_int_equal(setenv(cases[i].name, "mine", 1), 0);
		assert_int_equal(command_localise(&(struct command){1, (char **)guarded}, &arena,
		                         &(struct command_places){.guarded = true}, &error),
		        0);
		assert_string_equal(guarded[0], cases[i].told);
		assert_int_equal(command_localise(&(struct command){1, (char **)own}, &arena,
		                         &(struct command_places){.guarded = false}, &error),
		        0);
		assert_string_equal(own[0], "mine");
		unsetenv(cases[i].name);
		arena_finish(&arena);
	}
}

static void a_missing_file_is_named(void **state)
{
	(void)state;
	struct study_spec *spec;
	struct complaints complaints;
	struct error error;
	assert_int_equal(study_file_read(&spec, "/no/such.yaml", &complaints, &error), -2);
	assert_string_equal(error.text, "/no/such.yaml: No such file or directory");
	complaints_finish(&complaints);
}

/* Whatever allocation fails, the parse says so, leaks nothing, and works once memory is back. */
static void memory_may_end_at_any_moment(void **state)
{
	(void)state;
	const char *yaml = "name: n\nmetrics: [{name: f1, goal: maximize}]\nsampler: {name: tpe, seed: 1}\n"
	                   "pruner: [{name: patient, pruner: median}]\nfiles: {train: t.tsv}\ncommand: [a, b]\n"
	                   "constraints: {m: \"<= 5\"}\nfixed: {e: [1, {a: b}]}\nwrong: 1\nparameters:\n"
	                   "  a: {values: [1, 2, x]}\n  b: {min: 0, max: 9, when: {a: [1, x]}}\n"
	                   "  c: {parameters: {d: {values: [1, 2], probabilities: [0.5, 0.5]}}}\n";
	for (int wrong = 0; wrong < 2; wrong++) {
		long countdown = 0;
		char text[1000];
		snprintf(text, sizeof text, "%s", yaml);
		if (!wrong)
			memcpy(strstr(text, "wrong: 1"), "folds: 2", 8);
		for (;;) {
			struct study_spec *spec = NULL;
			struct complaints complaints;
			struct error error;
			memory_fault_after(++countdown);
			int rc = study_file_parse(&spec,
			        &(struct study_source){text, strlen(text), "s.yaml", "/d", "s"}, &complaints, &error);
			int happened = memory_fault_happened();
			memory_fault_after(0);
			complaints_finish(&complaints);
			if (!happened) {
				assert_int_equal(rc, wrong ? STUDY_FILE_WRONG : 0);
				study_spec_destroy(spec);
				break;
			}
			assert_true(rc < 0);
			assert_null(spec);
		}
		assert_true(countdown > 10);
	}
}

/* A study file with one key replaced: what is read is whole, or there are complaints. */
static void try_file(const char *yaml)
{
	struct study_spec *spec = NULL;
	struct complaints complaints;
	struct error error = {""};
	int rc = study_file_parse(
	        &spec, &(struct study_source){yaml, strlen(yaml), "s.yaml", "/data", "s"}, &complaints, &error);
	if (rc == STUDY_FILE_WRONG) {
		assert_true(complaints.error_count > 0);
	} else {
		assert_int_equal(rc, 0);
		assert_true(spec->objective_count > 0 && spec->prune_metric && *spec->prune_metric);
		assert_true(*spec->name && strcmp(spec->name, "null") != 0);
		assert_true(spec->folds >= 1 && spec->space && spec->sampler.info && spec->json);
		study_spec_destroy(spec);
	}
	complaints_finish(&complaints);
}

static const char *const any_values[] = {"", "null", "~", "true", "3", "-1", "0.5", "1.0e+300", "word", "\"\"", "[]",
        "{}", "[1]", "[null]", "{a: 1}", "{a: null}", "[[]]", "한글"};
enum { VALUE_COUNT = sizeof any_values / sizeof *any_values };

static void try_key(const char *before, const char *key, const char *after)
{
	static const char *const base[][2] = {{"program", "t.py"}, {"metric", "{name: f1, goal: maximize}"},
	        {"parameters", "{x: {min: 0.0, max: 1.0}}"}};
	for (size_t v = 0; v < VALUE_COUNT; v++) {
		struct text yaml = TEXT_NULL;
		for (size_t i = 0; i < sizeof base / sizeof *base; i++)
			if (strncmp(before, base[i][0], strlen(base[i][0])) != 0 &&
			        (*before || strcmp(key, base[i][0]) != 0))
				text_printf(&yaml, "%s: %s\n", base[i][0], base[i][1]);
		text_printf(&yaml, "%s%s: %s%s\n", before, key, any_values[v], after);
		try_file(text_string(&yaml));
		text_finish(&yaml);
	}
}

static void no_key_with_any_value_makes_half_a_study(void **state)
{
	(void)state;
	for (const struct key *key = study_keys; key->name; key++) {
		try_key("", key->name, "");
		for (const struct key *inner = key->inner; inner && inner->name; inner++) {
			char before[64];
			snprintf(before, sizeof before, "%s: {", key->name);
			try_key(before, inner->name, "}");
		}
	}
	for (const struct key *key = parameter_keys; key->name; key++) {
		try_key("parameters: {x: {", key->name, "}}");
		try_key("parameters: {x: {min: 0.0, max: 1.0, ", key->name, "}}");
	}
	for (const struct key *key = metric_keys; key->name; key++)
		try_key("metric: {name: loss, ", key->name, "}");
}

static void a_metric_that_is_no_objective_has_a_goal_of_its_own(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		enum direction direction;
	} cases[] = {{"prune_metric: loss", MINIMIZE}, {"prune_metric: val_Error", MINIMIZE},
	        {"prune_metric: {name: score, goal: maximize}", MAXIMIZE},
	        {"prune_metric: {name: score, goal: minimize}", MINIMIZE}, {"prune_metric: f1", MAXIMIZE},
	        {"prune_metric: {name: f1}", MAXIMIZE}, {"seed: 1", MAXIMIZE}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char yaml[256];
		snprintf(yaml, sizeof yaml,
		        "metric: {name: f1, goal: maximize}\nparameters: {x: {min: 0.0, max: 1.0}}\n%s\n",
		        cases[i].line);
		struct study_spec *spec = must_parse(yaml);
		assert_int_equal(spec->prune_direction, cases[i].direction);
		study_spec_destroy(spec);
	}
	must_say("metric: {name: f1, goal: maximize}\nparameters: {x: {min: 0.0, max: 1.0}}\nprune_metric: distance\n",
	        "s.yaml:3:15: error: prune_metric: distance is no objective; say which way is better: {name: distance, "
	        "goal: "
	        "minimize}\n");
	must_say("metric: {name: f1, goal: maximize}\nparameters: {x: {min: 0.0, max: 1.0}}\n"
	         "prune_metric: {name: f1, goal: minimize}\n",
	        "s.yaml:3:32: error: prune_metric.goal: f1 is an objective with the other goal\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_distribution_becomes_a_parameter),
	        cmocka_unit_test(no_key_with_any_value_makes_half_a_study),
	        cmocka_unit_test(a_metric_that_is_no_objective_has_a_goal_of_its_own),
	        cmocka_unit_test(quantised_logarithms_may_round_to_zero),
	        cmocka_unit_test(defaults_are_filled_in),
	        cmocka_unit_test(every_key_finds_its_field),
	        cmocka_unit_test(mistakes_are_told_all_at_once_with_their_places),
	        cmocka_unit_test(each_mistake_has_its_sentence),
	        cmocka_unit_test(a_key_without_a_value_counts_as_left_out),
	        cmocka_unit_test(scalars_mean_what_they_mean_to_pyyaml),
	        cmocka_unit_test(aliases_and_merge_keys_are_followed),
	        cmocka_unit_test(a_laughing_file_is_stopped),
	        cmocka_unit_test(the_canonical_json_reads_back_equal),
	        cmocka_unit_test(commands_are_those_of_wandb),
	        cmocka_unit_test(an_element_with_a_parameter_that_is_not_active_is_left_out),
	        cmocka_unit_test(the_agent_puts_paths_in_place),
	        cmocka_unit_test(a_daemon_elsewhere_is_told_no_secret),
	        cmocka_unit_test(a_missing_file_is_named),
	        cmocka_unit_test(memory_may_end_at_any_moment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
