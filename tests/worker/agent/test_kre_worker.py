"""kre-worker against a daemon that the test plays itself: every answer, loss and restart is chosen, none is a matter of luck."""

import base64
import copy
import fcntl
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import time

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("KRE_BUILD", ROOT / "build")).resolve()
WORKER = BUILD / "kre-worker"
SEED, PARAMS = 4242, {"lr": 1e-05, "name": "가"}  # of the run that hand_out gives
CHECKPOINT = f"2-1-{hashlib.sha256(f'{SEED}{json.dumps(PARAMS)}'.encode()).hexdigest()[:12]}.checkpoint"
PATIENCE_S = 30


class PlayedDaemon:
    """The daemon's end of the socket. The test reads requests and answers them."""

    def __init__(self, folder):
        self.path = folder / "daemon.sock"
        self.lease_s = 0.3
        self.sessions = []
        self.asks = []
        self.connection = None
        self.listen()

    def listen(self):
        self.path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(4)
        self.listener.settimeout(PATIENCE_S)

    def accept(self, refusal=None):
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(PATIENCE_S)
        self.lines = self.connection.makefile("rb")
        hello = self.read()
        assert hello["method"] == "hello" and hello["params"]["protocol"] == 1 and hello["params"]["role"] == "worker"
        self.sessions.append(hello["params"].get("session"))
        self.answer(hello, {"session": "s1", "protocol": 1, "lease_s": self.lease_s, "server_time": "2026-01-01T00:00:00Z"}, error=refusal)
        return self

    def beside(self, refusal=None):
        """The worker's next connection for files, played like its first."""
        return copy.copy(self).accept(refusal)

    def restart(self):
        """As kill -9 and a new start."""
        self.hang_up()
        self.listen()

    def hang_up(self):
        self.lines.close()
        self.connection.close()
        self.listener.close()
        self.path.unlink(missing_ok=True)

    def read(self):
        line = self.lines.readline()
        assert line, "the worker hung up"
        return json.loads(line)

    def answer(self, request, result=None, error=None):
        message = {"jsonrpc": "2.0", "id": request["id"]}
        message.update({"error": error} if error else {"result": result})
        self.connection.sendall(json.dumps(message).encode() + b"\n")

    def until(self, method, on_renew=None, stop=None):
        """Reads on to a request of that method; renewals, reports and questions before it get friendly answers."""
        while True:
            request = self.read()
            if request["method"] == method:
                return request
            if request["method"] == "lease.renew":
                self.answer(request, dict({"expires_s": 1, "lost": [], "stop": []}, **(on_renew or {})))
            elif request["method"] == "trial.report":
                self.answer(request, {"stop": stop})
            elif request["method"] == "trial.ask":
                self.asks.append(request)
                self.answer(request, {"run": None, "retry_s": 60, "reason": "waiting"})
            else:
                raise AssertionError(f"unexpected {request}")

    def hand_out(self, command, **more):
        """Answers the next question with a run."""
        ask = self.until("trial.ask")
        self.give(ask, command, **more)
        return ask

    def give(self, ask, command, **more):
        run = {"run": 7, "lease": 70, "study": "songs", "trial": 3, "number": 2, "fold": 1, "folds": 5, "attempt": 0,
               "expires_s": 1, "params": PARAMS, "seed": SEED, "command": command, "env": {}, "files": {},
               "report": {"kind": "pipe", "source": "", "metric": "f1"}, "resources": {}, "metrics": ["f1"]}
        run.update(more)
        self.answer(ask, {"run": run})

    def told(self, **more):
        """The result the worker tells next, acknowledged."""
        tell = self.until("trial.tell", **more)
        self.answer(tell, {"trial": "COMPLETE"})
        return tell["params"]


class Worker:
    def __init__(self, daemon, folder, *options, env=None, program=WORKER):
        self.folder = folder
        self.errors = open(folder / "worker.log", "wb+")
        self.process = subprocess.Popen(
            [program, daemon.path, "--home", folder, "--name", "w", "--allow-command", "sh", "--grace-s", "0.2",
             "--log-level", "debug", *options],
            cwd=folder, env=dict(os.environ, **(env or {})), stdin=subprocess.DEVNULL, stderr=self.errors)

    def log(self):
        return (self.folder / "worker.log").read_text(errors="replace")

    def end(self):
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def stage(tmp_path):
    """A daemon, and a way to start workers at it; nothing of them is left behind."""
    daemon = PlayedDaemon(tmp_path)
    workers = []

    def start(*options, **more):
        workers.append(Worker(daemon, tmp_path, *options, **more))
        daemon.accept()
        return workers[-1]

    yield daemon, start
    for worker in workers:
        if worker.process.poll() is None:
            worker.process.kill()
        worker.end()
        worker.errors.close()
    daemon.listener.close()


def sh(script):
    return ["sh", "-c", script]


