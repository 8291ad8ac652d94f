"""The command line on real daemons: every verb, its JSON, its exit code."""

import contextlib
import csv
import fcntl
import io
import json
import os
import signal
import sqlite3
import subprocess

import pytest

from support.programs import PROGRAMS, ROOT, run, wait_until

STUDY = """
name: 연구
metric: {name: score, goal: maximize}
method: random
budget: {trials: 6}
seed: 4
parameters:
  rate: {min: 0.01, max: 1.0, log: true}
  layers: {min: 1, max: 4}
"""


def search(home, *arguments, code=0, **options):
    done = run("kre-search", *arguments, home=home, **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def search_json(home, *arguments, **options):
    return json.loads(search(home, *arguments, "--json", **options).stdout)


@contextlib.contextmanager
def open_folder(path):
    folder = os.open(path, os.O_RDONLY)
    yield folder
    os.close(folder)


@pytest.fixture
def study(tmp_path, home):
    """A created study without workers; its daemon runs until the test ends."""
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    search(home, "start", path, "--detach")
    yield "연구"
    run("kre-search", "daemon", "stop", home=home)


def finish_one(home, study, value):
    work = search_json(home, "ask", study)
    for step in (1, 2, 3):
        search(home, "report", work["run"], work["lease"], step, value * step / 3)
    search(home, "tell", work["run"], work["lease"], value, "seconds=0.5")
    return work


def test_a_good_file_passes_check_and_is_shown_as_it_is_kept(tmp_path, home):
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    assert "연구" in search(home, "check", path).stdout
    answer = search_json(home, "check", path)
    assert answer["valid"] is True and answer["complaints"] == [] and answer["spec"]["name"] == "연구"


def test_too_many_workers_are_refused_before_anything_is_made(tmp_path, home):
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    assert "256" in search(home, "start", tmp_path / "study.yaml", "--workers", 257, code=2).stderr
    assert list(home.iterdir()) == []


def test_all_complaints_of_a_bad_file_are_shown_with_their_places(tmp_path, home):
    path = tmp_path / "bad.yaml"
    path.write_text("method: tpee\nmetric: {name: f1, goal: minimise}\nparameters:\n  lr: {min: 1, max: 0}\n")
    lines = search(home, "check", path, code=3).stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{path}:1:9", f"{path}:2:26", f"{path}:4:13"]
    answer = search_json(home, "check", path, code=3)
    assert answer["valid"] is False and [complaint["line"] for complaint in answer["complaints"]] == [1, 2, 4]
    search(home, "check", tmp_path / "absent.yaml", code=1)


def test_where_nothing_is_every_reading_verb_says_no_daemon(home):
    for words in (["status"], ["studies"], ["trials"], ["best"], ["show", 0], ["importance"], ["export"], ["pause"], ["daemon", "stop"]):
        assert str(home) in search(home, *words, code=4).stderr
        assert json.loads(search(home, *words, "--json", code=4).stderr)["exit"] == 4
    assert list(home.iterdir()) == []


def test_a_shell_can_ask_report_and_tell(home, study):
    work = finish_one(home, study, 0.75)
    assert set(work["params"]) == {"rate", "layers"}
    best = search_json(home, "best")
    assert best["value"] == 0.75 and best["number"] == 0 and best["params"] == work["params"]
    assert [report["value"] for report in best["runs"][0]["reports"]] == [0.25, 0.5, 0.75]
    shown = search(home, "show", 0).stdout
    assert "▁" in shown and "█" in shown and "0.75" in shown


def test_ask_prints_lines_that_a_shell_evaluates(tmp_path, home):
    path = tmp_path / "quotes.yaml"
    path.write_text("name: q\nmetric: {name: v}\nmethod: grid\nparameters:\n  note-1: {values: [\"it's $HOME `x`\"]}\n")
    search(home, "start", path, "--detach")
    try:
        lines = search(home, "ask", "q", "--format", "shell").stdout
        script = lines + 'printf "%s" "$KRE_PARAM_note_1"'
        assert subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, check=True).stdout == b"it's $HOME `x`"
        assert "KRE_RUN=" in lines and "KRE_LEASE=" in lines
    finally:
        run("kre-search", "daemon", "stop", home=home)


