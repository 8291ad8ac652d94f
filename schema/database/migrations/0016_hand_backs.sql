-- Runs that their worker handed back further than any attempt before had come, as one does that is stopped, or before their program had
-- begun: they are lost, and handed out again, and cost none of the study's retries.

ALTER TABLE kre_runs ADD COLUMN handed_back INTEGER NOT NULL DEFAULT 0; -- 1 = such a one
