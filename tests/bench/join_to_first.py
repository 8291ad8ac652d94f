"""join_to_first.py BUILD [TIMES]: how long it takes from `kre-search join` on one machine to the first trial on another, both played by
this one over loopback TLS. Of each time the parts are printed: the line (with the daemon's port opened and its key made), the worker
from its start to its hello, and to the program's first breath; then the medians. The peer is the same worker over the Unix socket."""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

STUDY = {"name": "first", "method": "random", "metric": {"name": "f1", "goal": "maximize"}, "report": {"stdout": "name=value"},
         "command": ["sh", "-c", "date +%s.%N >\"$KRE_RUN_DIR/began\"; echo f1=1"], "budget": {"trials": 2},
         "parameters": {"x": {"min": 0.0, "max": 1.0}}}


def call(build, home, *words):
    return subprocess.run([build / "kre-search", *words, "--home", home], check=True, capture_output=True, text=True).stdout


def first_trial(build, folder, address):
    """Seconds from the worker's start until a program of it runs."""
    began = time.time()
    subprocess.run([build / "kre-worker", address, "--home", folder / "worker", "--allow-command", "sh", "--count", "1"], check=True,
                   capture_output=True)
    (run,) = (folder / "worker").glob("runs/first/*-0-0/began")
    breath = float(run.read_text())
    run.unlink()
    return breath - began


def once(build):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        home = folder / "home"
        (folder / "study.yaml").write_text(json.dumps(STUDY))
        call(build, home, "start", folder / "study.yaml", "--detach")
        try:
            began = time.time()
            line = call(build, home, "join", "--host", "127.0.0.1", "--port", "0").strip()
            joined = time.time() - began
            return joined, first_trial(build, folder, line), first_trial(build, folder, home / "daemon.sock")
        finally:
            call(build, home, "daemon", "stop")


def main():
    build, times = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    found = [once(build) for _ in range(times)]
    print(f"{'':10} {'join':>8} {'to trial':>9} {'both':>8} {'socket':>8} {'ratio':>6}   seconds")
    for joined, tls, pipe in found:
        print(f"{'':10} {joined:8.3f} {tls:9.3f} {joined + tls:8.3f} {pipe:8.3f} {tls / pipe:6.2f}")
    joined, tls, pipe = (statistics.median(column) for column in zip(*found))
    print(f"{'median':10} {joined:8.3f} {tls:9.3f} {joined + tls:8.3f} {pipe:8.3f} {tls / pipe:6.2f}")


main()
