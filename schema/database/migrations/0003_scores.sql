-- What a finished run leaves besides its value: final metrics, and relation extraction's scores per class and confusion.

CREATE TABLE kre_run_metrics (
	run_id INTEGER NOT NULL REFERENCES kre_runs ON DELETE CASCADE,
	name TEXT NOT NULL, -- f1, auprc, seconds, memory_mb …
	value REAL,
	PRIMARY KEY (run_id, name)
) WITHOUT ROWID;

CREATE TABLE kre_classes (
	-- Scores per class at the run's best epoch, in the order the trainer sent them.
	run_id INTEGER NOT NULL REFERENCES kre_runs ON DELETE CASCADE,
	place INTEGER NOT NULL,
	label TEXT NOT NULL,
	precision REAL,
	recall REAL,
	f1 REAL,
	auprc REAL,
	support INTEGER NOT NULL, -- examples of the class
	PRIMARY KEY (run_id, place)
) WITHOUT ROWID;

CREATE TABLE kre_confusion (
	-- How often `truth` was taken for `predicted` at the run's best epoch; pairs that never happened may be left out.
	run_id INTEGER NOT NULL REFERENCES kre_runs ON DELETE CASCADE,
	place INTEGER NOT NULL,
	truth TEXT NOT NULL,
	predicted TEXT NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (run_id, place)
) WITHOUT ROWID;
