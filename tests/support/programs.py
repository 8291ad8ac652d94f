"""Real programs for tests: a daemon in a folder of its own, a client that speaks the wire, workers, the command line.

Nothing here sleeps or picks ports: things are waited for by what they say.
"""

import json
import os
import pathlib
import selectors
import signal
import socket
import sqlite3
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("KRE_BUILD", ROOT / "build")).resolve()
PROGRAMS = {name: BUILD / name for name in ("kre-search", "kre-searchd", "kre-worker", "kre-train")}
PATIENCE_S = 60  # nothing takes this long; it only bounds a failing test


def wait_until(condition, what):
    """Polls a condition that another process makes true; fails with `what` after PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError(f"waited {PATIENCE_S} s for {what}")


def kre_train(*arguments, check=True, **environment):
    """kre-train with these arguments, ended; its output is text."""
    return subprocess.run([PROGRAMS["kre-train"], *map(str, arguments)], env=dict(os.environ, **environment), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=check, timeout=180)


class Refused(Exception):
    """The daemon answered with an error."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data")


class Client:
    """One connection to the daemon: hello, then call after call."""

    def __init__(self, path, name="test", role="admin", session=None, hello=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rb")
        self.next_id = 1
        self.events = []
        if hello:
            params = {"protocol": 1, "role": role, "name": name, "software": "tests"}
            if session:
                params["session"] = session
            self.hello = self.call("hello", **params)

    def send(self, method, params, id):
        line = json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}, ensure_ascii=False)
        self.socket.sendall(line.encode() + b"\n")

    def read(self):
        line = self.stream.readline()
        if not line:
            raise ConnectionError("the daemon closed the connection")
        return json.loads(line)

    def call(self, method, id=None, **params):
        if id is None:
            id, self.next_id = self.next_id, self.next_id + 1
        self.send(method, params, id)
        while True:
            reply = self.read()
            if "method" in reply:
                self.events.append(reply["params"])
                continue
            assert reply["id"] == id, reply
            if "error" in reply:
                raise Refused(reply["error"])
            return reply["result"]

    def event(self):
        """The next notification of a watching connection."""
        if self.events:
            return self.events.pop(0)
        return self.read()["params"]

    def close(self):
        self.stream.close()
        self.socket.close()


class Daemon:
    """kre-searchd in a home of its own; kill() is kill -9, start() starts it again on the same home. `within` makes its command
    one that runs elsewhere."""

    def __init__(self, home, *options, within=list):
        self.home = pathlib.Path(home)
        self.options = options
        self.within = within
        self.process = None
        self.clients = []

    @property
    def socket(self):
        return self.home / "daemon.sock"

    @property
    def database(self):
        return self.home / "trials.db"

    def start(self):
        self.log = open(self.home.parent / (self.home.name + ".log"), "ab")
        self.process = subprocess.Popen(
            self.within([PROGRAMS["kre-searchd"], "--home", self.home, *self.options]), stderr=self.log, stdout=self.log,
            stdin=subprocess.DEVNULL)
        wait_until(self._answers, "the daemon to answer")
        return self

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError("kre-searchd ended: " + self.output())
        try:
            Client(self.socket).close()
            return True
        except OSError:
            return False

    def output(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def client(self, **options):
        client = Client(self.socket, **options)
        self.clients.append(client)
        return client

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def stop(self):
        """Ends the daemon politely and returns its exit code."""
        for client in self.clients:
            client.close()
        self.clients.clear()
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(PATIENCE_S)
        self.log.close()
        return code

    def sql(self, query, *arguments):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            return connection.execute(query, arguments).fetchall()


def run(program, *arguments, home=None, cwd=None, input=None, check=False, env=None):
    """Runs a program to its end; returns the completed process with text output."""
    environment = dict(os.environ, **(env or {}))
    if home:
        environment["KRE_HOME"] = str(home)
    return subprocess.run([PROGRAMS.get(program, program), *map(str, arguments)], env=environment, cwd=cwd, input=input,
                          stdin=None if input is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S * 3, check=check)


def bound_by_modes():
    """What a command begins with so that permissions bind it, be it root's."""
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else ["env"]


def stopping_at(folder):
    """stop_at.c, built there: a function that gives the environment in which kre-search is killed before its Nth change of the disk."""
    library = folder / "stop_at.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, ROOT / "tests" / "support" / "stop_at.c", "-ldl"], check=True)
    asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return lambda at: {"LD_PRELOAD": str(library), "STOP_PROGRAM": "kre-search", "STOP_AT": str(at), "ASAN_OPTIONS": asan.lstrip(":")}
