"""Stands in for W&B's client where a sweep's script runs under kre-search (`wandb: true` in the study file): init, config, log,
summary, finish. What is logged is reported to the study; nothing leaves the machine. What only W&B's service can do (artifacts,
media, tables, alerts) is taken and dropped; a part of the client that is not here is an error that says so."""

import atexit
import json
import os
import sys
import types

import kre

__version__ = "0.18.0+kre"
__path__ = []  # makes `import wandb.sdk` ask sys.modules

run = None
summary = None


class Error(Exception):
    pass


class CommError(Error):
    pass


class UsageError(Error):
    pass


def _missing(name):
    return f"kre-search's stand-in for wandb has no '{name}'; without `wandb: true` in the study file W&B's own client is imported"


def _number(value):
    """A number as W&B takes one: Python's, numpy's, torch's and tensorflow's scalars; None for anything else."""
    if isinstance(value, (str, bytes, bytearray)):
        return None
    try:
        item = getattr(value, "item", None)
        return float(item() if callable(item) else value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None


def _flatten(values, prefix=""):
    """The numbers among the values; those of nested dictionaries are called outer.inner, as W&B calls them."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            number = _number(value)
            if number is not None:
                yield f"{prefix}{name}", number


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
                values = yaml.safe_load(file) or {}
        return {name: value["value"] if isinstance(value, dict) and "value" in value else value
                for name, value in values.items() if name != "wandb_version"}
    return dict(values) if hasattr(values, "keys") else dict(vars(values))


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

    def setdefault(self, name, value=None):
        if name not in self:
            self[name] = value
        return self[name]

    def update(self, values=None, allow_val_change=None, **more):
        for name, value in {**_as_dict(values), **more}.items():
            self[name] = value

    def setdefaults(self, values):
        for name, value in _as_dict(values).items():
            self.setdefault(name, value)
        return dict(self)

    def as_dict(self):
        return dict(self)


class Summary(dict):
    """The run's last (or best) values. What a script sets here itself is the run's result."""

    def __init__(self):
        super().__init__()
        object.__setattr__(self, "_said", {})

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the summary has no '{name}'") from None

    def __setattr__(self, name, value):
        self[name] = value

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        self._said.update(_flatten({name: value}))

    def update(self, values=None, **more):
        for name, value in {**(values or {}), **more}.items():
            self[name] = value

    def _note(self, values, rule_of):
        """Takes logged values, by the rule that define_metric gave."""
        for name, value in values.items():
            keep = {"min": min, "max": max}.get(rule_of(name))
            super().__setitem__(name, keep(self.get(name, value), value) if keep and _number(value) is not None else value)


class _Dropped:
    """A medium, a table, an artifact: made by scripts, shown by W&B's service only."""

    def __init__(self, *_, **__):
        pass

    def _drop(self, *_, **__):
        return None

    add = add_file = add_dir = add_data = add_column = add_reference = wait = download = save = update = _drop


class Run:
    def __init__(self, config, facts):
        self.config = config
        self.summary = Summary()
        self.sweep_id = os.environ.get("WANDB_SWEEP_ID")
        self.id = facts.get("id") or os.environ.get("WANDB_RUN_ID", "run")
        self.name = facts.get("name") or self.id
        self.dir = os.environ.get("KRE_RUN_DIR", os.getcwd())
        self.project, self.entity, self.group = facts.get("project"), facts.get("entity"), facts.get("group")
        self.notes, self.job_type, self.tags = facts.get("notes"), facts.get("job_type"), tuple(facts.get("tags") or ())
        self.url = self.sweep_url = self.project_url = ""
        self.offline, self.disabled, self.resumed = True, False, False
        self.step = self.starting_step = 0
        self._open, self._told, self._last, self._rules = {}, set(), {}, {}
        self._wanted = json.loads(os.environ.get("KRE_METRICS", "[]"))
        self._finished = False

    def log(self, data, step=None, commit=None, sync=None):
        """Reports the numbers at the step: the n-th call's, the one that is named, or what define_metric counts by."""
        if not hasattr(data, "items"):
            raise TypeError("wandb.log takes a dictionary of names and values")
        if step is not None and int(step) != self.step:
            self._commit()
            if step < self.step:
                print(f"wandb: step {int(step)} lies before {self.step}; this is not logged", file=sys.stderr)
                return
            self.step = int(step)
        values = dict(_flatten(data))
        self._open.update(values)
        self._last.update(values)
        self.summary._note(data, lambda name: self._rule(name).get("summary"))
        if commit or (commit is None and step is None):
            self._commit()
            self.step += 1
        elif self._wanted and all(name in self._open for name in self._wanted):
            self._report()  # what the study waits for is there: it need not wait for the next step

    def define_metric(self, name, step_metric=None, summary=None, goal=None, **_):
        """Of W&B's rules: which metric counts the steps of others, and whether the summary keeps their least or greatest."""
        rule = self._rules.setdefault(str(name), {})
        if step_metric is not None:
            rule["step"] = str(getattr(step_metric, "name", step_metric))
        if summary is not None:
            rule["summary"] = {"best": "max" if goal == "maximize" else "min"}.get(summary, summary)
        return types.SimpleNamespace(name=name)

    def _rule(self, name):
        """The rule of this name, else of the longest glob (a name with * at its end) that it falls under."""
        globs = [glob for glob in self._rules if glob.endswith("*") and str(name).startswith(glob[:-1])]
        return self._rules.get(name) or self._rules.get(max(globs, key=len, default=None), {})

    def _step_of(self, name):
        count = self._last.get(self._rule(name).get("step"), -1)
        return int(count) if count >= 0 and count == int(count) else self.step

    def _report(self):
        steps = {}
        for name, value in self._open.items():
            if name not in self._told:  # a name said twice would begin another step
                steps.setdefault(self._step_of(name), {})[name] = value
        for step, values in steps.items():
            kre.report(step, **values)
        self._told.update(self._open)

    def _commit(self):
        self._report()
        self._open, self._told = {}, set()

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

    def __getattr__(self, name):
        raise AttributeError(_missing(f"run.{name}"))

    def _drop(self, *_, **__):
        """Of W&B's service; nothing to do here."""
        return _Dropped()

    watch = unwatch = save = restore = alert = mark_preempting = log_code = status = display = upsert_artifact = _drop
    log_artifact = use_artifact = link_artifact = finish_artifact = log_model = use_model = link_model = _label = _drop
    join = finish


config = Config(kre.params())


def init(config=None, reinit=False, config_exclude_keys=None, config_include_keys=None, **facts):
    """Begins the run: its configuration is the trial's parameters over `config`. As with W&B, a run that goes on is gone on with,
    unless `reinit` is asked for."""
    global run, summary
    if run and reinit in (False, None, "default", "return_previous"):
        return run
    if run:
        run.finish()
    module = sys.modules[__name__]
    run = Run(module.config, facts)
    summary = run.summary
    run.config.update({name: value for name, value in _as_dict(config).items() if name not in (config_exclude_keys or ())
                       and (not config_include_keys or name in config_include_keys)})
    return run


def _current():
    if not run:
        raise Error("call wandb.init() before wandb.log()")
    return run


def log(data, step=None, commit=None, sync=None):
    _current().log(data, step, commit)


def define_metric(*names, **rules):
    return _current().define_metric(*names, **rules)


def finish(exit_code=None, quiet=None):
    if run:
        run.finish(exit_code)


join = finish


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
    return _Dropped()


unwatch = save = restore = alert = log_artifact = use_artifact = log_model = mark_preempting = require = termlog = termwarn = watch


class _Plots:
    def __getattr__(self, name):
        return _Dropped


plot = plots = sklearn = _Plots()

for _name in ("Table", "Image", "Histogram", "Html", "Audio", "Video", "Artifact", "Settings", "Graph", "Object3D", "Plotly", "Molecule",
              "Classes"):
    globals()[_name] = type(_name, (_Dropped,), {})

# Where libraries (Lightning, transformers) look for what they only compare with.
for _name, _members in {"errors": {"Error": Error, "CommError": CommError, "UsageError": UsageError}, "wandb_run": {"Run": Run}, "sdk": {},
                        "sdk.wandb_run": {"Run": Run}, "sdk.lib": {"RunDisabled": type("RunDisabled", (), {})}}.items():
    _module = types.ModuleType(f"{__name__}.{_name}")
    _module.__dict__.update(_members, __path__=[])
    sys.modules[_module.__name__] = _module
    if "." not in _name:
        globals()[_name] = _module
sdk.lib, sdk.wandb_run = sys.modules[f"{__name__}.sdk.lib"], sys.modules[f"{__name__}.sdk.wandb_run"]


class _Finder:
    """Says of a module that is not here that it is not, and why."""

    def find_spec(name, path=None, target=None):
        if name.startswith(f"{__name__}."):
            raise ModuleNotFoundError(_missing(name[len(__name__) + 1:]), name=name)
        return None


sys.meta_path.append(_Finder)


def __getattr__(name):
    raise AttributeError(_missing(name))


def _finish_at_exit():
    if run:
        run.finish()


atexit.register(_finish_at_exit)
