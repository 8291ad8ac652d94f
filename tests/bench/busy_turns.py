#!/usr/bin/python3
"""busy_turns.py BUILD [TRIALS]: how long others wait for a daemon while somebody asks much of it.

A worker of a small study goes round: ask, report, tell, renew, ping, each on its own. It does so alone, while one thing after
another happens beside it, and while all of them happen at once. Printed is what its requests took, in ms: the half, the 99th of
a hundred, the longest. The file has one study of TRIALS trials (100,000) and one of half as many, which is deleted.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
SPEC = {"name": "small", "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}}}


class Client:
    def __init__(self, path, name="bench"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb", 1 << 20)
        self.call("hello", protocol=1, role="admin", name=name)

    def send(self, method, **params):
        self.socket.sendall(json.dumps({"id": 1, "method": method, "params": params}).encode() + b"\n")

    def read(self):
        line = self.stream.readline()
        if not line:
            raise ConnectionError("the daemon closed the connection")
        reply = json.loads(line)
        if "error" in reply:
            raise RuntimeError(reply["error"]["message"])
        return reply["result"]

    def call(self, method, **params):
        self.send(method, **params)
        return self.read()


def beside(function):
    """What runs in a process of its own, so that it costs the worker's nothing."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            function()
        except (OSError, RuntimeError) as error:
            print("  ", type(error).__name__, error, file=sys.stderr)
        os._exit(0)
    return child


def pages_and_away(path):
    """A viewer that asks for 2,000 pages and hangs up, ten times."""
    lines = (json.dumps({"id": 1, "method": "trial.list", "params": {"study": "bench", "limit": 1000}}) + "\n").encode() * 2000
    for _ in range(10):
        client = Client(path)
        with contextlib.suppress(OSError):
            client.socket.settimeout(0.5)
            client.socket.sendall(lines)
        client.socket.close()


def pages(path):
    """A viewer that asks for 100 pages at once and reads them all."""
    line = (json.dumps({"id": 1, "method": "trial.list", "params": {"study": "bench", "limit": 1000}}) + "\n").encode()
    client = Client(path)
    threading.Thread(target=lambda: client.socket.sendall(line * 100), daemon=True).start()
    for _ in range(100):
        client.read()


def looks(path):
    """10,000 looks at a study."""
    line = (json.dumps({"id": 1, "method": "study.get", "params": {"study": "bench"}}) + "\n").encode()
    client = Client(path)
    threading.Thread(target=lambda: client.socket.sendall(line * 10000), daemon=True).start()
    for _ in range(10000):
        client.stream.readline()


def deletion(path):
    Client(path).call("study.delete", study="spare")


def export(path):
    Client(path).call("file.export", path=str(pathlib.Path(path).parent / f"export-{os.getpid()}.db"))


def foreign(path):
    """Another program, as Optuna does it: a trial is begun, gets its values and ends, in ten commits."""
    file = sqlite3.connect(pathlib.Path(path).parent / "trials.db", timeout=60, isolation_level=None)
    (study,), = file.execute("SELECT study_id FROM studies WHERE study_name = 'bench'")
    names = [name for name, in file.execute(
        "SELECT DISTINCT param_name FROM trial_params WHERE trial_id = (SELECT min(trial_id) FROM trials WHERE study_id = ?)", (study,))]
    for _ in range(3):
        number, = file.execute("SELECT max(number) + 1 FROM trials WHERE study_id = ?", (study,)).fetchone()
        trial = file.execute("INSERT INTO trials (number, study_id, state, datetime_start) VALUES (?, ?, 'RUNNING',"
                             " datetime('now'))", (number, study)).lastrowid
        for name in names:
            file.execute("INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) SELECT ?, param_name,"
                         " 0.5, distribution_json FROM trial_params WHERE param_name = ? LIMIT 1", (trial, name))
            time.sleep(0.05)
        file.execute("INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, 0, 0.5, 'FINITE')", (trial,))
        file.execute("UPDATE trials SET state = 'COMPLETE', datetime_complete = datetime('now') WHERE trial_id = ?", (trial,))


TASKS = {"2,000 pages and away, ten times": pages_and_away, "100 pages at once": pages, "10,000 looks": looks, "an export": export,
         "another program's trials": foreign, "a study deleted": deletion}


class Worker:
    def __init__(self, path):
        self.client = Client(path, "worker")
        self.client.call("study.create", spec=SPEC, if_exists="resume")
        self.waits = []

    def timed(self, method, **params):
        start = time.perf_counter()
        answer = self.client.call(method, **params)
        self.waits.append((time.perf_counter() - start) * 1000)
        time.sleep(0.001)
        return answer

    def go_round(self):
        run = self.timed("trial.ask", study="small")["run"]
        lease = {"run": run["run"], "lease": run["lease"]}
        self.timed("trial.report", **lease, step=1, value=0.5)
        self.timed("lease.renew", leases=[lease])
        self.timed("daemon.ping")
        self.timed("trial.tell", **lease, state="complete")

    def measure(self, what, tasks, path):
        children, self.waits, start = {beside(lambda task=task: task(path)) for task in tasks}, [], time.monotonic()
        while children or time.monotonic() - start < 2:
            self.go_round()
            done, _ = os.waitpid(-1, os.WNOHANG) if children else (0, 0)
            children.discard(done)
        waits, over = sorted(self.waits), sum(wait > 20 for wait in self.waits)
        print(f"{what:34} {len(waits):6} {waits[len(waits) // 2]:8.1f} {waits[len(waits) * 99 // 100]:8.1f} {waits[-1]:8.1f}"
              f" {over:8} {time.monotonic() - start:8.1f} s", flush=True)


def main():
    build, trials = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    home = pathlib.Path(tempfile.mkdtemp())
    if os.environ.get("BUSY_TURNS_FILE"):  # made before
        shutil.copy(os.environ["BUSY_TURNS_FILE"], home / "trials.db")
    else:
        for name, count in ("bench", trials), ("spare", trials // 2):
            subprocess.run([build / "tests/bench/bench_store", "make", home / "trials.db", name, str(count), "1"], check=True)
    daemon = subprocess.Popen([build / "kre-searchd", "--home", home, "--log-level=warning"])
    try:
        while not (home / "daemon.sock").exists():
            time.sleep(0.05)
        path = str(home / "daemon.sock")
        worker = Worker(path)
        print(f"{'beside':34} {'asked':>6} {'half':>8} {'99 %':>8} {'most':>8} {'> 20 ms':>8}")
        worker.measure("nothing", [], path)
        for name, task in list(TASKS.items())[:-1]:
            worker.measure(name, [task], path)
        worker.measure("all of these and a study deleted", TASKS.values(), path)
    finally:
        daemon.terminate()
        daemon.wait()
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
