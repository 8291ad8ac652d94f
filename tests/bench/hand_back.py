"""hand_back.py BUILD [TIMES]: how long a run takes to come back from a worker that is told to go (SIGTERM, as Slurm and others say it), from
the signal to the daemon's word to a watcher, over TLS, and what the worker took of the processor until then: its whole life. The same
through Slurm's scancel where Slurm is here, whose own part that is. The program ends at once when it is told to."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
STUDY = {"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"}, "command": ["sleep", "600"], "retries": 999,
         "budget": {"trials": 1}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}


def await_event(watcher, kind):
    while watcher.event()["kind"] != kind:
        pass
    return time.perf_counter()


def print_times(what, times):
    times = sorted(1e3 * one for one in times)
    print(f"{what}: median {statistics.median(times):.1f} ms, longest {times[-1]:.1f} ms of {len(times)}", flush=True)


def directly(programs, daemon, line, folder, times):
    watcher, found, used = daemon.client(), [], []
    watcher.call("watch")
    for _ in range(times):
        worker = subprocess.Popen([programs["kre-worker"], line, "--home", folder / "worker", "--allow-command=sleep"],
                                  stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_event(watcher, "started")
        began = time.perf_counter()
        worker.terminate()
        found.append(await_event(watcher, "lost") - began)
        used.append(sum(os.wait4(worker.pid, 0)[2][:2]))
    print_times("SIGTERM to the run handed back", found)
    print(f"processor time of such a worker, from its start to its end: {1e3 * statistics.median(used):.0f} ms")


def by_slurm(daemon, home, times):
    from support import slurm
    from support.programs import run
    if slurm.missing():
        print(f"no Slurm here: {slurm.missing()}")
        return
    with tempfile.TemporaryDirectory() as name:
        cluster = slurm.Slurm(pathlib.Path(name))
        try:
            cluster.start()
            watcher, found = daemon.client(), []
            watcher.call("watch")
            for _ in range(times):
                done = run("kre-search", "fleet", "slurm", "--workers=1", "--allow-command=sleep", "--host=127.0.0.1", "--json", home=home,
                           env=cluster.environment, check=True)
                await_event(watcher, "started")
                began = time.perf_counter()
                cluster.run("scancel", str(json.loads(done.stdout)["job"]))
                found.append(await_event(watcher, "lost") - began)
            print_times("scancel to the run handed back, with Slurm's own part", found)
        finally:
            cluster.stop()


def main():
    os.environ["KRE_BUILD"] = str(pathlib.Path(sys.argv[1]).resolve())
    from support.network import join
    from support.programs import PROGRAMS, Daemon
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name) / "kre-runs"
        home.mkdir(mode=0o700)
        daemon = Daemon(home).start()
        try:
            daemon.client().call("study.create", spec=STUDY)
            directly(PROGRAMS, daemon, join(home), pathlib.Path(name), times)
            by_slurm(daemon, home, max(1, times // 4))
        finally:
            daemon.stop()


main()
