-- A trial that was stopped and taken up again: when, in the order of moments, so that a daemon that starts anew lives through it as the
-- one before did. Both stand with the runs that the trial got then.

ALTER TABLE kre_runs ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0; -- when its trial had been stopped before; 0 = it had not
ALTER TABLE kre_runs ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0; -- when it was taken up again
