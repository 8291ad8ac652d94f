-- The daemon knows which runs are out: an index of them cost a page of every ask and tell.

DROP INDEX kre_runs_leased;