def test_a_wrong_lease_is_refused_and_a_good_one_renewed(home, study):
    work = search_json(home, "ask", study)
    assert search(home, "renew", work["run"], work["lease"]).stdout == "go on\n"
    search(home, "tell", work["run"], work["lease"] + 1, 0.5, code=6)
    assert search(home, "report", work["run"], work["lease"] + 1, 1, 0.5, code=6).stdout == "lost\n"
    search(home, "stop", study)
    assert search(home, "renew", work["run"], work["lease"], code=10).stdout == "cancelled\n"


def test_pause_hands_out_nothing_and_resume_goes_on(home, study):
    assert search_json(home, "pause")["state"] == "paused"
    assert "paused" in search(home, "ask", study, code=7).stderr
    assert search(home, "resume", study).stdout == "연구 is running\n"
    search(home, "ask", study)


def test_a_finished_study_ends_the_loop_of_a_shell_worker(home, study):
    for number in range(6):
        finish_one(home, study, number / 10)
    search(home, "ask", study, "--wait", code=8)
    assert search_json(home, "status", study)["state"] == "finished"
    assert search_json(home, "best")["number"] == 5
    listed = search_json(home, "trials", "--sort", "best", "--limit", 2)["trials"]
    assert [trial["number"] for trial in listed] == [5, 4]


def test_an_enqueued_point_is_handed_out_next(home, study):
    assert search_json(home, "enqueue", study, "rate=0.5", "layers=3")["number"] == 0
    search(home, "enqueue", study, '{"rate": 0.25}')
    search(home, "enqueue", study, "width=3", code=1)
    search(home, "enqueue", study, "rate=0.125", '{"layers": 2}')
    assert search_json(home, "ask", study)["params"] == {"rate": 0.5, "layers": 3}
    assert search_json(home, "ask", study)["params"]["rate"] == 0.25
    assert search_json(home, "ask", study)["params"] == {"rate": 0.125, "layers": 2}


@pytest.mark.parametrize("words", [["rate=0.3", "rate=0.4"], ["rate=0.3", '{"layers": 1, "rate": 0.4}'], ['{"rate": 0.3}', '{"rate": 0.3}']])
def test_a_parameter_that_is_given_twice_is_refused(home, study, words):
    assert "'rate' is given twice" in search(home, "enqueue", study, *words, code=2).stderr


def test_parameters_that_no_variable_can_name_are_said_and_left_to_json(tmp_path, home):
    path = tmp_path / "names.yaml"
    path.write_text("name: q\nmetric: {name: v}\nmethod: grid\nparameters: {학습률: {values: [1, 2]}, 가중치: {values: [3, 4]}, a.b: {values: [5, 6]}, "
                    "a_b: {values: [7, 8]}, c: {values: [9, 10]}, C: {values: [11, 12]}}\n")
    search(home, "start", path, "--detach")
    try:
        done = search(home, "ask", "q", "--format", "shell")
        assert sorted(line.split("=")[0] for line in done.stdout.splitlines() if "PARAM_" in line) == ["KRE_PARAM_C", "KRE_PARAM_c"]
        (said,) = [line for line in done.stderr.splitlines() if "KRE_PARAMS" in line]
        assert all(name in said for name in ("학습률", "가중치", "a.b", "a_b"))
        assert "학습률" in [line for line in done.stdout.splitlines() if line.startswith("KRE_PARAMS=")][0]
    finally:
        run("kre-search", "daemon", "stop", home=home)


def test_a_study_is_known_by_a_slip_of_its_name(home, study):
    said = search(home, "status", study[:-1] + "x", code=5).stderr
    assert f"did you mean {study}?" in said
    assert "did you mean" not in search(home, "status", "nothing-like-it", code=5).stderr


