"""Stands in for W&B's client where a sweep's script runs under kre-search (`wandb: true` in the study file): init, config, log,
summary, finish. What is logged is reported to the study; nothing leaves the machine. What only W&B's service can do (artifacts,
media, tables, alerts) is taken and dropped; a part of the client that is not here is an AttributeError that says so."""

import atexit
import json
import numbers
import os
import sys

import kre

__version__ = "0.0.0+kre"

run = None
config = None
summary = None


class Error(Exception):
    pass


class CommError(Error):
    pass


def _number(value):
    """A number as W&B takes one: Python's, numpy's and torch's scalars; None for anything else."""
    item = getattr(value, "item", None)
    if callable(item):
        try:
            value = item()
        except (TypeError, ValueError, RuntimeError):
            return None
    return float(value) if isinstance(value, numbers.Real) else None


def _flatten(values, prefix=""):
    """The numbers among the values; those of nested dictionaries are called outer.inner, as W&B calls them."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        elif _number(value) is not None:
            yield f"{prefix}{name}", _number(value)


class Config(dict):
    """The run's configuration. What the sweep chose stays, whatever the script sets, as with W&B."""

    def __init__(self, chosen):
        super().__init__(chosen)
        object.__setattr__(self, "_chosen", frozenset(chosen))

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the configuration has no '{name}'; it has: {', '.join(map(str, self))}") from None

    def __setattr__(self, name, value):
        self[name] = value

    def __setitem__(self, name, value):
        if name not in self._chosen:
            super().__setitem__(name, value)

    def update(self, values=None, allow_val_change=None, **more):
        for name, value in {**_as_dict(values), **more}.items():
            self[name] = value

    def setdefaults(self, values):
        for name, value in _as_dict(values).items():
            self.setdefault(name, value)
        return dict(self)

    def as_dict(self):
        return dict(self)


def _as_dict(values):
    """A dictionary, a namespace of argparse, or the path of a JSON or YAML file."""
    if values is None:
        return {}
    if isinstance(values, (str, os.PathLike)):
        with open(values, encoding="utf-8") as file:
            if str(values).endswith(".json"):
                values = json.load(file)
            else:
                import yaml
                values = yaml.safe_load(file)
        return {name: value["value"] if isinstance(value, dict) and "value" in value else value
                for name, value in values.items() if name != "wandb_version"}
    return dict(values) if hasattr(values, "keys") else dict(vars(values))


class Summary(dict):
    """The run's last values. What a script sets here itself is the run's result."""

    def __init__(self):
        super().__init__()
        object.__setattr__(self, "_said", {})

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self[name] = value

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        self._said.update(_flatten({name: value}))

    def update(self, values=None, **more):
        for name, value in {**(values or {}), **more}.items():
            self[name] = value

    def _note(self, values):
        for name, value in values.items():
            super().__setitem__(name, value)


class Run:
    def __init__(self, chosen, defaults, name):
        self.config = Config(chosen)
        self.config.update(defaults)
        self.summary = Summary()
        self.id = os.environ.get("WANDB_RUN_ID", "run")
        self.sweep_id = os.environ.get("WANDB_SWEEP_ID")
        self.name = name or self.id
        self.dir = os.environ.get("KRE_RUN_DIR", os.getcwd())
        self.project = self.entity = self.group = self.notes = self.url = None
        self.tags = ()
        self.step = 0
        self._open = {}
        self._finished = False

    def log(self, data, step=None, commit=None, sync=None):
        """Reports the numbers at the step: the n-th call's, or the one that is named."""
        if not isinstance(data, dict):
            raise TypeError("wandb.log takes a dictionary of names and values")
        if step is not None and step != self.step:
            self._commit()
            if step < self.step:
                print(f"wandb: step {step} lies before {self.step}; this is not logged", file=sys.stderr)
                return
            self.step = int(step)
        self._open.update(_flatten(data))
        self.summary._note(data)
        if commit or (commit is None and step is None):
            self._commit()
            self.step += 1

    def _commit(self):
        if self._open:
            kre.report(self.step, **self._open)
        self._open = {}

    def finish(self, exit_code=None, quiet=None):
        global run
        if self._finished:
            return
        self._commit()
        if self.summary._said and not exit_code:
            kre.result(**self.summary._said)
        self._finished = True
        if run is self:
            run = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.finish(exit_code=1 if kind else 0)
        return False

    def _drop(self, *_, **__):
        """Of W&B's service; nothing to do here."""

    watch = unwatch = save = define_metric = alert = mark_preempting = log_code = log_artifact = use_artifact = _drop


def init(config=None, name=None, **_):
    """Begins the run: its configuration is the trial's parameters over `config`."""
    global run
    if run:
        run.finish()
    run = Run(kre.params(), _as_dict(config), name)
    module = sys.modules[__name__]
    module.config, module.summary = run.config, run.summary
    return run


def _current():
    if not run:
        raise Error("call wandb.init() first")
    return run


def log(data, step=None, commit=None, sync=None):
    _current().log(data, step, commit)


def finish(exit_code=None, quiet=None):
    if run:
        run.finish(exit_code)


def agent(sweep_id, function=None, entity=None, project=None, count=None):
    """The worker is the agent: the function is called once, for this trial."""
    if function:
        function()


def sweep(sweep, **_):
    """The study is the sweep: there is no other to begin."""
    return os.environ.get("WANDB_SWEEP_ID", "kre-search")


def login(*_, **__):
    return True


def setup(*_, **__):
    return None


def watch(*_, **__):
    """Of W&B's service; nothing to do here."""


unwatch = save = define_metric = alert = log_artifact = use_artifact = mark_preempting = watch


class _Dropped:
    """A medium or an artifact: made by scripts, shown by W&B's service only."""

    def __init__(self, *_, **__):
        pass

    def _drop(self, *_, **__):
        return None

    add = add_file = add_dir = add_data = add_column = wait = download = _drop


class Table(_Dropped):
    pass


class Image(_Dropped):
    pass


class Histogram(_Dropped):
    pass


class Html(_Dropped):
    pass


class Audio(_Dropped):
    pass


class Video(_Dropped):
    pass


class Artifact(_Dropped):
    pass


class Settings(_Dropped):
    pass


class _Plot:
    def __getattr__(self, name):
        return lambda *_, **__: _Dropped()


plot = _Plot()


def __getattr__(name):
    raise AttributeError(f"kre-search's stand-in for wandb has no '{name}'; set `wandb: false` in the study file to use W&B's client")


def _finish_at_exit():
    if run:
        run.finish()


atexit.register(_finish_at_exit)
