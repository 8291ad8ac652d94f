-- What runs left that the study keeps: models, predictions, logs. The bytes are beside the file, in blobs.

CREATE TABLE kre_artifacts (
	run_id INTEGER NOT NULL REFERENCES kre_runs ON DELETE CASCADE,
	name TEXT NOT NULL, -- relative to the folder of the run
	kind TEXT NOT NULL, -- model, oof, log
	sha256 TEXT NOT NULL, -- of its content, by which blobs are called
	size_bytes INTEGER NOT NULL,
	wanted INTEGER NOT NULL, -- 0: its trial has fallen out of the best, and nothing of it is kept
	PRIMARY KEY (run_id, name)
) WITHOUT ROWID;
CREATE INDEX kre_artifacts_content ON kre_artifacts (sha256) WHERE wanted;
