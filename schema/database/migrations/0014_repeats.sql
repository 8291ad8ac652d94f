-- Runs that repeat a finished trial on another split and with other seeds, so that the choice among the best rests on more than their
-- luck: what they come to counts for the estimate of the trial and leaves its value alone. Their folds go on where the trial's own end.

ALTER TABLE kre_runs ADD COLUMN repeat INTEGER NOT NULL DEFAULT 0; -- 0 = of the trial itself