def test_verbs_have_the_names_that_other_programs_use(home, study):
    assert search(home, "ls").stdout == search(home, "studies").stdout
    assert "'kre-search rm' is the same" in search(home, "help", "delete").stdout
    search(home, "rm", study, "--yes")
    assert search_json(home, "ls")["studies"] == []


def test_states_are_found_as_tables_and_counts_name_them(home, study):
    finish_one(home, study, 0.5)
    for word in ("COMPLETE", "Complete", "complete"):
        assert len(search_json(home, "trials", study, "--state", word)["trials"]) == 1
    for word in ("FAIL", "failed"):
        assert search_json(home, "trials", study, "--state", word)["trials"] == []


def test_status_says_what_to_type_where_nobody_works(home, study):
    assert "no worker is connected: 'kre-search start FILE --workers 2'" in search(home, "status", study).stdout
    search(home, "pause", study)
    assert "no worker is connected" not in search(home, "status", study).stdout


def test_exports_agree_and_never_overwrite(tmp_path, home, study):
    finish_one(home, study, 0.5)
    rows = list(csv.DictReader(io.StringIO(search(home, "export").stdout, newline="")))
    trials = json.loads(search(home, "export", "--format", "json").stdout)["trials"]
    assert float(rows[0]["value"]) == trials[0]["values"][0] == 0.5
    assert float(rows[0]["params_rate"]) == trials[0]["params"]["rate"]
    full = json.loads(search(home, "export", "--format", "json", "--reports").stdout)["trials"]
    assert len(full[0]["runs"][0]["reports"]) == 3
    for kind in ("csv", "json", "db"):
        target = tmp_path / ("out." + kind)
        search(home, "export", "--format", kind, "--output", target)
        assert "--force" in search(home, "export", "--format", kind, "--output", target, code=1).stderr
        search(home, "export", "--format", kind, "--output", target, "--force")
        assert target.stat().st_size > 0


def test_whatever_is_printed_with_json_is_json(tmp_path, home, study):
    finish_one(home, study, 0.5)
    assert search_json(home, "export")["trials"][0]["values"] == [0.5]
    assert search(home, "export", "--format", "json").stdout.endswith("}\n")
    for kind in ("csv", "json", "db"):
        target = tmp_path / ("out." + kind)
        assert search_json(home, "export", "--format", kind, "--output", target) == {"path": str(target)}
    assert search_json(home, "start", tmp_path / "study.yaml", "--detach")["created"] is False
    for words in (["export", "--format", "csv"], ["ask", "--format", "shell"]):
        assert json.loads(search(home, *words, "--json", code=2).stderr)["exit"] == 2


def test_check_warns_programs_of_what_it_warns_people_of(tmp_path, home):
    path = tmp_path / "study.yaml"
    path.write_text(STUDY.replace("name: score", "name: f1") + "fixed: {vectors: /no/such.vec}\n", encoding="utf-8")
    said = [line.removeprefix("warning: ") for line in search(home, "check", path).stderr.splitlines()]
    assert len(said) == 2 and search_json(home, "check", path)["warnings"] == said
    path.write_text(STUDY + "command: [no-such-program]\n", encoding="utf-8")
    assert "no-such-program" in search_json(home, "check", path, "--command")["warnings"][0]


def test_delete_removes_the_folders_of_the_runs_except_those_that_still_go_on(home, study):
    runs = home / "runs" / study
    for name in ("0-0-0/model", "1-0-0", "1-0.checkpoint"):
        (runs / name).mkdir(parents=True)
    (runs / "0-0-0" / "score.txt").write_text("1")
    with open_folder(runs / "1-0-0") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "1 of its folders" in search(home, "delete", study, "--yes").stderr
    assert [path.name for path in runs.iterdir()] == ["1-0-0"]
    search(home, "start", home.parent / "study.yaml", "--detach")
    search(home, "delete", study, "--yes")
    assert list((home / "runs").iterdir()) == []