def gone(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # reaped, maybe between open and read
        return True


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_run_reports_every_step_and_tells_its_final_value_with_its_tables(stage):
    daemon, start = stage
    worker = start("--count", "1")
    ask = daemon.hand_out(sh("""
        echo '{"step":1,"f1":0.5,"loss":2}' >&$KRE_REPORT_FD
        echo '{"step":4,"f1":"nan"}' >&$KRE_REPORT_FD
        echo 'not a report' >&$KRE_REPORT_FD
        printf '%s' '{"final":true,"f1":0.625,"auprc":0.5,"tables":{"classes":[{"label":"x","f1":1}]}}' >&$KRE_REPORT_FD"""))
    assert ask["params"] == {"commands": ["kre-train", "sh"], "repeats": True}
    first = daemon.until("trial.report")
    daemon.answer(first, {"stop": None})
    assert first["params"] == {"run": 7, "lease": 70, "step": 1, "value": 0.5, "metrics": {"f1": 0.5, "loss": 2}}
    second = daemon.until("trial.report")
    daemon.answer(second, {"stop": None})
    assert second["params"]["step"] == 4 and second["params"]["value"] == "nan"
    told = daemon.told()
    (score,) = told.pop("tables")["classes"]
    assert score["label"] == "x" and score["f1"] == 1 and score["auprc"] is None
    assert told.pop("usage").keys() == {"cpu_s", "peak_mb", "wall_s"}
    assert told == {"run": 7, "lease": 70, "state": "complete", "values": [0.625],
                    "metrics": {"f1": 0.625, "auprc": 0.5},
                    "heard": {"f1": {"least": 0.5, "greatest": 0.5, "last": "nan"}, "loss": {"least": 2, "greatest": 2, "last": 2}}}
    assert worker.end() == 0


def test_a_program_that_says_more_than_the_daemon_takes_waits_and_nothing_is_lost(stage, tmp_path):
    daemon, start = stage
    worker = start("--count", "1", "--allow-command", "python3")
    said = 40000
    daemon.hand_out(["python3", "-c", f"""if True:
        import json, os, pathlib
        pipe = os.fdopen(3, "w")
        for step in range({said}):
            print(json.dumps({{"step": step, "f1": 0.9 if step == 10 else 0.1}}), file=pipe)
        pipe.flush()
        pathlib.Path("{tmp_path}/done").touch()"""])
    first = daemon.until("trial.report")
    wait_for(lambda: "the trainers wait too" in worker.log())
    assert not (tmp_path / "done").exists()
    request, steps = first, []
    while request["method"] != "trial.tell":
        if request["method"] == "trial.report":
            steps.append(request["params"]["step"])
        daemon.answer(request, {"stop": None} if request["method"] == "trial.report" else {"expires_s": 1, "lost": [], "stop": []})
        request = daemon.read()
    daemon.answer(request, {"trial": "COMPLETE"})
    assert steps == list(range(said))
    assert request["params"]["heard"] == {"f1": {"least": 0.1, "greatest": 0.9, "last": 0.1}}
    assert worker.end() == 0 and "did not reach" not in worker.log()


def test_reports_that_the_daemon_refuses_are_said_once_with_a_count_and_their_values_told(stage, tmp_path):
    daemon, start = stage
    worker = start("--count", "1")
    daemon.hand_out(sh("for step in 1 2 3; do echo \"{\\\"step\\\":$step,\\\"f1\\\":0.$step}\" >&3; done; " + f"while [ ! -e {tmp_path}/go ]; do sleep 0.01; done"))
    for _ in range(3):
        daemon.answer(daemon.until("trial.report"), error={"code": -32602, "message": "metrics: no"})
    daemon.answer(daemon.until("lease.renew"), {"expires_s": 1, "lost": [], "stop": []})  # behind the refusals
    wait_for(lambda: "does not reach the daemon" in worker.log())
    daemon.answer(daemon.until("lease.renew"), {"expires_s": 1, "lost": [], "stop": []})
    (tmp_path / "go").touch()
    assert daemon.told()["heard"] == {"f1": {"least": 0.1, "greatest": 0.3, "last": 0.3}}
    assert worker.end() == 0
    assert worker.log().count("metrics: no") == 1 and "3 reports did not reach the daemon" in worker.log()


@pytest.mark.parametrize("extras", ["{'x' * ((1 << 20) - 60): 1}", "{'x%d' % i: 1e15 for i in range(60000)}"], ids=["just under the limit", "numbers that grow"])
def test_a_line_that_is_too_long_for_the_wire_loses_what_can_be_spared_and_harms_no_other_run(stage, extras):
    daemon, start = stage
    worker = start("--count", "1", "--allow-command", "python3")
    daemon.hand_out(["python3", "-c", f"""if True:
        import json, os
        pipe = os.fdopen(3, "w")
        for line in ({{"step": 1, "f1": 0.5, **{extras}}}, {{"final": True, "f1": 0.75, **{extras}}}):
            print(json.dumps(line).replace("1000000000000000.0", "1e15"), file=pipe)"""])
    said = daemon.until("trial.report")
    daemon.answer(said, {"stop": None})
    assert (said["params"]["step"], said["params"]["value"], said["params"]["metrics"]["f1"]) == (1, 0.5, 0.5)
    told = daemon.told()
    assert (told["state"], told["values"], told["metrics"]["f1"]) == ("complete", [0.75], 0.75)
    assert told["heard"]["f1"] == {"least": 0.5, "greatest": 0.5, "last": 0.5}
    assert worker.end() == 0 and daemon.sessions == [None]


def test_a_program_finds_its_run_in_the_environment_and_in_files(stage, tmp_path):
    daemon, start = stage
    start("--count", "1", "--cache", "shared")
    data = tmp_path / "train data.csv"
    data.write_text("x")
    daemon.hand_out(sh('env; cat; cat "$KRE_PARAMS"; pwd; echo "{\\"f1\\":1}" >&$KRE_REPORT_FD') + ["${file:train}"],
                    env={"KRE_EXTRA": "yes", "LD_PRELOAD": "/evil.so", "KRE_CACHE": "/evil", "KRE_FILE_KEYS": "/evil", "PATH": "/evil"},
                    files={"train": {"path": str(data), "sha256": "", "size": 1}}, resources={"threads": 3})
    assert daemon.told()["state"] == "complete"
    folder = tmp_path / "runs" / "songs" / "2-1-0"
    said = (folder / "stdout.log").read_text().splitlines()
    for line in ("KRE_STUDY=songs", "KRE_TRIAL=3", "KRE_NUMBER=2", "KRE_FOLD=1", "KRE_FOLDS=5", "KRE_SEED=4242", "KRE_REPORT_FD=3",
                 f"KRE_RUN_DIR={folder}", f"KRE_CHECKPOINT_DIR={folder.parent / CHECKPOINT}", f"KRE_FILE_TRAIN={data}", "KRE_EXTRA=yes", "OMP_NUM_THREADS=3",
                 "OPENBLAS_NUM_THREADS=3", "MKL_NUM_THREADS=3", "PYTHONUNBUFFERED=1", f"KRE_CACHE={tmp_path}/shared", "WANDB_SWEEP_ID=songs", "WANDB_RUN_ID=songs-2-1-0",
                 f"WANDB_DIR={folder}", '{"lr": 1e-05, "name": "가"}', str(tmp_path)):
        assert line in said, line
    assert "PATH=/evil" not in said and "LD_PRELOAD=/evil.so" not in said and "KRE_FILE_KEYS=/evil" not in said
    assert (folder.stat().st_mode & 0o777) == 0o700
    sweep = yaml.safe_load((folder / "sweep-params.yaml").read_text(encoding="utf-8"))
    assert sweep == {"wandb_version": 1, "lr": {"value": 1e-05}, "name": {"value": "가"}}
    assert (folder / "sweep-params.yaml").read_text() == 'wandb_version: 1\n"lr":\n  value: 1.0e-05\n"name":\n  value: "가"\n'


def test_files_whose_names_would_be_one_variable_have_none_of_that_name(stage, tmp_path):
    daemon, start = stage
    start("--count", "1")
    files = {}
    for number, name in enumerate(["a.b", "a_b", "자료", "모델", "Train", "dir/x", "d/y", "D/z"]):
        (tmp_path / f"file{number}").write_text("x")
        files[name] = {"path": str(tmp_path / f"file{number}"), "sha256": "", "size": 1}
    daemon.hand_out(sh('env; echo "{\\"f1\\":1}" >&$KRE_REPORT_FD'), files=files)
    assert daemon.told()["state"] == "complete"
    said = dict(line.split("=", 1) for line in (tmp_path / "runs" / "songs" / "2-1-0" / "stdout.log").read_text().splitlines() if "KRE_FILE_" in line)
    named = {name for name in said if not name.startswith("KRE_FILE_other_")}
    assert named == {"KRE_FILE_TRAIN", "KRE_FILE_DIR", "KRE_FILE_DIR_X", "KRE_FILE_D_Y", "KRE_FILE_D_Z"}
    assert len(said) == len(files) + 3 and {files[name]["path"] for name in ("a.b", "a_b", "자료", "모델")} < set(said.values())


def test_a_program_finds_our_modules_and_those_of_w_and_b_only_where_it_asks_for_them(stage, tmp_path):
    daemon, start = stage
    start("--count", "2", env={"PYTHONPATH": "/mine"})
    script = sh('echo "$PYTHONPATH"; echo "$KRE_METRICS"; echo "{\\"f1\\":1}" >&3')
    daemon.hand_out(script)
    daemon.told()
    modules = BUILD / "examples" / "python"
    said = tmp_path / "runs" / "songs" / "2-1-0" / "stdout.log"
    assert said.read_text() == f'/mine:{modules}\n["f1"]\n'
    daemon.hand_out(script, wandb=True, metrics=["f1", "eval/f1"], report={"kind": "pipe", "source": "", "metric": "loss"})
    daemon.told()
    assert said.read_text() == f'{modules}/stand-in:/mine:{modules}\n["f1","eval/f1","loss"]\n'


def test_a_worker_that_came_without_our_modules_says_so(stage, tmp_path):
    daemon, start = stage
    alone = shutil.copy(WORKER, tmp_path)
    start("--count", "1", program=alone)
    daemon.hand_out(sh("true"), wandb=True)
    assert "the stand-in for wandb is not installed with this worker" in daemon.told()["reason"]


def test_what_an_attempt_keeps_is_found_by_the_next_and_gone_when_the_run_has_ended(stage, tmp_path):
    daemon, start = stage
    start("--count", "3")
    folder = tmp_path / "runs" / "songs" / CHECKPOINT
    say = 'echo "{\\"step\\":1,\\"f1\\":1}" >&3; '
    daemon.hand_out(sh(say + 'mkdir "$KRE_CHECKPOINT_DIR/deep"; echo kept > "$KRE_CHECKPOINT_DIR/deep/epoch"; kill -9 $$'))
    assert daemon.told()["by_signal"] is True
    assert (folder.stat().st_mode & 0o777) == 0o700
    daemon.hand_out(sh(say + "sleep 60"), attempt=1)
    said = daemon.until("trial.report")
    daemon.answer(said, error={"code": -32010, "message": "lease lost"})
    daemon.hand_out(sh(f'cat {folder}/deep/epoch; ln -s {tmp_path} {folder}/link; {say}'), attempt=2)
    assert daemon.told()["state"] == "complete"
    assert (tmp_path / "runs" / "songs" / "2-1-2" / "stdout.log").read_text() == "kept\n"
    wait_for(lambda: not folder.exists())
    assert tmp_path.exists()


def test_a_later_attempt_finds_nothing_of_the_run_of_another_study_of_that_name(stage, tmp_path):
    daemon, start = stage
    start("--count", "2")
    daemon.hand_out(sh('echo old > "$KRE_CHECKPOINT_DIR/epoch"; echo "{\\"f1\\":1}" >&3; kill -9 $$'))
    assert daemon.told()["by_signal"] is True
    daemon.hand_out(sh('ls "$KRE_CHECKPOINT_DIR"; echo "{\\"f1\\":1}" >&3'), run=8, lease=71, attempt=1, seed=4243)
    assert daemon.told()["state"] == "complete"
    assert (tmp_path / "runs" / "songs" / "2-1-1" / "stdout.log").read_text() == ""


@pytest.mark.parametrize("code", [None, -32010])
def test_a_checkpoint_stays_until_the_daemon_has_the_result(stage, tmp_path, code):
    daemon, start = stage
    worker = start("--count", "1")
    daemon.hand_out(sh('touch "$KRE_CHECKPOINT_DIR/x"; echo "{\\"f1\\":1}" >&3'))
    tell = daemon.until("trial.tell")
    assert (tmp_path / "runs" / "songs" / CHECKPOINT / "x").exists()
    daemon.answer(tell, {"trial": "COMPLETE"}, error=code and {"code": code, "message": "lease lost"})
    assert worker.end() == 0
    assert (tmp_path / "runs" / "songs" / CHECKPOINT / "x").exists() == bool(code)


TROUBLE = {"code": -32603, "message": "The trial file could not be written: disk full"}
ROWS = b"a,b\n"
FILES = {"train": {"path": "/nowhere/train.csv", "sha256": hashlib.sha256(ROWS).hexdigest(), "size": len(ROWS)}}


def give_file(daemon):
    while True:
        line = daemon.lines.readline()
        if not line:
            return
        get = json.loads(line)
        piece = ROWS[get["params"].get("offset", 0):][:get["params"].get("length", 1 << 18)]
        daemon.answer(get, {"size": len(ROWS), "data": base64.b64encode(piece).decode()})


def test_a_file_that_a_daemon_in_trouble_refuses_is_asked_for_again(stage, tmp_path):
    daemon, start = stage
    daemon.lease_s = 60
    worker = start("--count", "1", "--cache", tmp_path / "cache")
    daemon.hand_out(sh('cat "$KRE_FILE_TRAIN"; echo "{\\"f1\\":1}" >&3'), files=FILES)
    aside = daemon.beside()
    aside.answer(aside.until("blob.get"), error=TROUBLE)
    daemon.beside(refusal=TROUBLE)
    give_file(daemon.beside())
    assert daemon.told()["state"] == "complete"
    assert worker.end() == 0 and (tmp_path / "runs" / "songs" / "2-1-0" / "stdout.log").read_bytes() == ROWS


@pytest.mark.parametrize("gone", [True, False])
def test_a_machine_is_unfit_when_the_daemon_takes_its_run_back_and_not_when_the_study_is_gone(stage, tmp_path, gone):
    daemon, start = stage
    daemon.lease_s = 60
    worker = start("--count", "2", "--cache", tmp_path / "cache")
    daemon.hand_out(sh("true"), files=FILES)
    aside = daemon.beside()
    aside.answer(aside.until("blob.get"), error={"code": -32003, "message": "the daemon has no such file for you"})
    tell = daemon.until("trial.tell")
    assert tell["params"]["state"] == "lost" and not daemon.asks
    daemon.answer(tell, {"trial": "WAITING"}, error={"code": -32010, "message": "lease lost"} if gone else None)
    if gone:
        daemon.hand_out(sh('echo "{\\"f1\\":1}" >&3'), run=8, lease=71)
        assert daemon.told()["state"] == "complete"
    assert worker.end() == (0 if gone else 1)
    assert ("no more runs are taken: file 'train' of the study is not on this worker" in worker.log()) != gone


def test_what_a_run_left_is_offered_again_to_a_daemon_that_was_in_trouble(stage, tmp_path):
    daemon, start = stage
    daemon.lease_s = 60
    worker = start("--count", "1", "--home", tmp_path / "elsewhere")
    daemon.hand_out(sh('echo "{\\"f1\\":1}" >&3; echo said'))
    assert daemon.told()["state"] == "complete"
    aside = daemon.beside()
    aside.answer(aside.until("artifact.offer"), error=TROUBLE)
    again = daemon.beside()
    offer = again.until("artifact.offer")
    assert [each["name"] for each in offer["params"]["artifacts"]] == ["stdout.log", "stderr.log"]
    again.answer(offer, {"wanted": []})
    assert worker.end() == 0 and "did not reach the daemon" not in worker.log()


def test_a_first_attempt_finds_nothing_of_an_older_study_of_that_name(stage, tmp_path):
    daemon, start = stage
    folder = tmp_path / "runs" / "songs" / CHECKPOINT
    (folder / "deep").mkdir(parents=True)
    (folder / "epoch").touch()
    start("--count", "1")
    daemon.hand_out(sh('ls "$KRE_CHECKPOINT_DIR"; echo "{\\"f1\\":1}" >&3'))
    assert daemon.told()["state"] == "complete"
    assert (tmp_path / "runs" / "songs" / "2-1-0" / "stdout.log").read_text() == ""


def test_a_run_finds_nothing_in_its_folder_that_an_older_study_of_that_name_left(stage, tmp_path):
    daemon, start = stage
    folder = tmp_path / "runs" / "songs" / "2-1-0"
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "weights.bin").write_text("old")
    (folder / "score.txt").write_text("f1=0.99\n")
    (folder / "model").chmod(0o500)
    start("--count", "1")
    daemon.hand_out(sh('ls "$KRE_RUN_DIR"; echo "{\\"f1\\":1}" >&3'))
    assert daemon.told()["state"] == "complete"
    assert (folder / "stdout.log").read_text() == "params.json\nstderr.log\nstdout.log\nsweep-params.yaml\n"


