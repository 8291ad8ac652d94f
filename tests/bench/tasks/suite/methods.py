"""The methods as processes that answer lines: ours is sampler_lines of a build, the peers are programs of peers/ in their environments."""
import json
import math
import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parents[1]
OURS = ("auto", "tpe", "gp")
PEERS = {"optuna-tpe": ("tasks", "optuna_lines.py", "tpe"), "optuna-group": ("tasks", "optuna_lines.py", "group"),
         "optuna-gp": ("tasks", "optuna_lines.py", "gp"), "smac": ("smac", "smac_lines.py"), "hebo": ("hebo", "hebo_lines.py")}
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}


def study_of(task, sampler, trials):
    return {"name": "s", "sampler": sampler, "seed": 1, "budget": {"trials": trials}, "metric": {"name": "loss", "goal": "minimize"},
            "parameters": task.parameters}


class Method:
    """A running method. Numbers it says are those of its trials."""

    def __init__(self, name, places, task, seed, trials, batch):
        self.parameters = task.parameters
        ours = name in OURS
        study = study_of(task, name if ours else "random", trials)
        if not ours and task.deterministic:
            study["deterministic"] = True
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(study, file)
            file.flush()
            self.process = subprocess.Popen(self.command(name, places, file.name, seed, batch), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            text=True, env={**os.environ, **THREADS})
            self.names = self.hear().split("\t")
        self.version = self.find_version(ours, places)
        self.spent_before = self.cpu()

    @staticmethod
    def command(name, places, study, seed, batch):
        if name in OURS:
            return [places.build / "tests" / "bench" / "sampler_lines", study, str(seed)]
        environment, program, *words = PEERS[name]
        if name == "hebo":
            words = [str(batch)]
        return [places.environments / environment / "bin" / "python", HERE / "peers" / program, study, str(seed), *words]

    def find_version(self, ours, places):
        if not ours:
            return self.call("version")
        told = subprocess.run(["git", "-C", places.build, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
        return "kre-search " + (told.stdout.strip() or "of no commit")

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the method ended")
        return line.rstrip("\n")

    def say(self, text):
        print(text, file=self.process.stdin, flush=True)

    def call(self, text):
        self.say(text)
        return self.hear()

    def ask(self):
        number, *values = self.call("ask").split()
        return int(number), {name: self.read(self.parameters[name], float(value)) for name, value in zip(self.names, values)}

    @staticmethod
    def read(described, value):
        if math.isnan(value):
            return None
        if "values" in described:
            return described["values"][int(value)]
        return int(value) if isinstance(described["min"], int) and isinstance(described["max"], int) else value

    def tell(self, number, loss):
        self.say(f"tell {number} {loss!r}")

    def best(self):
        """The number of the trial it would name; naming costs it nothing."""
        before = self.cpu()
        number = int(self.call("best"))
        self.spent_before += self.cpu() - before
        return number

    def cpu(self):
        """Seconds of processor time so far, all threads."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def spent(self):
        return self.cpu() - self.spent_before

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
