-- Whether a report had the metric that pruning looks at: a value that is NULL may be a NaN that was reported, or nothing.
-- Of older reports nobody knows; a NULL counts as nothing, as it did.

ALTER TABLE kre_reports ADD COLUMN measured INTEGER NOT NULL DEFAULT 1;
UPDATE kre_reports SET measured = 0 WHERE value IS NULL;