def test_a_run_is_handed_back_while_a_program_of_an_older_study_is_in_its_folder(stage, tmp_path):
    daemon, start = stage
    folder = tmp_path / "runs" / "songs" / "2-1-0"
    folder.mkdir(parents=True)
    (folder / "score.txt").write_text("f1=0.99\n")
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    start("--count", "1")
    daemon.hand_out(sh("true"))
    told = daemon.told()
    assert told["state"] == "lost" and "still used by a program of an earlier study" in told["reason"]
    assert (folder / "score.txt").exists()
    os.close(held)


@pytest.mark.parametrize("link", ["runs", "runs/songs", "runs/songs/2-1-0", f"runs/songs/{CHECKPOINT}"])
def test_no_link_below_the_home_is_followed(stage, tmp_path, link):
    daemon, start = stage
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis").write_text("all of it")
    (tmp_path / link).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / link).symlink_to(tmp_path / "mine")
    start("--count", "1")
    daemon.hand_out(sh("true"))
    assert "Not a directory" in daemon.told()["reason"]
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis"]


def test_an_attempt_leaves_alone_what_a_lost_one_that_still_runs_keeps(stage, tmp_path):
    daemon, start = stage
    start("--slots", "2", "--count", "2")
    runs = tmp_path / "runs" / "songs"
    daemon.hand_out(sh('echo mine > "$KRE_CHECKPOINT_DIR/epoch"; echo "{\\"step\\":1,\\"f1\\":1}" >&3; sleep 60'))
    wait_for((runs / CHECKPOINT / "epoch").exists)
    daemon.hand_out(sh('ls -d "$KRE_CHECKPOINT_DIR"; ls "$KRE_CHECKPOINT_DIR"; echo "{\\"f1\\":1}" >&3'), run=8, lease=71, attempt=1)
    told = daemon.told()
    assert (told["run"], told["state"]) == (8, "complete")
    assert (runs / "2-1-1" / "stdout.log").read_text() == f"{runs}/2-1-1.checkpoint\n"
    wait_for(lambda: [path.name for path in runs.glob("*.checkpoint")] == [CHECKPOINT])
    assert (runs / CHECKPOINT / "epoch").read_text() == "mine\n"


