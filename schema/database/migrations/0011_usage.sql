-- What the runs took of their workers' machines, all processes of a run together.

CREATE TABLE kre_run_usage (
	run_id INTEGER PRIMARY KEY REFERENCES kre_runs ON DELETE CASCADE,
	cpu_s REAL, -- seconds of processor time; NULL = not known, likewise below
	peak_mb REAL, -- the most memory that was taken at once, in 2^20 bytes
	wall_s REAL -- from the program's start to its end
);
