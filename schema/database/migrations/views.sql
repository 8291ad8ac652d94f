-- What people read in the sqlite3 shell. Views would stop a future migration of Optuna's, so they are not part of the numbered
-- migrations: they are dropped and made again whenever the daemon opens the file, and `export --db` leaves them out.
-- The helper views (infeasible_trials, trial_numbers, trial_texts) come first; the others are made of them.
-- What is best is the best value seen, as `kre-search best --seen` has it: a trial that is COMPLETE and keeps the constraints.

DROP VIEW IF EXISTS best_runs;
DROP VIEW IF EXISTS best_trials;
DROP VIEW IF EXISTS class_scores;
DROP VIEW IF EXISTS confusion;
DROP VIEW IF EXISTS infeasible_trials;
DROP VIEW IF EXISTS leaderboard;
DROP VIEW IF EXISTS learning_curves;
DROP VIEW IF EXISTS pareto;
DROP VIEW IF EXISTS runs;
DROP VIEW IF EXISTS study_files;
DROP VIEW IF EXISTS trial_history;
DROP VIEW IF EXISTS trial_numbers;
DROP VIEW IF EXISTS trial_texts;
DROP VIEW IF EXISTS workers;

CREATE VIEW infeasible_trials AS
-- Trials that break a constraint of their study (Optuna's list, or where there is none its attributes constraints:NAME), and by how much, summed up (infinite: a metric was never reported).
SELECT trial_id, CASE WHEN violation >= 1e308 THEN 9e999 ELSE violation END AS violation
FROM (
	SELECT a.trial_id, (SELECT total(c.value) FROM json_each(a.value_json) c WHERE c.value > 0) AS violation
	FROM (
		SELECT trial_id, replace(replace(value_json, 'Infinity', '9e999'), 'NaN', '9e999') AS value_json
		FROM trial_system_attributes WHERE "key" = 'constraints'
	) AS a
	WHERE json_valid(a.value_json)
	UNION ALL
	SELECT a.trial_id, total(max(CASE WHEN a.value_json IN ('Infinity', 'NaN') THEN 9e999 ELSE CAST(a.value_json AS REAL) END, 0))
	FROM trial_system_attributes a
	WHERE a."key" LIKE 'constraints:%'
		AND NOT EXISTS (SELECT 1 FROM trial_system_attributes l WHERE l.trial_id = a.trial_id AND l."key" = 'constraints')
	GROUP BY a.trial_id
)
WHERE violation > 0;

CREATE VIEW trial_numbers AS
-- One row per value of a trial, in studies that have a metric; `value` is infinite where Optuna says so, `cost` is what is smaller for the better trial.
SELECT trial_id, objective, direction, value, CASE direction WHEN 'MAXIMIZE' THEN -value ELSE value END AS cost
FROM (
	SELECT t.trial_id, v.objective, d.direction,
		CASE v.value_type WHEN 'INF_POS' THEN 9e999 WHEN 'INF_NEG' THEN -9e999 ELSE v.value END AS value
	FROM trials t
	JOIN trial_values v ON v.trial_id = t.trial_id
	JOIN study_directions d ON d.study_id = t.study_id AND d.objective = v.objective
	WHERE t.study_id NOT IN (SELECT k.study_id FROM kre_studies k WHERE k.prune_metric = '')
);

CREATE VIEW trial_texts AS
-- The parameters of a trial as people write them: `lr=0.001 optimizer=adam`. Choices are shown as their value, ints as ints,
-- floats with six digits; the exact numbers are in trial_params.
SELECT t.trial_id, (
	SELECT group_concat(name || '=' || text, ' ')
	FROM (
		SELECT p.param_name AS name,
			CASE
			WHEN NOT json_valid(p.distribution_json) THEN p.param_value
			WHEN p.distribution_json ->> '$.name' LIKE 'Int%' THEN CAST(p.param_value AS INTEGER)
			WHEN p.distribution_json ->> '$.name' <> 'CategoricalDistribution' THEN printf('%.6g', p.param_value)
			WHEN json_type(p.distribution_json, printf('$.attributes.choices[%d]', p.param_value)) = 'text'
			THEN p.distribution_json ->> printf('$.attributes.choices[%d]', p.param_value)
			ELSE p.distribution_json -> printf('$.attributes.choices[%d]', p.param_value)
			END AS text
		FROM trial_params p
		WHERE p.trial_id = t.trial_id
		ORDER BY p.param_name
	)
) AS parameters
FROM trials t;

CREATE VIEW leaderboard AS
-- All trials, the best of each study first. COMPLETE trials that keep the constraints are ranked by the first objective
-- (equal values share a rank); the others follow without a rank, by number. `violation` is by how much a COMPLETE trial
-- breaks the constraints, 0 where it keeps them. `duration` is in seconds, 0 where the clock was set back. Several objectives: see also `pareto`.
SELECT study, rank, number, value, state, violation, duration,
	(SELECT group_concat(worker, ' ') FROM (
		SELECT DISTINCT r.worker FROM kre_runs r WHERE r.trial_id = ranked.trial_id AND r.worker <> '' ORDER BY r.worker
	)) AS worker,
	(SELECT x.parameters FROM trial_texts x WHERE x.trial_id = ranked.trial_id) AS parameters
FROM (
	SELECT s.study_name AS study, t.trial_id, t.number, v.value, t.state,
		CASE WHEN t.state = 'COMPLETE' THEN ifnull(i.violation, 0) END AS violation,
		CASE WHEN t.state = 'COMPLETE' AND t.trial_id NOT IN (SELECT trial_id FROM infeasible_trials) AND v.cost IS NOT NULL
			THEN rank() OVER (PARTITION BY t.study_id, t.state, t.trial_id IN (SELECT trial_id FROM infeasible_trials) ORDER BY v.cost) END AS rank,
		round(max((julianday(t.datetime_complete) - julianday(t.datetime_start)) * 86400, 0), 1) AS duration
	FROM trials t
	JOIN studies s ON s.study_id = t.study_id
	LEFT JOIN trial_numbers v ON v.trial_id = t.trial_id AND v.objective = 0
	LEFT JOIN infeasible_trials i ON i.trial_id = t.trial_id
	ORDER BY study, rank IS NULL, rank, t.number
) AS ranked;

CREATE VIEW pareto AS
-- Studies with several objectives: the COMPLETE trials that keep the constraints and that no other such one beats in all of them.
SELECT s.study_name AS study, t.number,
	(SELECT group_concat(value, ' ') FROM (
		SELECT n.value FROM trial_numbers n WHERE n.trial_id = t.trial_id ORDER BY n.objective
	)) AS "values",
	(SELECT x.parameters FROM trial_texts x WHERE x.trial_id = t.trial_id) AS parameters
FROM trials t
JOIN studies s ON s.study_id = t.study_id
WHERE t.state = 'COMPLETE' AND t.trial_id NOT IN (SELECT trial_id FROM infeasible_trials)
	AND EXISTS (SELECT 1 FROM study_directions d WHERE d.study_id = t.study_id AND d.objective = 1)
	AND NOT EXISTS (
		SELECT 1 FROM trials o
		WHERE o.study_id = t.study_id AND o.state = 'COMPLETE' AND o.trial_id NOT IN (SELECT trial_id FROM infeasible_trials) AND (
			SELECT max(other.cost > mine.cost) = 0 AND max(other.cost < mine.cost) = 1
			FROM trial_numbers mine
			JOIN trial_numbers other ON other.objective = mine.objective
			WHERE mine.trial_id = t.trial_id AND other.trial_id = o.trial_id
		)
	)
ORDER BY study, t.number;

CREATE VIEW trial_history AS
-- All trials in the order they were made, with the best feasible value up to each.
SELECT s.study_name AS study, t.number, t.state, v.value,
	CASE d.direction WHEN 'MAXIMIZE' THEN -1 ELSE 1 END * min(CASE WHEN t.state = 'COMPLETE' AND t.trial_id NOT IN (SELECT trial_id FROM infeasible_trials) THEN v.cost END)
		OVER (PARTITION BY t.study_id ORDER BY t.number) AS best_so_far,
	substr(t.datetime_start, 1, 19) AS started, substr(t.datetime_complete, 1, 19) AS completed,
	(SELECT count(*) FROM kre_runs r WHERE r.trial_id = t.trial_id) AS runs,
	(SELECT a.value_json FROM trial_system_attributes a
		WHERE a.trial_id = t.trial_id AND a."key" = 'failed_trial') AS retry_of,
	(SELECT r.reason FROM kre_runs r WHERE r.trial_id = t.trial_id AND r.reason <> ''
		ORDER BY r.run_id DESC LIMIT 1) AS reason,
	(SELECT x.parameters FROM trial_texts x WHERE x.trial_id = t.trial_id) AS parameters
FROM trials t
JOIN studies s ON s.study_id = t.study_id
LEFT JOIN study_directions d ON d.study_id = t.study_id AND d.objective = 0
LEFT JOIN trial_numbers v ON v.trial_id = t.trial_id AND v.objective = 0
ORDER BY study, t.number;

CREATE VIEW learning_curves AS
-- Every reported number, one metric per row: select step, value from learning_curves where number = 3 and metric = 'f1'.
SELECT k.name AS study, t.number, r.fold, r.attempt, c.step, coalesce(c.name, k.prune_metric) AS metric, c.value,
	strftime('%Y-%m-%d %H:%M:%S', c.reported_us / 1000000, 'unixepoch') AS reported, r.worker
FROM kre_studies k
JOIN kre_runs r ON r.study_id = k.study_id
JOIN trials t ON t.trial_id = r.trial_id
JOIN (
	SELECT p.run_id, p.step, NULL AS name, p.value, p.reported_us FROM kre_reports p
	UNION ALL
	SELECT m.run_id, m.step, m.name, m.value, p.reported_us
	FROM kre_report_metrics m JOIN kre_reports p ON p.run_id = m.run_id AND p.step = m.step
) AS c ON c.run_id = r.run_id
UNION ALL -- trials that Optuna ran, which reports the objective
SELECT k.name, t.number, 0, 0, v.step,
	coalesce(CASE WHEN json_valid(k.spec_json)
		THEN coalesce(k.spec_json ->> '$.metric.name', k.spec_json ->> '$.metrics[0].name') END, k.prune_metric),
	CASE v.intermediate_value_type WHEN 'INF_POS' THEN 9e999 WHEN 'INF_NEG' THEN -9e999 ELSE v.intermediate_value END, NULL, ''
FROM kre_studies k
JOIN trials t ON t.study_id = k.study_id
JOIN trial_intermediate_values v ON v.trial_id = t.trial_id
WHERE NOT EXISTS (SELECT 1 FROM kre_runs r WHERE r.trial_id = t.trial_id);

CREATE VIEW runs AS
-- Trainings as they were handed out, the newest first. `duration` is in seconds, 0 where the clock was set back; `cpu_s` and `peak_mb`
-- (2^20 bytes) are what all processes of a run took of its worker's machine. A `repeat` above 0 is a run on another split, which leaves
-- the trial's value alone; its folds are counted on from those of the trial.
SELECT k.name AS study, t.number, r.fold, r.repeat, r.attempt, r.state, r.value, r.worker,
	strftime('%Y-%m-%d %H:%M:%S', r.started_us / 1000000, 'unixepoch') AS started,
	round(max(r.completed_us - r.started_us, 0) / 1e6, 1) AS duration,
	strftime('%Y-%m-%d %H:%M:%S', r.expires_us / 1000000, 'unixepoch') AS expires, r.lease, r.reason, r.software,
	round(u.cpu_s, 1) AS cpu_s, round(u.peak_mb) AS peak_mb
FROM kre_runs r
JOIN kre_studies k ON k.study_id = r.study_id
JOIN trials t ON t.trial_id = r.trial_id
LEFT JOIN kre_run_usage u ON u.run_id = r.run_id
ORDER BY r.run_id DESC;

CREATE VIEW study_files AS
-- Every version of a study's file, with the date since when it holds: its text is JSON, which is a study file too.
SELECT k.name AS study, v.version, strftime('%Y-%m-%d %H:%M:%S', v.since_us / 1000000, 'unixepoch') AS since, v.spec_json AS file
FROM kre_specs v
JOIN kre_studies k ON k.study_id = v.study_id
ORDER BY study, v.version;

CREATE VIEW workers AS
-- Who worked here: runs by outcome, and the hours spent on those that ended.
SELECT w.name AS worker, w.software,
	strftime('%Y-%m-%d %H:%M:%S', w.first_seen_us / 1000000, 'unixepoch') AS first_seen,
	strftime('%Y-%m-%d %H:%M:%S', w.last_seen_us / 1000000, 'unixepoch') AS last_seen,
	count(r.run_id) FILTER (WHERE r.state = 'leased') AS leased,
	count(r.run_id) FILTER (WHERE r.state = 'complete') AS complete,
	count(r.run_id) FILTER (WHERE r.state = 'pruned') AS pruned,
	count(r.run_id) FILTER (WHERE r.state = 'failed') AS failed,
	count(r.run_id) FILTER (WHERE r.state = 'lost') AS lost,
	round(total(max(r.completed_us - r.started_us, 0)) / 3.6e9, 2) AS hours,
	nullif(w.threads, 0) AS threads, nullif(w.memory_mb, 0) AS memory_mb
FROM kre_workers w
LEFT JOIN kre_runs r ON r.worker = w.name
GROUP BY w.name
ORDER BY w.name;

CREATE VIEW best_trials AS
-- The best trial of each study, if one is COMPLETE and keeps the constraints: by the first objective, of equals by the
-- second and so on, then the lowest number.
SELECT study, study_id, trial_id, number, value
FROM (
	SELECT study, study_id, trial_id, number, value,
		row_number() OVER (PARTITION BY study_id ORDER BY number) AS place
	FROM (
		SELECT s.study_name AS study, t.study_id, t.trial_id, t.number, v.value,
			rank() OVER (PARTITION BY t.study_id ORDER BY v.cost, second.cost, third.cost, fourth.cost) AS rank
		FROM trials t
		JOIN studies s ON s.study_id = t.study_id
		JOIN trial_numbers v ON v.trial_id = t.trial_id AND v.objective = 0
		LEFT JOIN trial_numbers second ON second.trial_id = t.trial_id AND second.objective = 1
		LEFT JOIN trial_numbers third ON third.trial_id = t.trial_id AND third.objective = 2
		LEFT JOIN trial_numbers fourth ON fourth.trial_id = t.trial_id AND fourth.objective = 3
		WHERE t.state = 'COMPLETE' AND t.trial_id NOT IN (SELECT trial_id FROM infeasible_trials)
	)
	WHERE rank = 1
)
WHERE place = 1;

CREATE VIEW best_runs AS
-- The run of every fold of each study's best trial; repeats of it are no folds.
SELECT b.study, b.number, r.fold, r.run_id, r.value
FROM best_trials b
JOIN kre_runs r ON r.trial_id = b.trial_id AND r.state = 'complete' AND r.repeat = 0
ORDER BY b.study, r.fold;

CREATE VIEW class_scores AS
-- The best trial of each study, class by class, over all of its `folds`: what was found and taken for the class is counted
-- in all of them together; AUPRC cannot be counted so and is their mean. One fold or another run: kre_classes.
SELECT study, number, folds, label,
	CASE WHEN folds = 1 THEN precision WHEN predicted > 0 THEN hits / predicted ELSE 0.0 END AS precision,
	CASE WHEN folds = 1 THEN recall WHEN support > 0 THEN hits / support ELSE 0.0 END AS recall,
	CASE WHEN folds = 1 THEN f1 WHEN predicted + support > 0 THEN 2 * hits / (predicted + support) ELSE 0.0 END AS f1,
	auprc, support
FROM (
	SELECT study, number, count(*) AS folds, label, min(place) AS place, min(precision) AS precision, min(recall) AS recall,
		min(f1) AS f1, avg(auprc) AS auprc, sum(support) AS support, total(hits) AS hits,
		total(CASE WHEN counted THEN taken WHEN precision > 0 THEN hits / precision END) AS predicted
	FROM (
		SELECT b.study, b.number, c.*, round(c.recall * c.support) AS hits,
			EXISTS (SELECT 1 FROM kre_confusion x WHERE x.run_id = b.run_id) AS counted,
			(SELECT sum(x.count) FROM kre_confusion x WHERE x.run_id = b.run_id AND x.predicted = c.label) AS taken
		FROM best_runs b
		JOIN kre_classes c ON c.run_id = b.run_id
	)
	GROUP BY study, number, label
)
ORDER BY study, place;

CREATE VIEW confusion AS
-- What the best trial of each study takes for what, summed over its `folds`, the most frequent mistakes first. One fold or
-- another run: kre_confusion.
SELECT b.study, b.number,
	(SELECT count(*) FROM best_runs f WHERE f.study = b.study
		AND EXISTS (SELECT 1 FROM kre_confusion x WHERE x.run_id = f.run_id)) AS folds,
	c.truth, c.predicted, sum(c.count) AS count
FROM best_runs b
JOIN kre_confusion c ON c.run_id = b.run_id
GROUP BY b.study, b.number, c.truth, c.predicted
ORDER BY b.study, c.truth = c.predicted, sum(c.count) DESC, min(c.place);
