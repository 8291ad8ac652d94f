-- The order in which things happened to a study, as numbers 1, 2, 3 …: a clock may be set back, and dates say nothing then.
-- Where it is known from dates only, it is taken from them: what a run said lies between its beginning and its end.

ALTER TABLE kre_runs ADD COLUMN began INTEGER NOT NULL DEFAULT 0; -- when it was handed out; 0 = not yet
ALTER TABLE kre_runs ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE kre_runs ADD COLUMN closed INTEGER NOT NULL DEFAULT 0; -- when its trial ended: in one run of each trial
ALTER TABLE kre_reports ADD COLUMN moment INTEGER NOT NULL DEFAULT 0;

CREATE TABLE kre_happened AS
SELECT study_id, run_id, kind, step, row_number() OVER (PARTITION BY study_id ORDER BY us, kind, run_id, step) AS moment
FROM (
	SELECT study_id, run_id, 0 AS kind, 0 AS step, started_us AS us FROM kre_runs WHERE started_us IS NOT NULL
	UNION ALL
	SELECT r.study_id, r.run_id, 1, p.step, max(p.reported_us, r.started_us)
	FROM kre_runs r JOIN kre_reports p ON p.run_id = r.run_id
	UNION ALL
	SELECT r.study_id, r.run_id, 2, 0, max(r.completed_us, ifnull(r.started_us, 0),
		ifnull((SELECT max(p.reported_us) FROM kre_reports p WHERE p.run_id = r.run_id), 0))
	FROM kre_runs r WHERE r.completed_us IS NOT NULL
	UNION ALL
	SELECT r.study_id, min(r.run_id), 3, 0, max(
		ifnull(strftime('%s', substr(t.datetime_complete, 1, 19)) * 1000000 + CAST(substr(t.datetime_complete, 21, 6) AS INTEGER), 0),
		max(ifnull(r.started_us, 0)),
		ifnull(max((SELECT max(p.reported_us) FROM kre_reports p WHERE p.run_id = r.run_id)), 0))
	FROM kre_runs r JOIN trials t ON t.trial_id = r.trial_id
	WHERE t.state IN ('COMPLETE', 'PRUNED', 'FAIL')
	GROUP BY t.trial_id
);
CREATE UNIQUE INDEX kre_happened_key ON kre_happened (run_id, kind, step);
UPDATE kre_runs SET began = h.moment FROM kre_happened h WHERE h.run_id = kre_runs.run_id AND h.kind = 0;
UPDATE kre_runs SET ended = h.moment FROM kre_happened h WHERE h.run_id = kre_runs.run_id AND h.kind = 2;
UPDATE kre_runs SET closed = h.moment FROM kre_happened h WHERE h.run_id = kre_runs.run_id AND h.kind = 3;
UPDATE kre_reports SET moment = h.moment FROM kre_happened h
	WHERE h.run_id = kre_reports.run_id AND h.kind = 1 AND h.step = kre_reports.step;
DROP TABLE kre_happened;
