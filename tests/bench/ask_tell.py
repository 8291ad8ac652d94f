"""ask_tell.py BUILD [TRIALS]: ask and tell through the durable file, the daemon's beside those of the installed Optuna on SQLite.

Both after so many finished trials of ask_speed.py's space, one after the other, in the same folder.
"""
import pathlib
import subprocess
import statistics
import sys
import tempfile
import time

import optuna

from ask_speed import SPACE

optuna.logging.set_verbosity(optuna.logging.ERROR)
ROUNDS = 50


def peer_us(trials):
    """Median microseconds of an ask with all parameters suggested and its tell, each committed to a fresh SQLite file."""
    filler = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study(storage=f"sqlite:///{folder}/trials.db",
                                    sampler=optuna.samplers.TPESampler(multivariate=True, constant_liar=True, seed=1))
        study.add_trials([optuna.trial.create_trial(params=filler.ask(SPACE).params, distributions=SPACE,
                                                    value=(number * 7919) % 1000 / 1000) for number in range(trials)])
        times = []
        for number in range(ROUNDS):
            start = time.perf_counter()
            study.tell(study.ask(SPACE), (number * 7919) % 1000 / 1000)
            times.append(time.perf_counter() - start)
    return 1e6 * statistics.median(times)


def main():
    build, trials = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    command = [build / "tests" / "bench" / "ask_tell", build / "kre-searchd", str(trials)]
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    ours, peer = float(line.split(": ")[1].split()[0]), peer_us(trials)
    print(line)
    print(f"ask and tell {trials} trials: ours {ours:.0f} us, Optuna {optuna.__version__} {peer:.0f} us, ratio {peer / ours:.0f}")


if __name__ == "__main__":
    main()
