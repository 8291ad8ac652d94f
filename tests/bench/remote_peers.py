"""remote_peers.py BUILD [SECONDS [WORKERS]]: workers that ask and tell over the network, ours over TLS beside Optuna's two ways.

Optuna's are its gRPC proxy before SQLite, and PostgreSQL (Debian's package); both with the sampler in the worker, as they work. Every
arm has the same space of eight parameters and the same objective, begins with an empty study and lasts the same time. Run by a Python
that has optuna, grpcio and psycopg2-binary; PostgreSQL's server programs are found in /usr/lib/postgresql.
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


def measure(worker, argument, seconds, count):
    """Pairs a second over all workers, and the median and 99 % of a pair in ms. Each worker connects before the clock starts."""
    ready, results = PROCESSES.Barrier(count), PROCESSES.Queue()
    workers = [PROCESSES.Process(target=run_worker, args=(worker, argument, seconds, ready, results))
               for _ in range(count)]
    for one in workers:
        one.start()
    times = sorted(time for _ in workers for time in results.get())
    for one in workers:
        one.join()
    return len(times) / seconds, 1e3 * statistics.median(times), 1e3 * times[int(0.99 * (len(times) - 1))]


def run_worker(worker, argument, seconds, ready, results):
    times = []
    with worker(argument) as pair:
        ready.wait()
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            pair()
            times.append(time.perf_counter() - start)
    results.put(times)


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
    optuna.storages.run_grpc_proxy_server(optuna.storages.RDBStorage(f"sqlite:///{file}"), host="127.0.0.1", port=port)


@contextlib.contextmanager
def grpc_proxy(folder):
    file, port = folder / "grpc.db", free_port()
    optuna.create_study(study_name="s", storage=f"sqlite:///{file}")
    server = PROCESSES.Process(target=serve_grpc, args=(port, file))
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
    arms = {"Optuna over gRPC": (lambda: grpc_proxy(folder), optuna_worker),
            "Optuna over PostgreSQL": (lambda: postgresql(folder), optuna_worker),
            "ours over TLS": (lambda: our_daemon(build, folder), our_worker)}
    rates = {}
    try:
        for name, (server, worker) in arms.items():
            with server() as argument:
                rates[name], middle, late = measure(worker, argument, seconds, count)
            print(f"{name}: {rates[name]:.1f} asks and tells/s of {count} workers, p50 {middle:.2f} ms, p99 {late:.2f} ms",
                  flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ours = rates.pop("ours over TLS")
    print(f"Optuna {optuna.__version__}, ratio " + ", ".join(f"{ours / rate:.0f} ({name})" for name, rate in rates.items()))


if __name__ == "__main__":
    main()
