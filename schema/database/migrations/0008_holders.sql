-- Whose lease it is: a session's name is the client's choice, and a lease's number can be guessed.

ALTER TABLE kre_runs ADD COLUMN holder INTEGER NOT NULL DEFAULT 0; -- 0 = the user of this machine, else a token's id
ALTER TABLE kre_runs ADD COLUMN software TEXT NOT NULL DEFAULT ''; -- of the worker that has or had it, with its version