def test_delete_asks_first(home, study):
    search(home, "delete", study, code=2)
    search(home, "delete", study, "--yes")
    assert search_json(home, "studies")["studies"] == []
    search(home, "status", study, code=5)


def test_every_verb_that_reads_prints_json(home, study):
    finish_one(home, study, 0.5)
    for words in (["status"], ["status", study], ["studies"], ["trials"], ["best"], ["show", 0], ["daemon", "status"], ["version"]):
        assert isinstance(search_json(home, *words), dict)


def test_importance_draws_bars_on_a_terminal_only(tmp_path, home):
    path = tmp_path / "study.yaml"
    path.write_text(STUDY.replace("trials: 6", "trials: 30"), encoding="utf-8")
    search(home, "start", path, "--detach")
    for _ in range(30):
        work = search_json(home, "ask", "연구")
        search(home, "tell", work["run"], work["lease"], -work["params"]["layers"])
    piped = search(home, "importance").stdout
    words = " ".join(map(str, [PROGRAMS["kre-search"], "--home", home, "importance"]))
    terminal = subprocess.run(["script", "-qec", words, "/dev/null"], stdout=subprocess.PIPE, text=True, check=True,
                              env={"TERM": "xterm", "PATH": "/usr/bin:/bin"}).stdout
    search(home, "daemon", "stop")
    assert [line.split()[0] for line in piped.splitlines()] == ["parameter", "layers", "rate"]
    assert "█" not in piped and "\x1b" not in piped
    layers, rate = [line for line in terminal.splitlines() if line.startswith(("layers", "rate"))]
    assert "\x1b[32m" + "█" * 30 in layers and "█" * 30 not in rate


def test_a_borrowed_daemon_is_gone_after_the_call(home, study):
    finish_one(home, study, 0.5)
    search(home, "daemon", "stop")
    for _ in range(3):
        assert search_json(home, "best")["value"] == 0.5
        assert not (home / "daemon.sock").exists()


@pytest.fixture
def borrower(tmp_path, home, study):
    """Starts command lines that use a daemon until they are told to end; the first one borrows it."""
    running = []
    work = json.loads(search(home, "ask", "연구", "--json").stdout)
    log = home / "runs" / "연구" / f"{work['number']}-0-0" / "stdout.log"
    log.parent.mkdir(parents=True)
    log.write_text("here\n")
    search(home, "daemon", "stop")

    def start():
        running.append(subprocess.Popen([PROGRAMS["kre-search"], "logs", "연구", str(work["number"]), "-f", "--home", home],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE))
        assert running[-1].stdout.readline() == b"here\n"
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()
    run("kre-search", "daemon", "stop", home=home)


def interrupt(process):
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130


def test_a_borrowed_daemon_stays_where_somebody_leaves_a_search_to_it(tmp_path, home, borrower):
    first = borrower()
    search(home, "start", tmp_path / "study.yaml", "--detach")
    interrupt(first)
    search(home, "ping")


def test_a_borrowed_daemon_stays_where_a_fleet_needs_it(tmp_path, home, borrower):
    first = borrower()
    sbatch = tmp_path / "bin" / "sbatch"
    sbatch.parent.mkdir()
    sbatch.write_text("#!/bin/sh\ncat >/dev/null\necho 17\n")
    sbatch.chmod(0o755)
    search(home, "fleet", "slurm", "--host", "127.0.0.1", env={"PATH": f"{sbatch.parent}:{os.environ['PATH']}"})
    interrupt(first)
    search(home, "ping")


def test_a_borrowed_daemon_ends_with_the_last_that_uses_it(home, borrower):
    first, second = borrower(), borrower()
    first.kill()
    first.wait(60)
    interrupt(second)
    assert not (home / "daemon.sock").exists()


