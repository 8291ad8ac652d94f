"""FILE: continues every study of the file by several samplers and prints {study: {what: "ok" or what went wrong}}."""

import json
import sys
import warnings

warnings.simplefilter("ignore")

import optuna  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)
URL = f"sqlite:///{sys.argv[1]}"
SAMPLERS = ("default", "TPESampler", "RandomSampler", "NSGAIISampler")


def suggest(trial, space):
    for name, distribution in space.items():
        trial._suggest(name, distribution)


def objective(study):
    space = {name: kind for trial in study.trials for name, kind in trial.distributions.items()}

    def play(trial):
        suggest(trial, space)
        value = trial.number / 100
        return [value] * len(study.directions) if len(study.directions) > 1 else value

    return play


def proceed(name, sampler):
    chosen = None if sampler == "default" else getattr(optuna.samplers, sampler)()
    study = optuna.load_study(study_name=name, storage=URL, sampler=chosen)
    study.optimize(objective(study), n_trials=2)


def weigh(name):
    study = optuna.load_study(study_name=name, storage=URL)
    target = (lambda trial: trial.values[0]) if len(study.directions) > 1 else None
    evaluator = optuna.importance.PedAnovaImportanceEvaluator() if hasattr(
        optuna.importance, "PedAnovaImportanceEvaluator") else None
    optuna.importance.get_param_importances(study, target=target, evaluator=evaluator)


def attempt(action, *arguments):
    try:
        action(*arguments)
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is the answer
        return f"{type(failure).__name__}: {failure}"
    return "ok"


names = [study.study_name for study in optuna.get_all_study_summaries(URL)]
found = {name: {sampler: attempt(proceed, name, sampler) for sampler in SAMPLERS} for name in names}
for name in names:
    found[name]["importance"] = attempt(weigh, name)
print(json.dumps(found))