def test_a_worker_that_was_cut_off_ends_what_was_lost_before_it_asks_so_that_it_can_go_on_with_it(stage, tmp_path):
    daemon, start = stage
    start("--slots", "2", "--count", "2")
    daemon.hand_out(sh('echo mine > "$KRE_CHECKPOINT_DIR/epoch"; sleep 60'))
    wait_for((tmp_path / "runs" / "songs" / CHECKPOINT / "epoch").exists)
    daemon.answer(daemon.until("trial.ask"), {"run": None, "retry_s": 60, "reason": "waiting"})
    daemon.restart()
    daemon.accept()
    renew = daemon.until("lease.renew")
    assert daemon.asks == []
    daemon.answer(renew, {"expires_s": 1, "lost": [7], "stop": []})
    daemon.hand_out(sh('cat "$KRE_CHECKPOINT_DIR/epoch"; echo "{\\"f1\\":1}" >&3'), run=8, lease=71, attempt=1)
    assert daemon.told()["state"] == "complete"
    assert (tmp_path / "runs" / "songs" / "2-1-1" / "stdout.log").read_text() == "mine\n"


@pytest.mark.parametrize("script, word", [("exit 3", None), ("sleep 60", "pruned"), ("sleep 60", "cancelled")])
def test_a_run_that_ends_without_a_result_leaves_no_checkpoint(stage, tmp_path, script, word):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh(f'touch "$KRE_CHECKPOINT_DIR/x"; echo "{{\\"f1\\":1}}" >&3; {script}'))
    assert daemon.told(stop=word)["state"] in ("failed", "pruned")
    wait_for(lambda: not list(tmp_path.glob("runs/songs/*.checkpoint")))


def test_a_run_that_is_handed_back_keeps_its_checkpoint(stage, tmp_path):
    daemon, start = stage
    worker = start("--count", "1")
    daemon.hand_out(sh('touch "$KRE_CHECKPOINT_DIR/x"; echo "{\\"f1\\":1}" >&3; sleep 60'))
    daemon.answer(daemon.until("trial.report"), {"stop": None})
    worker.process.send_signal(signal.SIGTERM)
    assert daemon.told()["state"] == "lost"
    assert (tmp_path / "runs" / "songs" / CHECKPOINT / "x").exists()


def test_checkpoints_that_nobody_goes_on_with_are_removed_after_two_weeks(stage, tmp_path):
    daemon, start = stage
    day_s = 86400
    for name, days in (("1-0.checkpoint", 15), ("2-0.checkpoint", 13), ("3-0-0", 15), ("4-0.checkpoint", 15)):
        folder = tmp_path / "runs" / "songs" / name
        folder.mkdir(parents=True)
        (folder / "file").touch()
        os.utime(folder, (time.time() - days * day_s,) * 2)
    held = os.open(folder, os.O_RDONLY)  # by another worker
    fcntl.flock(held, fcntl.LOCK_EX)
    start("--count", "1")
    daemon.until("trial.ask")
    os.close(held)
    assert sorted(path.name for path in (tmp_path / "runs" / "songs").iterdir()) == ["2-0.checkpoint", "3-0-0", "4-0.checkpoint"]


def test_values_are_found_on_stdout_by_a_pattern_and_in_a_file(stage):
    daemon, start = stage
    start("--count", "3")
    ways = [({"kind": "stdout", "source": "name=value", "metric": "f1"}, "echo 'epoch=3 loss=0.5, f1=0.25'", 3),
            ({"kind": "pattern", "source": "score: ([0-9.]+)", "metric": "f1"}, "echo 'my score: 0.25!'", 0),
            ({"kind": "file", "source": "score.txt", "metric": "f1"}, 'printf 0.25 > "$KRE_RUN_DIR/score.txt"', 0)]
    for number, (report, script, step) in enumerate(ways):
        daemon.hand_out(sh(script), report=report, number=number)
        said = daemon.until("trial.report")
        daemon.answer(said, {"stop": None})
        assert (said["params"]["step"], said["params"]["value"]) == (step, 0.25), report
        assert daemon.told()["state"] == "complete"


@pytest.mark.parametrize("script, state, reason, by_signal", [
    ("echo one >&2; echo 'no such 한글' >&2; exit 3", "failed", "exit code 3: one\nno such 한글", None),
    ("kill -9 $$", "failed", "died by signal 9 (Killed)", True),
    ("true", "failed", "reported no value of 'f1' through KRE_REPORT_FD; if it prints it, the study needs report: {stdout: name=value}", None),
])
def test_a_failure_has_its_reason(stage, script, state, reason, by_signal):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh(script))
    told = daemon.told()
    assert (told["state"], told["reason"], told.get("by_signal")) == (state, reason, by_signal)


