"""How long it takes to open and read a file of 10,000 trials x 10 parameters x 20 reports: the daemon's store against Optuna.

usage: /usr/bin/python3 tests/bench/store.py BUILD
"""

import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def main():
    program = pathlib.Path(sys.argv[1]) / "tests" / "bench" / "bench_store"
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "trials.db"
        subprocess.run([program, "make", file], check=True)
        start = time.perf_counter()
        subprocess.run([program, "walk", file], check=True)
        ours = time.perf_counter() - start
        start = time.perf_counter()
        storage = optuna.storages.RDBStorage(f"sqlite:///{file}", skip_compatibility_check=True)
        trials = optuna.load_study(study_name="bench", storage=storage).trials
        peer = time.perf_counter() - start
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"Optuna {optuna.__version__} read {len(trials)} trials in {peer:.1f} s, {resident} kB resident")
    print(f"ours {ours:.3f} s, Optuna {peer:.1f} s: {peer / ours:.0f} times as fast")


if __name__ == "__main__":
    main()
