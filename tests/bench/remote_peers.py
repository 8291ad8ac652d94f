"""remote_peers.py BUILD [SECONDS [WORKERS]]: workers that ask and tell over the network, ours over TLS beside Optuna's two ways.

Optuna's are its gRPC proxy before SQLite, and PostgreSQL (Debian's package); both with the sampler in the worker, as they work. Every
arm has the same space of eight parameters and an objective that costs nothing, begins with an empty study and lasts the same time. Our
workers are tests/bench/remote_worker, in C as kre-worker is, and once more ones in Python, as the peers' are. All share this machine:
what of its time the servers and the workers took is printed too. Run by a Python that has optuna, grpcio and psycopg2-binary;
PostgreSQL's server programs are found in /usr/lib/postgresql.
"""
import contextlib
import json
import multiprocessing
import os
import pathlib
import pwd
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import optuna

from ask_speed import SPACE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
PROCESSES = multiprocessing.get_context("spawn")  # gRPC's threads do not survive a fork


def objective(params):
    """Something to tell; what it is does not matter."""
    return sum(hash((name, str(value))) % 1000 / 1000 for name, value in params.items())


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def processor_s(folder):
    """What the programs took that work in or on that folder: the servers."""
    total = 0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in (process / "cmdline").read_bytes() or os.readlink(process / "cwd").startswith(str(folder)):
                total += sum(int(word) for word in (process / "stat").read_text().rsplit(")", 1)[1].split()[11:15])  # its own, and that of children which ended
    return total / os.sysconf("SC_CLK_TCK")


def measure(worker, argument, seconds, count):
    """The times of all pairs in s, and the workers' processor time. Each worker connects before the clock starts."""
    ready, results = PROCESSES.Barrier(count), PROCESSES.Queue()
    workers = [PROCESSES.Process(target=run_worker, args=(worker, argument, seconds, ready, results))
               for _ in range(count)]
    for one in workers:
        one.start()
    said = [results.get() for _ in workers]
    for one in workers:
        one.join()
    return sorted(time for times, _ in said for time in times), sum(used for _, used in said)


def run_worker(worker, argument, seconds, ready, results):
    times = []
    with worker(argument) as pair:
        ready.wait()
        before, end = time.process_time(), time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            pair()
            times.append(time.perf_counter() - start)
        used = time.process_time() - before
    results.put((times, used))


