#include "schema/study/trial.h"

#include <errno.h>
#include <string.h>

#define BIT(state) (1u << (state))

/* A state: its name and the states that it may become. */
struct state_row {
	const char *name;
	unsigned next;
};

static const struct state_row trial_states[TRIAL_STATE_COUNT] = {
        [TRIAL_WAITING] = {"WAITING", BIT(TRIAL_RUNNING) | BIT(TRIAL_FAILED)},
        [TRIAL_RUNNING] = {"RUNNING", BIT(TRIAL_COMPLETE) | BIT(TRIAL_PRUNED) | BIT(TRIAL_FAILED)},
        [TRIAL_COMPLETE] = {"COMPLETE", 0},
        [TRIAL_PRUNED] = {"PRUNED", 0},
        [TRIAL_FAILED] = {"FAIL", 0},
};

static const struct state_row run_states[RUN_STATE_COUNT] = {
        [RUN_WAITING] = {"waiting", BIT(RUN_LEASED) | BIT(RUN_PRUNED) | BIT(RUN_CANCELLED)},
        [RUN_LEASED] = {"leased",
                BIT(RUN_COMPLETE) | BIT(RUN_PRUNED) | BIT(RUN_FAILED) | BIT(RUN_CANCELLED) | BIT(RUN_LOST)},
        [RUN_COMPLETE] = {"complete", 0},
        [RUN_PRUNED] = {"pruned", 0},
        [RUN_FAILED] = {"failed", 0},
        [RUN_CANCELLED] = {"cancelled", 0},
        [RUN_LOST] = {"lost", 0},
};

static const struct state_row study_states[STUDY_STATE_COUNT] = {
        [STUDY_RUNNING] = {"running", BIT(STUDY_PAUSED) | BIT(STUDY_STOPPED) | BIT(STUDY_FINISHED)},
        [STUDY_PAUSED] = {"paused", BIT(STUDY_RUNNING) | BIT(STUDY_STOPPED) | BIT(STUDY_FINISHED)},
        [STUDY_STOPPED] = {"stopped", BIT(STUDY_RUNNING)},
        [STUDY_FINISHED] = {"finished", BIT(STUDY_RUNNING)},
};

static int find_state(const struct state_row *rows, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return i;
	return -EINVAL;
}

const char *trial_state_name(enum trial_state state)
{
	return trial_states[state].name;
}

const char *run_state_name(enum run_state state)
{
	return run_states[state].name;
}

const char *study_state_name(enum study_state state)
{
	return study_states[state].name;
}

int trial_state_parse(const char *name, enum trial_state *out)
{
	int state = find_state(trial_states, TRIAL_STATE_COUNT, name);
	if (state < 0)
		return state;
	*out = (enum trial_state)state;
	return 0;
}

int run_state_parse(const char *name, enum run_state *out)
{
	int state = find_state(run_states, RUN_STATE_COUNT, name);
	if (state < 0)
		return state;
	*out = (enum run_state)state;
	return 0;
}

int study_state_parse(const char *name, enum study_state *out)
{
	int state = find_state(study_states, STUDY_STATE_COUNT, name);
	if (state < 0)
		return state;
	*out = (enum study_state)state;
	return 0;
}

bool trial_state_may_become(enum trial_state from, enum trial_state to)
{
	return trial_states[from].next & BIT(to);
}

bool run_state_may_become(enum run_state from, enum run_state to)
{
	return run_states[from].next & BIT(to);
}

bool study_state_may_become(enum study_state from, enum study_state to)
{
	return study_states[from].next & BIT(to);
}

bool trial_state_is_finished(enum trial_state state)
{
	return trial_states[state].next == 0;
}

bool run_state_is_finished(enum run_state state)
{
	return run_states[state].next == 0;
}
