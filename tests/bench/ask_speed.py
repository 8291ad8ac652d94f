"""ask_speed.py PROGRAM [TRIALS…]: times of PROGRAM (ask_speed) beside those of the installed Optuna, and their ratio."""
import statistics
import subprocess
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
SPACE = {
    "lr": optuna.distributions.FloatDistribution(1e-5, 1e-1, log=True),
    "dropout": optuna.distributions.FloatDistribution(0, 0.6),
    "warmup": optuna.distributions.FloatDistribution(0, 0.6, step=0.1),
    "layers": optuna.distributions.IntDistribution(1, 8),
    "hidden": optuna.distributions.IntDistribution(32, 512, step=32),
    "width": optuna.distributions.IntDistribution(16, 1024, log=True),
    "activation": optuna.distributions.CategoricalDistribution(["relu", "tanh", "gelu"]),
    "loss": optuna.distributions.CategoricalDistribution(["ce", "focal", "smooth"]),
}


def peer_us(trials):
    """Median microseconds of one ask with TPE in memory after so many complete trials."""
    sampler = optuna.samplers.TPESampler(multivariate=True, constant_liar=True, seed=1)
    filler = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study = optuna.create_study(sampler=sampler)
    for number in range(trials):
        params = filler.ask(SPACE).params
        study.add_trial(optuna.trial.create_trial(params=params, distributions=SPACE, value=(number * 7919) % 1000))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        trial = study.ask(SPACE)
        times.append(time.perf_counter() - start)
        study.tell(trial, 0.5)
    return 1e6 * statistics.median(times)


def main():
    program, counts = sys.argv[1], sys.argv[2:] or ["1000", "10000"]
    lines = subprocess.run([program, *counts], check=True, capture_output=True, text=True).stdout.splitlines()
    for count, line in zip(counts, lines):
        ours, peer = float(line.split(": ")[1].split()[0]), peer_us(int(count))
        print(f"tpe ask {count} trials: ours {ours:.0f} us, Optuna {optuna.__version__} {peer:.0f} us, ratio {peer / ours:.0f}")


if __name__ == "__main__":
    main()
