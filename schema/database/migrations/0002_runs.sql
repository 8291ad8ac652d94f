-- Our tables beside Optuna's. Comments are inside of the statements: `.schema kre_runs` in the sqlite3 shell shows them.
-- Times are microseconds since 1970 in UTC (_us), NULL = not yet; NULL values are "none" or not a number.
-- Nothing here refers to Optuna's tables by a foreign key: Optuna deletes its studies without looking at us, and
-- orphans are swept when the file is opened and when somebody else has changed it.

-- One number per trial of a study. Optuna computes the same number; two programs can never agree on one twice.
CREATE UNIQUE INDEX IF NOT EXISTS kre_trials_number ON trials (study_id, number);

CREATE TABLE kre_schema (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	version INTEGER NOT NULL -- the number of the last migration that ran
);

CREATE TABLE kre_counters (
	-- Ids that only grow. SQLite hands a deleted row's id out again, and Optuna's readers cache by id.
	name TEXT PRIMARY KEY, -- study, trial, run, lease
	value INTEGER NOT NULL -- the last one given
) WITHOUT ROWID;

CREATE TABLE kre_studies (
	study_id INTEGER PRIMARY KEY, -- studies.study_id
	name TEXT NOT NULL,
	origin TEXT NOT NULL, -- random; also the study's system attribute kre:origin, so that a reused id is noticed
	spec_json TEXT NOT NULL, -- the study file as canonical JSON
	prune_metric TEXT NOT NULL, -- the metric of kre_reports.value
	state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'stopped', 'finished')),
	reason TEXT NOT NULL, -- why it is stopped or finished, or ''
	seed INTEGER NOT NULL, -- of all random streams; 64 bits, shown signed
	created_us INTEGER,
	running_s REAL NOT NULL -- seconds spent in state running
);

CREATE TABLE kre_runs (
	-- One training: a fold of a trial. A lost one is followed by another with the next attempt.
	run_id INTEGER PRIMARY KEY,
	study_id INTEGER NOT NULL REFERENCES kre_studies ON DELETE CASCADE,
	trial_id INTEGER NOT NULL, -- trials.trial_id
	fold INTEGER NOT NULL,
	attempt INTEGER NOT NULL, -- 0 for the first
	lease INTEGER NOT NULL, -- fencing number; 0 = never handed out
	state TEXT NOT NULL CHECK (state IN ('waiting', 'leased', 'complete', 'pruned', 'failed', 'cancelled', 'lost')),
	started_us INTEGER,
	completed_us INTEGER,
	expires_us INTEGER, -- when the lease ends unless it is renewed
	value REAL, -- of the first objective
	worker TEXT NOT NULL DEFAULT '',
	session TEXT NOT NULL DEFAULT '',
	ask_key TEXT NOT NULL DEFAULT '', -- session and request that asked for it: a repeated ask finds it again
	reason TEXT NOT NULL DEFAULT '', -- of failure, pruning or loss
	UNIQUE (trial_id, fold, attempt)
);
CREATE INDEX kre_runs_study ON kre_runs (study_id);
CREATE INDEX kre_runs_leased ON kre_runs (trial_id) WHERE state = 'leased';

CREATE TABLE kre_reports (
	run_id INTEGER NOT NULL REFERENCES kre_runs ON DELETE CASCADE,
	step INTEGER NOT NULL,
	value REAL, -- of the metric that pruning looks at; NULL = not a number
	reported_us INTEGER,
	PRIMARY KEY (run_id, step)
) WITHOUT ROWID;

CREATE TABLE kre_report_metrics (
	-- The other metrics of a report.
	run_id INTEGER NOT NULL REFERENCES kre_runs ON DELETE CASCADE,
	step INTEGER NOT NULL,
	name TEXT NOT NULL,
	value REAL,
	PRIMARY KEY (run_id, step, name)
) WITHOUT ROWID;

CREATE TABLE kre_workers (
	name TEXT PRIMARY KEY,
	session TEXT NOT NULL, -- the latest
	software TEXT NOT NULL,
	first_seen_us INTEGER,
	last_seen_us INTEGER
) WITHOUT ROWID;
