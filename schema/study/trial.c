#include "schema/study/trial.h"

#include <assert.h>
#include <errno.h>

#define BIT(state) (1u << (state))

static const char *const trial_names[TRIAL_STATE_COUNT] = {"WAITING", "RUNNING", "COMPLETE", "PRUNED", "FAIL"};
static const char *const run_names[RUN_STATE_COUNT] = {
        "waiting", "leased", "complete", "pruned", "failed", "cancelled", "lost"};
static const char *const study_names[STUDY_STATE_COUNT] = {"running", "paused", "stopped", "finished"};

const struct words trial_state_words = WORDS(trial_names);
const struct words run_state_words = WORDS(run_names);
const struct words study_state_words = WORDS(study_names);

static const char *const reason_names[] = {"", "target", "budget", "time", "exhausted", "user"};
const struct words study_reason_words = WORDS(reason_names);

/* For each state those that it may become. */
static const unsigned trial_moves[TRIAL_STATE_COUNT] = {
        [TRIAL_WAITING] = BIT(TRIAL_RUNNING) | BIT(TRIAL_FAILED),
        [TRIAL_RUNNING] = BIT(TRIAL_COMPLETE) | BIT(TRIAL_PRUNED) | BIT(TRIAL_FAILED),
        [TRIAL_PRUNED] = BIT(TRIAL_RUNNING), /* by the folds that it has not run */
};
static const unsigned run_moves[RUN_STATE_COUNT] = {
        [RUN_WAITING] = BIT(RUN_LEASED) | BIT(RUN_PRUNED) | BIT(RUN_CANCELLED),
        [RUN_LEASED] = BIT(RUN_COMPLETE) | BIT(RUN_PRUNED) | BIT(RUN_FAILED) | BIT(RUN_CANCELLED) | BIT(RUN_LOST),
};
static const unsigned study_moves[STUDY_STATE_COUNT] = {
        [STUDY_RUNNING] = BIT(STUDY_PAUSED) | BIT(STUDY_STOPPED) | BIT(STUDY_FINISHED),
        [STUDY_PAUSED] = BIT(STUDY_RUNNING) | BIT(STUDY_STOPPED) | BIT(STUDY_FINISHED),
        [STUDY_STOPPED] = BIT(STUDY_RUNNING),
        [STUDY_FINISHED] = BIT(STUDY_RUNNING),
};

const char *trial_state_name(enum trial_state state)
{
	return words_name(&trial_state_words, (int)state);
}

const char *run_state_name(enum run_state state)
{
	return words_name(&run_state_words, (int)state);
}

const char *study_state_name(enum study_state state)
{
	return words_name(&study_state_words, (int)state);
}

int trial_state_parse(enum trial_state *out, const char *name)
{
	int state = words_find(&trial_state_words, name);
	if (state < 0)
		return -EINVAL;
	*out = (enum trial_state)state;
	return 0;
}

int run_state_parse(enum run_state *out, const char *name)
{
	int state = words_find(&run_state_words, name);
	if (state < 0)
		return -EINVAL;
	*out = (enum run_state)state;
	return 0;
}

int study_state_parse(enum study_state *out, const char *name)
{
	int state = words_find(&study_state_words, name);
	if (state < 0)
		return -EINVAL;
	*out = (enum study_state)state;
	return 0;
}

bool trial_state_may_become(enum trial_state from, enum trial_state to)
{
	assert(from < TRIAL_STATE_COUNT && to < TRIAL_STATE_COUNT);
	return trial_moves[from] & BIT(to);
}

bool run_state_may_become(enum run_state from, enum run_state to)
{
	assert(from < RUN_STATE_COUNT && to < RUN_STATE_COUNT);
	return run_moves[from] & BIT(to);
}

bool study_state_may_become(enum study_state from, enum study_state to)
{
	assert(from < STUDY_STATE_COUNT && to < STUDY_STATE_COUNT);
	return study_moves[from] & BIT(to);
}

bool trial_state_is_finished(enum trial_state state)
{
	assert(state < TRIAL_STATE_COUNT);
	return state == TRIAL_COMPLETE || state == TRIAL_PRUNED || state == TRIAL_FAILED;
}

bool run_state_is_finished(enum run_state state)
{
	assert(state < RUN_STATE_COUNT);
	return run_moves[state] == 0;
}