@pytest.mark.parametrize("kind, source, script, reason", [
    ("pipe", "", "echo f1=0.5", ": f1 was printed on stdout, for which the study needs report: {stdout: name=value}"),
    ("pipe", "", 'echo \'{"val_acc":1,"loss":2}\' >&$KRE_REPORT_FD', ": the program reported val_acc, loss"),
    ("pipe", "", "head -c 1100000 /dev/zero | tr '\\0' 7 >&$KRE_REPORT_FD; echo >&$KRE_REPORT_FD", ": a line of more than 1 MiB was passed over"),
    ("pipe", "", "echo val_acc=1 loss=2", ": the program printed val_acc, loss on stdout"),
    ("stdout", "name=value", "echo INFO:root:f1=0.5 >&2", ": f1 was printed on stderr; a study hears stdout (print it there, or start the "
     "program with 2>&1) or KRE_REPORT_FD"),
    ("stdout", "name=value", "echo val_acc=1 loss=2", ": the program printed val_acc, loss"),
    ("stdout", "name=value", "echo f1=0,613", ": 'f1=0,613' has no number"),
    ("stdout", "name=value", "echo hello", ": it printed no pair of name=value"),
    ("pattern", "F1 (.*)", "echo hello", ": no line matched the pattern"),
    ("file", "/dev/zero", "true", ": /dev/zero is no regular file"),
    ("file", "/nonsense/score", "true", ": /nonsense/score was never there"),
])
def test_a_run_that_reported_nothing_says_what_was_there_instead(stage, kind, source, script, reason):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh(script), report={"kind": kind, "source": source, "metric": "f1"})
    assert daemon.told()["reason"] == "reported no value of 'f1'" + reason


def test_metrics_on_lines_of_their_own_are_told_with_their_step(stage):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("echo epoch=1 f1=0.5; echo epoch=1 seconds=12; echo memory_mb: 300"), metrics=["f1", "seconds"],
                    constraints=["memory_mb"], report={"kind": "stdout", "source": "name=value", "metric": "f1"})
    said = daemon.until("trial.report")
    daemon.answer(said, {"stop": None})
    assert (said["params"]["step"], said["params"]["value"]) == (1, 0.5)
    assert said["params"]["metrics"] == {"epoch": 1, "f1": 0.5, "seconds": 12, "memory_mb": 300}
    assert daemon.told()["state"] == "complete"


def test_a_step_is_told_while_the_program_goes_on(stage):
    """It must not wait for the next one: pruning would come an epoch late."""
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("echo epoch=1 f1=0.5; cd $KRE_RUN_DIR; mkfifo wait; read _ <wait"), report={"kind": "stdout", "source": "name=value", "metric": "f1"})
    daemon.answer(daemon.until("trial.report"), {"stop": "pruned"})
    assert daemon.told()["state"] == "pruned"


def test_a_step_that_is_said_again_is_counted_on_and_the_log_says_so(stage):
    daemon, start = stage
    worker = start("--count", "1")
    daemon.hand_out(sh("echo epoch=1 f1=0.1; echo epoch=1 f1=0.2; echo epoch=2 f1=0.3"),
                    report={"kind": "stdout", "source": "name=value", "metric": "f1"})
    steps = []
    for _ in range(3):
        said = daemon.until("trial.report")
        daemon.answer(said, {"stop": None})
        steps.append((said["params"]["step"], said["params"]["value"]))
    daemon.told()
    assert steps == [(1, 0.1), (2, 0.2), (3, 0.3)]
    worker.end()
    assert "2 reports had a step that was said before and were counted on from the last one" in worker.log()


def test_a_file_that_is_written_anew_is_a_new_state(stage):
    """The program goes on when the test has got the report, so every state is seen."""
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("cd $KRE_RUN_DIR; mkfifo next; for f in 0.3 0.5 0.8; do echo $f >new; mv new score; read _ <next; done"), number=5,
                    report={"kind": "file", "source": "score", "metric": "f1"})
    for step, value in enumerate((0.3, 0.5, 0.8)):
        said = daemon.until("trial.report")
        daemon.answer(said, {"stop": None})
        assert (said["params"]["step"], said["params"]["value"]) == (step, value)
        folder = next((daemon.path.parent / "runs" / "songs").glob("5-*-0"))
        with open(folder / "next", "w") as fifo:
            fifo.write("\n")
    assert daemon.told()["state"] == "complete"


def test_a_run_over_its_time_ends_with_that_reason(stage):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("sleep 60"), resources={"minutes": 0.002})
    told = daemon.told()
    assert told["reason"] == "ran longer than its limit of 0.002 minutes" and "by_signal" not in told


def test_a_run_over_its_memory_ends_with_that_reason(stage):
    daemon, start = stage
    start("--count", "1", "--allow-command", "python3")
    daemon.hand_out(["python3", "-c", "bytearray(1 << 30)"], resources={"memory_mb": 256})
    told = daemon.told()
    assert told["reason"].startswith("ran into its memory limit of 256 MB: ") and told["state"] == "failed"


def test_the_memory_of_all_processes_of_a_run_counts_together(stage):
    daemon, start = stage
    start("--count", "1", "--allow-command", "python3")
    greedy = "import os, sys, time; [os.fork() for _ in range(3)]; mine = bytearray(os.urandom(1 << 20) * 40); time.sleep(60)"
    daemon.hand_out(["python3", "-c", greedy], resources={"memory_mb": 200})
    told = daemon.told()
    assert told["reason"].startswith("ran into its memory limit of 200 MB: out of memory: ") and told["state"] == "failed"


def test_what_processes_of_a_run_share_counts_once(stage):
    daemon, start = stage
    start("--count", "1", "--allow-command", "python3")
    shared = ("import os, time; mine = bytearray(os.urandom(1 << 20) * 80); children = [os.fork() for _ in range(3)]\n"
              "time.sleep(1) if 0 in children else [os.wait() for _ in children]\n"
              "0 in children or os.write(int(os.environ['KRE_REPORT_FD']), b'{\"f1\": 0.5}\\n')")
    daemon.hand_out(["python3", "-c", shared], resources={"memory_mb": 240})
    assert daemon.told()["state"] == "complete"


def test_a_memory_limit_above_that_of_the_worker_itself_ends_no_run(stage):
    daemon, start = stage
    worker = start("--count", "1")
    own = 1 << 46  # ASan wants terabytes for itself
    resource.prlimit(worker.process.pid, resource.RLIMIT_AS, (own, own))
    daemon.hand_out(sh("echo '{\"final\": true, \"f1\": '$(ulimit -v)'}' >&$KRE_REPORT_FD"), resources={"memory_mb": 500000000})
    told = daemon.told()
    assert told["state"] == "complete" and told["values"] == [own >> 10], told


@pytest.mark.parametrize("limit", [{}, {"memory_mb": 4000}])
def test_what_all_processes_of_a_run_took_is_told(stage, limit):
    daemon, start = stage
    start("--count", "1", "--allow-command", "python3")
    greedy = ("import os, time; children = [os.fork() for _ in range(2)]; mine = bytearray(os.urandom(1 << 20) * 60)\n"
              "while time.process_time() < 0.3: pass\n"
              "[os.wait() for child in children if child]\n"
              "assert not os.path.exists('/proc/self/fd/4')\n"
              "os.getppid() and 0 not in children and os.write(int(os.environ['KRE_REPORT_FD']), b'{\"f1\": 0.5}\\n')")
    daemon.hand_out(["python3", "-c", greedy], resources=limit)
    told = daemon.told()
    assert told["state"] == "complete", told
    usage = told["usage"]
    assert usage["cpu_s"] >= 4 * 0.3 and usage["peak_mb"] >= 60 and usage["wall_s"] >= 0.3