def test_a_daemon_that_somebody_starts_himself_is_nobodys_loan(home, borrower):
    borrower().kill()
    search(home, "daemon", "stop")
    assert (home / "daemon.users").stat().st_size == 1
    with subprocess.Popen([PROGRAMS["kre-searchd"], "--home", home], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as own:
        wait_until(lambda: run("kre-search", "ping", home=home).returncode == 0, "the daemon to answer")
        search(home, "studies")
        search(home, "ping")
        search(home, "daemon", "stop")
        assert own.wait(60) == 0


def test_a_daemon_that_was_told_to_stop_has_ended_when_that_is_said(home, study):
    for _ in range(5):
        search(home, "daemon", "stop")
        with open(home / "daemon.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        search(home, "start", home.parent / "study.yaml", "--detach")


def test_an_answer_is_waited_for_while_somebody_else_writes_the_trial_file(home, study):
    with contextlib.closing(sqlite3.connect(home / "trials.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with subprocess.Popen([PROGRAMS["kre-search"], "enqueue", study, "rate=0.25", "layers=2", "--home", home], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as call:
            with pytest.raises(subprocess.TimeoutExpired):
                call.wait(4)
            other.execute("COMMIT")
            assert call.wait(60) == 0, call.stderr.read()
    assert [trial["state"] for trial in search_json(home, "trials", study)["trials"]].count("WAITING") == 1


def test_where_another_daemon_is_meant_none_is_started_here(tmp_path, home, study):
    search(home, "daemon", "stop")
    said = search(home, "status", "--connect", tmp_path / "elsewhere" / "daemon.sock", code=4).stderr
    assert "no daemon answers" in said and "started" not in said
    assert not (home / "daemon.sock").exists()


def test_to_ask_for_the_door_keeps_no_daemon(tmp_path, home, study):
    search(home, "daemon", "stop")
    assert not search_json(home, "listen", "--status")["listening"]
    assert not (home / "daemon.sock").exists()
    run("kre-search", "listen", "--status", "--home", tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_one_study_of_several_must_be_named(tmp_path, home, study):
    other = tmp_path / "other.yaml"
    other.write_text(STUDY.replace("연구", "other"), encoding="utf-8")
    search(home, "start", other, "--detach")
    assert "2 studies" in search(home, "best", code=2).stderr
    table = search(home, "studies").stdout.splitlines()
    assert len(table) == 3 and table[1].startswith("연구   running") and table[2].startswith("other  running")


def test_the_shell_worker_of_the_examples_finishes_its_study(home):
    examples = ROOT / "examples"
    search(home, "start", examples / "shell-worker.yaml", "--detach")
    try:
        run("sh", examples / "shell-worker.sh", "shell-worker", home=home, check=True,
            env={"KRE_SEARCH": str(PROGRAMS["kre-search"])})
        status = search_json(home, "status", "shell-worker")
        assert status["state"] == "finished" and status["best"]["value"] > 0.7
    finally:
        run("kre-search", "daemon", "stop", home=home)


def test_start_in_a_pipe_prints_a_line_per_trial_and_the_leaderboard(tmp_path, home):
    done = search(home, "start", ROOT / "examples" / "rosenbrock.yaml", "--workers", 2, cwd=tmp_path)
    assert "\033" not in done.stdout
    assert sum(" COMPLETE " in line and line.startswith("trial ") for line in done.stdout.splitlines()) > 3
    assert search_json(home, "status", "rosenbrock")["state"] == "finished"
    assert not (home / "daemon.sock").exists()


def test_a_study_with_a_korean_name_runs(tmp_path, home):
    path = tmp_path / "관계추출.yaml"
    path.write_text("metric: {name: v, goal: maximize}\nmethod: random\nbudget: {trials: 2}\n"
                    "parameters: {marker: {values: [가, 나]}}\nreport: {stdout: \"name=value\"}\ncommand: [sh, -c, 'echo v=1']\n",
                    encoding="utf-8")
    assert "관계추출  finished  2/2 trials  best 1 " in search(home, "start", path, "--workers", 1).stdout


def test_a_start_whose_workers_give_up_says_why_and_leaves_nothing_running(tmp_path, home):
    path = tmp_path / "broken.yaml"
    path.write_text("metric: {name: v, goal: maximize}\nmethod: random\nbudget: {trials: 50}\n"
                    "parameters: {a: {min: 0.0, max: 1.0}}\ncommand: [sh, -c, 'exit 3']\n")
    said = search(home, "start", path, "--workers", 1, code=1).stderr
    assert "worker-1.log" in said and "'kre-search show broken 2' says why a trial failed" in said
    assert not (home / "daemon.sock").exists()


def test_an_interrupted_start_says_how_to_go_on_and_goes_on(tmp_path, home):
    path = tmp_path / "slow.yaml"
    path.write_text("name: slow\nmetric: {name: v, goal: maximize}\nmethod: random\nbudget: {trials: 1}\n"
                    "parameters: {a: {min: 0.0, max: 1.0}}\nreport: {stdout: \"name=value\"}\n"
                    f"command: [sh, -c, 'if mkdir {tmp_path}/first; then echo ready; sleep 600; else echo v=1; fi']\n")
    with subprocess.Popen([PROGRAMS["kre-search"], "start", path, "--workers", "1", "--home", home], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until(lambda: (tmp_path / "first").exists(), "the first trial to run")
        process.send_signal(signal.SIGINT)
        _, remarks = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on" in remarks
    search(home, "start", path, "--workers", 1)
    (trial,) = search_json(home, "trials", "slow")["trials"]
    assert trial["state"] == "COMPLETE" and trial["values"] == [1]


def test_help_names_no_default_that_means_not_given():
    for words, options in ((["kre-worker", "--help"], ["--threads"]), (["kre-search", "fleet", "--help"], ["--cpus", "--mem-mb"])):
        lines = run(*words, check=True).stdout.splitlines()
        assert not [line for line in lines if any(f"  {option} " in line for option in options) and "(default 0)" in line]


@pytest.mark.parametrize("program, page", [("kre-searchd", "daemon/kre-searchd.1.scd"),
                                           ("kre-worker", "worker/agent/kre-worker.1.scd")])
def test_man_pages_name_every_option_of_help(program, page):
    text = (ROOT / page).read_text()
    options = {word.strip("[],.").split("=")[0] for word in run(program, "--help", check=True).stdout.split() if word.startswith("--")}
    assert options and [option for option in sorted(options) if f"*{option}*" not in text] == []


def test_a_study_whose_every_trial_failed_ends_with_a_failure_and_no_daemon_left(tmp_path, home):
    study = tmp_path / "hopeless.yaml"
    study.write_text("name: hopeless\nmethod: random\nmetric: {name: f1, goal: maximize}\nbudget: {trials: 2}\n"
                     "parameters: {a: {min: 0.0, max: 1.0}}\ncommand: [sh, -c, 'exit 3']\n")
    done = run("kre-search", "start", study, "--workers", 1, "--quiet", home=home)
    assert done.returncode == 1
    assert "all 2 trials failed" in done.stderr
    assert not (home / "daemon.sock").exists()


def test_ping_asks_a_daemon_that_runs_and_starts_none(home, study):
    assert "kre-searchd" in search(home, "ping").stdout
    assert search_json(home, "ping")["software"].startswith("kre-searchd ")
    search(home, "daemon", "stop")
    wait_until(lambda: not (home / "daemon.sock").exists(), "the daemon ends")
    assert "no daemon answers" in search(home, "ping", code=4).stderr
    assert not (home / "daemon.sock").exists()


def test_many_command_lines_at_once_share_the_daemon_that_one_of_them_starts(home, study):
    search(home, "daemon", "stop")
    calls = [subprocess.Popen([PROGRAMS["kre-search"], "studies", "--json"], env=dict(os.environ, KRE_HOME=str(home)),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(12)]
    for call in calls:
        said, complaint = call.communicate(timeout=120)
        assert call.returncode == 0, complaint
        assert json.loads(said)["studies"][0]["name"] == study
    search(home, "daemon", "status", code=4)
