/* What differs between two versions of a study file, and what a study can take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schema/base/text.h"
#include "schema/study/complaints.h"
#include "schema/study/spec_changes.h"
#include "schema/study/study_file.h"

#define BASE "name: s\nprogram: p.py\nparameters: {lr: {min: 0.1, max: 1.0}}\n"
#define METRIC "metric: {name: f1, goal: maximize}\n"

static struct study_spec *read_spec(const char *yaml)
{
	struct study_spec *spec;
	struct complaints complaints;
	struct error error = {0};
	const struct study_source source = {yaml, strlen(yaml), "file", "/data", "s"};
	if (study_file_parse(&spec, &source, &complaints, &error) != 0)
		fail_msg("%s\n%s", yaml, complaints.count ? complaints.items[0].text : error.text);
	complaints_finish(&complaints);
	return spec;
}

/* Refused ones have an exclamation mark. */
static void must_differ(const char *before, const char *after, const char *expected)
{
	struct study_spec *old = read_spec(before), *new = read_spec(after);
	struct spec_changes changes;
	struct text said = TEXT_NULL;
	assert_int_equal(spec_changes_find(&changes, old, new), 0);
	for (size_t i = 0; i < changes.count; i++) {
		const struct spec_change *change = &changes.items[i];
		text_printf(&said, "%s%s%s %s → %s", i ? "; " : "", change->refused ? "!" : "", change->path,
		        change->from, change->to);
	}
	assert_string_equal(text_string(&said), expected);
	text_finish(&said);
	spec_changes_finish(&changes);
	study_spec_destroy(old);
	study_spec_destroy(new);
}

static void what_says_the_same_is_no_change(void **state)
{
	(void)state;
	must_differ(BASE METRIC, METRIC BASE, "");
	must_differ(BASE METRIC, BASE "metric: {goal: maximize, name: f1}\n", "");
	must_differ(BASE METRIC, BASE METRIC "retries: 2\nresult: best\nfolds: 1\n", "");
	must_differ(BASE METRIC, BASE METRIC "prune_metric: f1\nsampler: auto\n", "");
	must_differ(BASE METRIC "method: bayes\n", BASE METRIC "sampler: {name: tpe}\n", "");
	must_differ(BASE METRIC "run_cap: 9\n", BASE METRIC "budget: {trials: 9}\n", "");
	must_differ(BASE METRIC, "name: s\nprogram: p.py\nparameters: {lr: {max: 1.00, min: 1.0e-1}}\n" METRIC, "");
	must_differ("name: t\nparameters: {dim: {values: [8, 9]}}\n",
	        "name: t\nparameters: {dim: {values: [8, 9]}}\n" METRIC, "");
}

static void limits_and_pruners_may_change(void **state)
{
	(void)state;
	must_differ(
	        BASE METRIC "budget: {trials: 40}\n", BASE METRIC "budget: {trials: 80}\n", "budget.trials 40 → 80");
	must_differ(BASE METRIC "run_cap: 40\n", BASE METRIC "run_cap: 80\n", "run_cap 40 → 80");
	must_differ(BASE METRIC "run_cap: 40\n", BASE METRIC "budget: {trials: 80}\n", "budget.trials 40 → 80");
	must_differ(BASE METRIC, BASE METRIC "budget: {trials: 9, hours: 2}\n",
	        "budget.hours no limit → 2; budget.trials no limit → 9");
	must_differ(BASE METRIC "budget: {trials: 9}\n", BASE METRIC, "budget.trials 9 → no limit");
	must_differ(BASE METRIC, BASE METRIC "description: a second look\nretries: 5\nresources: {memory_mb: 512}\n",
	        "description none → a second look; retries 2 → 5; resources.memory_mb no limit → 512");
	must_differ(BASE METRIC, BASE METRIC "pruner: median\n", "pruner none → median");
	must_differ(BASE METRIC "pruner: {name: median}\n", BASE METRIC "pruner: {name: median, n_warmup_steps: 3}\n",
	        "pruner.n_warmup_steps not given → 3");
	must_differ(BASE METRIC, BASE "metric: {name: f1, goal: maximize, target: 0.9}\n", "metric.target none → 0.9");
}

static void folds_grow_only(void **state)
{
	(void)state;
	must_differ(BASE METRIC, BASE METRIC "folds: 5\n", "folds 1 → 5");
	must_differ(BASE METRIC "folds: 3\n", BASE METRIC "folds: 5\n", "folds 3 → 5");
	must_differ(BASE METRIC "folds: 3\n", BASE METRIC, "!folds 3 → 1");
}

static void another_space_metric_or_program_is_another_study(void **state)
{
	(void)state;
	must_differ(BASE METRIC, "name: s\nprogram: p.py\nparameters: {lr: {min: 0.1, max: 2.0}}\n" METRIC,
	        "!parameters.lr.max 1.0 → 2.0");
	must_differ(BASE METRIC, "name: s\nprogram: p.py\nparameters: {lr: {min: 0.1, max: 1}}\n" METRIC,
	        "!parameters.lr.max 1.0 → 1");
	must_differ(BASE METRIC, BASE METRIC "fixed: {epochs: 3}\n", "!fixed none → {\"epochs\":3}");
	must_differ(BASE METRIC, BASE "metric: {name: f1, goal: minimize}\n", "!metric.goal maximize → minimize");
	must_differ(BASE METRIC, BASE "metric: {name: f1}\n", "!metric.goal maximize → minimize");
	must_differ(BASE METRIC, "name: s\nprogram: q.py\nparameters: {lr: {min: 0.1, max: 1.0}}\n" METRIC,
	        "!program p.py → q.py");
	must_differ(BASE METRIC "method: random\n", BASE METRIC "method: tpe\n", "!method random → tpe");
	must_differ(BASE METRIC "budget: {trials: 4}\n", BASE METRIC "budget: {trials: 8}\nseed: 3\n",
	        "budget.trials 4 → 8; !seed drawn once and stored → 3");
}

static void files_are_known_by_their_content(void **state)
{
	(void)state;
	static const char here[] =
	        BASE METRIC "files: {train: {path: /a/t.csv, sha256: "
	                    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}}\n";
	static const char there[] =
	        BASE METRIC "files: {train: {path: /b/t.csv, sha256: "
	                    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}}\n";
	static const char other[] =
	        BASE METRIC "files: {train: {path: /a/t.csv, sha256: "
	                    "\"03b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}}\n";
	must_differ(here, there, "files.train /a/t.csv → /b/t.csv");
	must_differ(here, other, "!files.train /a/t.csv (sha256 e3b0c442) → /a/t.csv (sha256 03b0c442)");
	must_differ(here, BASE METRIC "files: {train: /a/t.csv}\n", "");
	must_differ(here, BASE METRIC "files: {train: /b/t.csv}\n",
	        "!files.train /a/t.csv (sha256 e3b0c442) → /b/t.csv (sha256 unknown)");
	must_differ(
	        BASE METRIC, BASE METRIC "files: {train: /b/t.csv}\n", "!files.train none → /b/t.csv (sha256 unknown)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_says_the_same_is_no_change),
	        cmocka_unit_test(limits_and_pruners_may_change),
	        cmocka_unit_test(folds_grow_only),
	        cmocka_unit_test(another_space_metric_or_program_is_another_study),
	        cmocka_unit_test(files_are_known_by_their_content),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