def test_a_run_that_is_killed_tells_what_it_took(stage):
    daemon, start = stage
    start("--count", "1", "--allow-command", "sh")
    daemon.hand_out(sh("kill -9 $$"))
    assert set(daemon.told()["usage"]) == {"cpu_s", "peak_mb", "wall_s"}


ESCAPED = "setsid sh -c 'echo $$ > PLACE/escaped; exec sleep 600' & until test -s PLACE/escaped; do :; done"


@pytest.mark.parametrize("then, state", [("exit 1", "failed"), ("kill -9 $$", "failed"), ("sleep 600", "cut off")])
def test_what_a_program_leaves_in_a_session_of_its_own_ends_with_the_run(stage, tmp_path, then, state):
    daemon, start = stage
    worker = start()
    daemon.hand_out(sh(f"{ESCAPED.replace('PLACE', str(tmp_path))}; {then}"))
    escaped = tmp_path / "escaped"
    if state == "cut off":
        wait_for(lambda: escaped.exists() and escaped.read_text().strip())
        worker.process.kill()
    else:
        assert daemon.told()["state"] == state
    wait_for(lambda: gone(int(escaped.read_text())))


def test_a_program_in_a_session_of_its_own_hears_that_it_is_to_stop(stage, tmp_path):
    daemon, start = stage
    worker = start("--allow-command", "setsid", "--grace-s", "60")
    daemon.hand_out(["setsid", "sh", "-c", f"trap 'echo > {tmp_path}/heard; exit 0' TERM; echo > {tmp_path}/ready; while :; do sleep 0.01; done"])
    wait_for((tmp_path / "ready").exists)
    worker.process.terminate()
    assert daemon.told()["state"] == "lost"
    assert (tmp_path / "heard").exists() and worker.end() == 0


def test_a_signal_among_its_processes_is_not_taken_for_the_end_of_the_worker(stage):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("trap '' HUP; kill -HUP 0; echo '{\"f1\": 0.5}' >&$KRE_REPORT_FD"))
    assert daemon.told()["state"] == "complete"


def test_a_log_that_may_grow_no_further_ends_neither_the_worker_nor_the_run(stage):
    daemon, start = stage
    worker = start("--count", "1")
    ask = daemon.until("trial.ask")
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
    daemon.give(ask, sh("yes | head -c 20000; echo '{\"f1\": 0.5}' >&$KRE_REPORT_FD"))
    assert daemon.told()["state"] == "complete"
    assert worker.end() == 0


def test_a_command_the_owner_did_not_allow_is_not_started(stage, tmp_path):
    daemon, start = stage
    worker = start()
    daemon.hand_out(["/bin/sh", "-c", f"touch {tmp_path}/started"])
    told = daemon.told()
    assert told["state"] == "lost" and "does not run '/bin/sh'" in told["reason"]
    assert not (tmp_path / "started").exists()
    assert worker.end() == 1 and "no more runs are taken: this worker does not run '/bin/sh'" in worker.log()


def test_a_worker_that_may_not_run_what_its_study_names_ends_at_once(stage):
    daemon, start = stage
    worker = start("--study", "songs")
    daemon.answer(daemon.until("trial.ask"), error={"code": -32013, "message": "The study songs runs 'python3', which this worker may not run"})
    assert worker.end() == 1
    assert "songs runs 'python3', which this worker may not run; --allow-command lets it" in worker.log()


@pytest.mark.parametrize("command, reason", [
    (["no-such-program"], "this machine has no program 'no-such-program' on its PATH"),
    (["/nowhere/program"], "this machine cannot run /nowhere/program: No such file or directory"),
    (["./script"], "this machine could not run it: cannot start './script': No such file or directory"),
    (sh("echo 'OSError: [Errno 28] No space left on device' >&2; exit 1"), "this machine could not run it: OSError: [Errno 28] No space left on device"),
    (sh("echo \"/usr/bin/env: 'python': No such file or directory\" >&2; exit 127"), "this machine could not run it: /usr/bin/env: 'python': No such file or directory"),
])
def test_what_this_machine_lacks_fails_no_run(stage, tmp_path, command, reason):
    daemon, start = stage
    (tmp_path / "script").write_text("#!/nowhere/interpreter\n")
    (tmp_path / "script").chmod(0o755)
    worker = start("--allow-command", "*")
    daemon.hand_out(command)
    told = daemon.told()
    assert (told["state"], told["reason"]) == ("lost", reason)
    assert told.get("uncounted") == (None if "No space" in reason else True)  # a full disk may be the program's own doing
    assert worker.end() == 1 and f"no more runs are taken: {reason}" in worker.log()


def test_a_run_whose_folder_cannot_be_made_is_handed_back(stage, tmp_path):
    daemon, start = stage
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "songs").touch()
    worker = start()
    daemon.hand_out(sh("true"))
    told = daemon.told()
    assert told["state"] == "lost" and "cannot make the folder" in told["reason"]
    assert worker.end() == 1


def one_that_goes_well(daemon):
    daemon.hand_out(sh("echo '{\"f1\":1}' >&3"), run=1)
    assert daemon.told()["state"] == "complete"


def test_a_machine_that_breaks_after_a_success_hands_back_what_failed_at_once(stage):
    daemon, start = stage
    worker = start()
    one_that_goes_well(daemon)
    for run in range(2, 10):
        daemon.hand_out(sh("echo broken >&2; exit 1"), run=run)
    told = [daemon.told() for _ in range(8)]
    assert [(each["run"], each["state"], each["reason"]) for each in told] == [(run, "lost", "exit code 1: broken") for run in range(2, 10)]
    assert worker.end() == 3 and "(--allow-flapping goes on): exit code 1: broken" in worker.log()


@pytest.mark.parametrize("news", ["result", "report", "none", "end"])
def test_failures_in_doubt_are_told_as_such_when_something_goes_well_or_nothing_more_comes(stage, news):
    daemon, start = stage
    worker = start()
    one_that_goes_well(daemon)
    daemon.hand_out(sh("exit 1"), run=2)
    daemon.hand_out(sh("exit 1"), run=3)
    ask = daemon.until("trial.ask")  # so both have ended
    daemon.answer(ask, {"run": None, "retry_s": 60, "reason": "waiting"}) if news == "none" else None
    if news == "end":
        worker.process.send_signal(signal.SIGTERM)
        wait_for(lambda: "handing their runs back" in worker.log())
        daemon.answer(ask, {"run": None, "retry_s": 60, "reason": "waiting"})
    if news in ("result", "report"):
        final = "true" if news == "result" else "false"
        daemon.give(ask, sh(f"echo '{{\"final\":{final},\"f1\":1}}' >&3"), run=4)
    told = [daemon.told() for _ in range(3 if news in ("result", "report") else 2)]
    assert sorted((each["run"], each["state"]) for each in told)[:2] == [(2, "failed"), (3, "failed")]


