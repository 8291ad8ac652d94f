-- What a run under way has kept to go on from, where the study lets that follow it to another machine (`keep: {checkpoint: true}`).
-- A set of files counts once all of it is here; the one before it stays until then.

CREATE TABLE kre_checkpoints (
	run_id INTEGER NOT NULL REFERENCES kre_runs ON DELETE CASCADE,
	complete INTEGER NOT NULL, -- 0: on its way
	name TEXT NOT NULL, -- relative to the folder for checkpoints
	sha256 TEXT NOT NULL, -- of its content, by which blobs are called
	size_bytes INTEGER NOT NULL,
	PRIMARY KEY (run_id, complete, name)
) WITHOUT ROWID;
CREATE INDEX kre_checkpoints_content ON kre_checkpoints (sha256);
