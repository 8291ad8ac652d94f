-- A run knows its trial by number too, and a study its origin under a user attribute: other programs rename a study by copying it and
-- deleting the old one, which keeps numbers and user attributes, not ids.

ALTER TABLE kre_runs ADD COLUMN number INTEGER NOT NULL DEFAULT -1; -- trials.number
UPDATE kre_runs SET number = (SELECT t.number FROM trials t WHERE t.trial_id = kre_runs.trial_id)
WHERE EXISTS (SELECT 1 FROM trials t WHERE t.trial_id = kre_runs.trial_id AND t.number IS NOT NULL);

INSERT OR IGNORE INTO study_user_attributes (study_id, "key", value_json)
SELECT study_id, "key", value_json FROM study_system_attributes WHERE "key" = 'kre:origin';