def test_the_leases_of_failures_in_doubt_are_renewed(stage):
    daemon, start = stage
    start()
    one_that_goes_well(daemon)
    daemon.hand_out(sh("exit 1"), run=2)
    daemon.hand_out(sh("sleep 60"), run=3)
    renewed = daemon.read()
    while len(renewed["params"].get("leases", [])) < 2:
        daemon.answer(renewed, {"expires_s": 1, "lost": [], "stop": []})
        renewed = daemon.read()
    assert {claim["run"] for claim in renewed["params"]["leases"]} == {2, 3}


def test_any_command_may_be_allowed(stage):
    daemon, start = stage
    start("--count", "1", "--allow-command", "*")
    ask = daemon.hand_out(["/bin/sh", "-c", "echo '{\"f1\":1}' >&3"])
    assert not ask["params"].get("commands")
    assert daemon.told()["state"] == "complete"


def test_a_study_name_leads_out_of_no_folder(stage, tmp_path):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("true"), study="../../evil")
    assert daemon.told()["state"] == "failed"
    assert not (tmp_path.parent / "evil").exists()


def test_a_missing_file_is_named(stage):
    daemon, start = stage
    worker = start()
    daemon.hand_out(sh("true"), files={"train": {"path": "/nowhere/train.csv", "sha256": "", "size": 5}})
    told = daemon.told()
    assert told["state"] == "lost" and "file 'train' of the study is not on this worker: /nowhere/train.csv" in told["reason"]
    assert worker.end() == 1


@pytest.mark.parametrize("word, state", [("pruned", "pruned"), ("cancelled", "failed")])
def test_a_stop_ends_the_program_even_when_it_does_not_listen(stage, word, state):
    daemon, start = stage
    start("--count", "1", "--grace-s", "3")  # time for the shell to hear of it
    daemon.hand_out(sh("""trap 'echo "{\\"step\\":9,\\"f1\\":0.9}" >&3' TERM
        echo '{"step":1,"f1":0.1}' >&3; while :; do sleep 0.05; done"""))
    said = daemon.until("trial.report")
    daemon.answer(said, {"stop": word})
    late = daemon.until("trial.report")  # SIGTERM was heard, and ignored: only SIGKILL ends it
    assert late["params"]["step"] == 9
    daemon.answer(late, {"stop": word})
    assert daemon.told()["state"] == state


def test_a_stop_may_come_with_a_renewal(stage):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("sleep 60"))
    assert daemon.told(on_renew={"stop": [{"run": 7, "reason": "pruned"}]})["state"] == "pruned"


def test_a_lost_lease_ends_the_program_and_nothing_is_told(stage, tmp_path):
    daemon, start = stage
    worker = start("--count", "1")
    daemon.hand_out(sh(f"echo $$ > {tmp_path}/pid; echo '{{\"f1\":1}}' >&3; sleep 60"))
    said = daemon.until("trial.report")
    daemon.answer(said, error={"code": -32010, "message": "lease lost"})
    assert worker.end() == 0
    assert gone(int((tmp_path / "pid").read_text()))
    assert b"trial.tell" not in daemon.lines.read()


def test_leases_are_renewed_while_the_program_is_silent(stage):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("sleep 60"))
    for _ in range(4):
        renewal = daemon.until("lease.renew")
        daemon.answer(renewal, {"expires_s": 1, "lost": [], "stop": []})
        assert renewal["params"].pop("load") >= 0
        assert renewal["params"] == {"leases": [{"run": 7, "lease": 70}]}


def test_what_happens_while_the_daemon_is_away_is_told_when_it_is_back(stage, tmp_path):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh(f"""echo '{{"step":1,"f1":0.1}}' >&3
        while [ ! -e {tmp_path}/go ]; do sleep 0.01; done
        echo '{{"step":2,"f1":0.2}}' >&3; touch {tmp_path}/done"""))
    unanswered = daemon.until("trial.report")
    assert unanswered["params"]["step"] == 1
    daemon.hang_up()
    (tmp_path / "go").touch()
    wait_for((tmp_path / "done").exists)
    daemon.listen()
    daemon.accept()
    assert daemon.sessions == [None, "s1"]
    steps = []
    for _ in range(2):
        said = daemon.until("trial.report")
        daemon.answer(said, {"stop": None})
        steps.append(said["params"]["step"])
    assert steps == [1, 2]
    assert daemon.told()["state"] == "complete"


def test_a_result_that_the_daemon_does_not_take_ends_the_run_as_failed_for_that_reason(stage):
    daemon, start = stage
    worker = start("--count", "1")
    daemon.hand_out(sh("""echo '{"step":1,"f1":"nan"}' >&3"""))
    refused = daemon.until("trial.tell")
    assert refused["params"]["state"] == "complete"
    daemon.answer(refused, error={"code": -32011, "message": "No value of f1 was ever reported."})
    told = daemon.told()
    assert (told["state"], told["reason"]) == ("failed", "No value of f1 was ever reported.")
    assert worker.end() == 0


def test_what_the_daemon_cannot_write_down_is_sent_again_with_the_next_renewal(stage):
    daemon, start = stage
    worker = start("--count", "1")
    daemon.hand_out(sh("""echo '{"final":true,"f1":0.5}' >&3"""))
    for _ in range(2):
        daemon.answer(daemon.until("trial.tell"), error={"code": -32603, "message": "database or disk is full"})
    assert daemon.told()["values"] == [0.5]
    assert worker.end() == 0


def test_a_question_whose_answer_was_lost_is_repeated_under_its_id(stage):
    daemon, start = stage
    start("--count", "1")
    first = daemon.until("trial.ask")
    daemon.restart()
    daemon.accept()
    again = daemon.hand_out(sh("echo '{\"f1\":1}' >&3"))
    assert again["id"] == first["id"]
    assert daemon.told()["state"] == "complete"


def test_the_first_signal_hands_runs_back(stage, tmp_path):
    daemon, start = stage
    worker = start()
    daemon.hand_out(sh(f"echo $$ > {tmp_path}/pid; echo '{{\"f1\":1}}' >&3; sleep 60"))
    daemon.answer(daemon.until("trial.report"), {"stop": None})
    worker.process.send_signal(signal.SIGINT)
    told = daemon.told()
    assert (told["state"], told["reason"]) == ("lost", "the worker was stopped") and "uncounted" not in told
    assert worker.end() == 0
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_run_that_is_stopped_before_its_program_says_a_word_counts_for_nothing(stage, tmp_path):
    daemon, start = stage
    worker = start()
    daemon.hand_out(sh(f"touch {tmp_path}/begun; sleep 60"))
    wait_for(lambda: (tmp_path / "begun").exists())
    worker.process.send_signal(signal.SIGTERM)
    told = daemon.told()
    assert (told["state"], told["uncounted"]) == ("lost", True)
    assert worker.end() == 0


def test_the_second_signal_does_not_wait_for_the_grace_time(stage):
    daemon, start = stage
    worker = start("--grace-s", "600")
    daemon.hand_out(sh("trap 'echo \"{\\\"f1\\\":2}\" >&3' TERM; echo '{\"f1\":1}' >&3; while :; do sleep 0.05; done"))
    daemon.answer(daemon.until("trial.report"), {"stop": None})
    worker.process.send_signal(signal.SIGTERM)
    daemon.answer(daemon.until("trial.report"), {"stop": None})
    worker.process.send_signal(signal.SIGTERM)
    assert daemon.told()["state"] == "lost"
    assert worker.end() == 130


