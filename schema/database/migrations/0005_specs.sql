-- A study may go on with another budget, pruner, number of folds …: every version of its file is kept.

CREATE TABLE kre_specs (
	study_id INTEGER NOT NULL REFERENCES kre_studies ON DELETE CASCADE,
	version INTEGER NOT NULL, -- 1, 2, 3 …; the last one is kre_studies.spec_json
	since_us INTEGER, -- when the study took it
	spec_json TEXT NOT NULL, -- the study file as canonical JSON
	PRIMARY KEY (study_id, version)
) WITHOUT ROWID;
INSERT INTO kre_specs (study_id, version, since_us, spec_json) SELECT study_id, 1, created_us, spec_json FROM kre_studies;
