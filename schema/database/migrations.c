#include "schema/database/migrations.h"

#include <stddef.h>

static const char sql_0001_optuna[] =
#include "schema/database/0001_optuna.inc"
        ;
static const char sql_0002_runs[] =
#include "schema/database/0002_runs.inc"
        ;
static const char sql_0003_scores[] =
#include "schema/database/0003_scores.inc"
        ;
static const char sql_0004_measured[] =
#include "schema/database/0004_measured.inc"
        ;
static const char sql_0005_specs[] =
#include "schema/database/0005_specs.inc"
        ;
static const char sql_0006_moments[] =
#include "schema/database/0006_moments.inc"
        ;
static const char sql_0007_numbers[] =
#include "schema/database/0007_numbers.inc"
        ;
static const char sql_0008_holders[] =
#include "schema/database/0008_holders.inc"
        ;
static const char sql_0009_tokens[] =
#include "schema/database/0009_tokens.inc"
        ;
static const char sql_0010_artifacts[] =
#include "schema/database/0010_artifacts.inc"
        ;
static const char sql_0011_usage[] =
#include "schema/database/0011_usage.inc"
        ;
static const char sql_0012_leases[] =
#include "schema/database/0012_leases.inc"
        ;
static const char sql_0013_checkpoints[] =
#include "schema/database/0013_checkpoints.inc"
        ;
static const char sql_0014_repeats[] =
#include "schema/database/0014_repeats.inc"
        ;
static const char sql_0015_resumptions[] =
#include "schema/database/0015_resumptions.inc"
        ;
static const char sql_0016_hand_backs[] =
#include "schema/database/0016_hand_backs.inc"
        ;
const char views_sql[] =
#include "schema/database/views.inc"
        ;

const struct migration migrations[] = {
        {1, "0001_optuna", sql_0001_optuna},
        {2, "0002_runs", sql_0002_runs},
        {3, "0003_scores", sql_0003_scores},
        {4, "0004_measured", sql_0004_measured},
        {5, "0005_specs", sql_0005_specs},
        {6, "0006_moments", sql_0006_moments},
        {7, "0007_numbers", sql_0007_numbers},
        {8, "0008_holders", sql_0008_holders},
        {9, "0009_tokens", sql_0009_tokens},
        {10, "0010_artifacts", sql_0010_artifacts},
        {11, "0011_usage", sql_0011_usage},
        {12, "0012_leases", sql_0012_leases},
        {13, "0013_checkpoints", sql_0013_checkpoints},
        {14, "0014_repeats", sql_0014_repeats},
        {15, "0015_resumptions", sql_0015_resumptions},
        {16, "0016_hand_backs", sql_0016_hand_backs},
        {0, NULL, NULL},
};

int migrations_latest(void)
{
	return (int)(sizeof migrations / sizeof *migrations) - 1;
}

const char *const view_names[] = {"best_runs", "best_trials", "class_scores", "confusion", "infeasible_trials",
        "leaderboard", "learning_curves", "pareto", "runs", "study_files", "trial_history", "trial_numbers",
        "trial_texts", "workers", NULL};

/* v3.2.0.a only adds an index to v3.0.0.d. */
const char *const optuna_revisions[] = {"v3.2.0.a", "v3.0.0.d", NULL};