@pytest.mark.parametrize("options, number", [([], signal.SIGUSR1), (["--finish"], signal.SIGTERM)])
def test_a_gentle_signal_lets_the_run_finish(stage, tmp_path, options, number):
    daemon, start = stage
    worker = start(*options)
    daemon.hand_out(sh(f"echo '{{\"f1\":1}}' >&3; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done"))
    daemon.answer(daemon.until("trial.report"), {"stop": None})
    worker.process.send_signal(number)
    wait_for(lambda: "finishing what runs" in worker.log())
    (tmp_path / "go").touch()
    assert daemon.told()["state"] == "complete"
    assert worker.end() == 0 and not daemon.asks


def test_a_killed_worker_takes_its_trainers_along(stage, tmp_path):
    daemon, start = stage
    worker = start()
    daemon.hand_out(sh(f"sh -c 'echo $$ > {tmp_path}/grandchild; exec sleep 60' & echo $$ > {tmp_path}/pid; wait"))
    pids = tmp_path / "pid", tmp_path / "grandchild"
    wait_for(lambda: all(path.exists() and path.read_text().strip() for path in pids))
    worker.process.kill()
    for path in pids:
        wait_for(lambda: gone(int(path.read_text())))


def test_three_quick_failures_end_the_worker(stage):
    daemon, start = stage
    worker = start()
    for number in range(3):
        daemon.hand_out(sh("exit 1"), number=number)
        assert daemon.told()["state"] == "failed"
    assert worker.end() == 3
    assert "--allow-flapping" in worker.log()


def test_slots_work_side_by_side(stage, tmp_path):
    daemon, start = stage
    worker = start("--slots", "2", "--count", "2")
    for run in (7, 8):
        wait_for_other = f"touch {tmp_path}/{run}; while [ ! -e {tmp_path}/{15 - run} ]; do sleep 0.01; done"
        daemon.hand_out(sh(wait_for_other + "; echo '{\"f1\":1}' >&3"), run=run, number=run)
    assert {daemon.told()["run"], daemon.told()["run"]} == {7, 8}
    assert worker.end() == 0


@pytest.mark.parametrize("option, reason", [("--until-finished", "finished"), ("--exit-when-idle", "waiting")])
def test_it_ends_when_there_is_no_more_to_do(stage, option, reason):
    daemon, start = stage
    worker = start(option)
    daemon.answer(daemon.until("trial.ask"), {"run": None, "retry_s": 60, "reason": reason})
    assert worker.end() == 0


def test_it_ends_when_its_study_is_deleted(stage):
    daemon, start = stage
    worker = start("--until-finished", "--study", "songs")
    ask = daemon.until("trial.ask")
    assert ask["params"]["study"] == "songs"
    daemon.answer(ask, error={"code": -32003, "message": "there is no study 'songs'"})
    assert worker.end() == 0


def test_it_waits_as_long_as_the_daemon_says(stage):
    daemon, start = stage
    start("--until-finished")
    for _ in range(3):
        daemon.answer(daemon.until("trial.ask"), {"run": None, "retry_s": 0.01, "reason": "waiting"})
    assert daemon.until("trial.ask")


@pytest.mark.parametrize("arguments, sentence", [
    (["--slots", "0"], "--slots: 0 is outside 1 to 256"),
    (["--slots"], "--slots needs a value: N"),
    (["--slot", "1"], "there is no option --slot; did you mean --slots?"),
    (["a", "b"], "'b' is a second"),
    (["--help=yes"], "--help takes no value"),
    (["--log-level", "loud"], "not 'loud'"),
])
def test_wrong_usage_is_one_sentence(arguments, sentence):
    ended = subprocess.run([WORKER, *arguments], capture_output=True, text=True, timeout=PATIENCE_S)
    assert ended.returncode == 2 and sentence in ended.stderr and ended.stderr.count("\n") == 1


@pytest.mark.parametrize("address, sentence", [
    ("host:9000", "host:9000: an address is the path of a socket, HOME/daemon.sock, or the line that 'kre-search join' prints"),
    ("http://host:9000/x", "http://host:9000/x: an address is the path of a socket, HOME/daemon.sock, or the line that 'kre-search join' prints"),
    ("", "this one is empty"),
    ("nosuch", "no daemon answers at nosuch: no such file or directory"),
    ("/nowhere/daemon.sock", "no daemon answers at /nowhere/daemon.sock: no such file or directory"),
    ("/dev/null", "no daemon answers at /dev/null: that is no socket"),
    ("/", "no daemon answers at /: that is a folder, and the socket is the file daemon.sock in a home"),
    ("/dev/null/x", "no daemon answers at /dev/null/x: not a directory"),
])
def test_a_wrong_address_is_one_sentence_and_the_end(address, sentence, tmp_path):
    ended = subprocess.run([WORKER, address], capture_output=True, text=True, timeout=PATIENCE_S, cwd=tmp_path)
    assert ended.returncode in (1, 2) and sentence in ended.stderr and ended.stderr.count("\n") == 1


@pytest.mark.parametrize("words, sentence", [
    (["--save={elsewhere}"], "--save: a study's training writes into its run's folder"),
    (["--oof={elsewhere}"], "--oof: a study's training writes into its run's folder"),
    (["--data=/etc/passwd"], "--data: a study's training reads the study's files, and /etc/passwd is none of them"),
    (["pretrain", "--data=/etc/passwd"], "--data: a study's training reads the study's files"),
    (["corpus", "--out={elsewhere}"], "a study's training is train or pretrain, not corpus"),
])
def test_a_daemon_names_no_paths_of_its_own_for_kre_train(stage, tmp_path, words, sentence):
    daemon, start = stage
    start("--count", "1")
    elsewhere = tmp_path / "thesis"
    elsewhere.write_text("mine")
    daemon.hand_out(["kre-train", *(word.format(elsewhere=elsewhere) for word in words)],
                    files={"train": {"path": str(elsewhere)}}, env={"KRE_CONFINED": ""})
    told = daemon.told()
    assert told["state"] == "failed" and sentence in told["reason"]
    assert elsewhere.read_text() == "mine"


@pytest.mark.parametrize("key", ["run", "lease", "study", "number", "params", "command", "env", "files", "report", "resources", "metrics"])
@pytest.mark.parametrize("value", [None, [None], {"a": None}], ids=json.dumps)
def test_what_makes_no_sense_from_a_daemon_ends_no_worker(stage, key, value):
    daemon, start = stage
    worker = start()
    daemon.hand_out(**{"command": sh("exit 0"), key: value})
    worker.process.send_signal(signal.SIGTERM)
    try:
        while True:
            request = daemon.read()
            daemon.answer(request, {"trial": "RUNNING"} if request["method"] == "trial.tell" else
                          {"run": None, "reason": "waiting"} if request["method"] == "trial.ask" else {"lost": [], "stop": []})
    except (AssertionError, OSError):
        pass
    assert worker.end() in (0, 1), worker.log()
    assert "Sanitizer" not in worker.log()


def test_a_study_may_have_a_long_name(stage):
    daemon, start = stage
    start("--count", "1")
    daemon.hand_out(sh("echo '{\"f1\":1}' >&3"), study="가" * 66)
    assert daemon.told()["state"] == "complete"