def measure_programs(program, argument, seconds, count):
    """The same of programs of ours."""
    workers = [subprocess.Popen([program, argument, str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
               for _ in range(count)]
    for one in workers:
        assert one.stdout.readline() == "ready\n"
    for one in workers:
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate()[0].split() for one in workers]
    return sorted(float(ms) / 1e3 for words in said for ms in words[1:]), sum(float(words[0]) for words in said)


# ---- Optuna ----

@contextlib.contextmanager
def optuna_worker(storage):
    if storage.startswith("grpc://"):
        host, port = storage[len("grpc://"):].split(":")
        storage = optuna.storages.GrpcStorageProxy(host=host, port=int(port))
    study = optuna.load_study(study_name="s", storage=storage,
                              sampler=optuna.samplers.TPESampler(multivariate=True, constant_liar=True))

    def pair():
        trial = study.ask(SPACE)
        study.tell(trial, objective(trial.params))
    yield pair


def serve_grpc(port, file):
    os.chdir(file.parent)
    optuna.storages.run_grpc_proxy_server(optuna.storages.RDBStorage(f"sqlite:///{file}"), host="127.0.0.1", port=port)


@contextlib.contextmanager
def grpc_proxy(folder):
    file, port = folder / "grpc.db", free_port()
    optuna.create_study(study_name="s", storage=f"sqlite:///{file}")
    server = PROCESSES.Process(target=serve_grpc, args=(port, file))  # works in the folder: its time is found so
    server.start()
    storage = optuna.storages.GrpcStorageProxy(host="127.0.0.1", port=port)
    storage.wait_server_ready(timeout=60)
    yield f"grpc://127.0.0.1:{port}"
    server.kill()
    server.join()


@contextlib.contextmanager
def postgresql(folder):
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    data, port = folder / "postgresql", free_port()
    data.mkdir()
    owner = {}
    if os.geteuid() == 0:  # the server refuses root
        user = pwd.getpwnam("postgres")
        os.chown(data, user.pw_uid, user.pw_gid)
        folder.chmod(0o755)
        owner = {"user": "postgres"}

    def run(*command):
        subprocess.run([programs / command[0], *map(str, command[1:])], check=True, capture_output=True, cwd=data, **owner)
    run("initdb", "-D", data / "d", "-A", "trust", "-U", "bench")
    run("pg_ctl", "-D", data / "d", "-l", data / "log", "-w", "-o", f"-p {port} -h 127.0.0.1 -k {data}", "start")
    url = f"postgresql+psycopg2://bench@127.0.0.1:{port}/postgres"
    optuna.create_study(study_name="s", storage=url)
    yield url
    run("pg_ctl", "-D", data / "d", "-m", "immediate", "stop")


# ---- ours ----

def domain(distribution):
    if isinstance(distribution, optuna.distributions.CategoricalDistribution):
        return {"values": list(distribution.choices)}
    kind = "int_uniform" if isinstance(distribution, optuna.distributions.IntDistribution) else "uniform"
    return {"min": distribution.low, "max": distribution.high,
            "distribution": "log_uniform_values" if distribution.log and kind == "uniform" else kind}


@contextlib.contextmanager
def our_daemon(build, folder):
    home = folder / "kre-runs"
    study = folder / "study.yaml"
    study.write_text(json.dumps({"name": "s", "method": "tpe", "metric": {"name": "value", "goal": "minimize"},
                                 "command": ["true"],
                                 "parameters": {name: domain(one) for name, one in SPACE.items()}}))
    environment = dict(os.environ, KRE_HOME=str(home))

    def search(*words):
        return subprocess.run([build / "kre-search", *map(str, words)], env=environment, check=True, capture_output=True,
                              text=True).stdout
    search("start", study, "--detach")
    yield search("join", "--host", "127.0.0.1", "--port", free_port()).strip()
    search("daemon", "stop")


@contextlib.contextmanager
def our_worker(line):
    from support.network import Caller
    client = Caller(line, role="worker")

    def pair():
        run = client.call("trial.ask", study="s", commands=["true"])["run"]
        client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete",
                    metrics={"value": objective(run["params"])})
    yield pair
    client.close()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    os.environ["KRE_BUILD"] = str(build)
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    folder = pathlib.Path(tempfile.mkdtemp())
    arms = {"Optuna over gRPC": (grpc_proxy, lambda *rest: measure(optuna_worker, *rest)),
            "Optuna over PostgreSQL": (postgresql, lambda *rest: measure(optuna_worker, *rest)),
            "ours over TLS": (lambda folder: our_daemon(build, folder),
                              lambda *rest: measure_programs(build / "tests" / "bench" / "remote_worker", *rest)),
            "ours over TLS, workers in Python": (lambda folder: our_daemon(build, folder), lambda *rest: measure(our_worker, *rest))}
    rates, cores = {}, len(os.sched_getaffinity(0))
    for name, (server, measure_arm) in arms.items():
        folder = pathlib.Path(tempfile.mkdtemp())
        try:
            with server(folder) as argument:
                before = processor_s(folder)
                times, used = measure_arm(argument, seconds, count)
                served = processor_s(folder) - before
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        rates[name] = len(times) / seconds
        print(f"{name}: {rates[name]:.1f} asks and tells/s of {count} workers, p50 {1e3 * statistics.median(times):.2f} ms, "
              f"p99 {1e3 * times[int(0.99 * (len(times) - 1))]:.2f} ms; of {cores} cores the server took "
              f"{served / seconds:.2f}, the workers {used / seconds:.2f}", flush=True)
    for name in [name for name in rates if name.startswith("ours")]:
        print(f"Optuna {optuna.__version__}, ratio of {name}: " + ", ".join(
            f"{rates[name] / rate:.0f} ({peer})" for peer, rate in rates.items() if not peer.startswith("ours")))


if __name__ == "__main__":
    main()
