"""Every study file in examples/ is validated and briefly searched, on data made up here."""

import json
import re
import shutil

import pytest

from support import tiny_encoder
from support.programs import ROOT, run

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
BY_HAND = {"shell-worker.yaml"}  # its worker is the user's own

# Six sentences a relation, enough for a stratified split: (template, label).
SEMEVAL = [
    ("The <e1>{a}</e1> was caused by the <e2>{b}</e2>.", "Cause-Effect(e2,e1)", ["fire", "flood", "crash"], ["spark", "rain"]),
    ("The <e1>{a}</e1> was put into the <e2>{b}</e2>.", "Entity-Destination(e1,e2)", ["letter", "coin", "key"], ["box", "drawer"]),
    ("The <e1>{a}</e1> of the <e2>{b}</e2> is broken.", "Component-Whole(e1,e2)", ["wheel", "door", "seat"], ["car", "bus"]),
    ("The <e1>{a}</e1> met the <e2>{b}</e2> yesterday.", "Other", ["farmer", "teacher", "pilot"], ["singer", "judge"]),
]


def write_semeval(path):
    rows, number = [], 0
    for template, label, firsts, seconds in SEMEVAL:
        for a in firsts:
            for b in seconds:
                number += 1
                rows.append(f'{number}\t"{template.format(a=a, b=b)}"\n{label}\nComment:\n\n')
    path.write_text("".join(rows).replace("\n", "\r\n"))


def make_data(folder, name):
    """The file that a study names, at the path it names."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".TXT":
        write_semeval(path)
    else:
        run("kre-train", "corpus", "--rows=240", "--seed=1", f"--out={path}", check=True)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_a_good_study_file(example):
    done = run("kre-search", "check", example)
    assert done.returncode == 0, done.stderr
    spared = ["files.train", "files.encoder"] if example.name not in BY_HAND else ["names no program"]  # these are the user's
    assert [line for line in done.stderr.splitlines() if "warning" in line and not any(word in line for word in spared)] == []


@pytest.mark.parametrize("example", [path for path in EXAMPLES if path.name not in BY_HAND], ids=lambda path: path.name)
def test_an_example_finds_something_in_three_trials(example, tmp_path, home):
    folder = tmp_path / "examples" / "here"
    shutil.copytree(ROOT / "examples", folder)
    text = re.sub(r"(budget: \{trials:|run_cap:) \d+", r"\1 3", example.read_text())
    text = re.sub(r"budget: \{time: \w+\}", "budget: {trials: 3}", text)
    text = re.sub(r"\b(epochs: )\d+", r"\g<1>2", text)
    study = folder / example.name
    study.write_text(text)
    for name in re.findall(r"^files: \{train: ([^},]+)", text, re.MULTILINE):
        make_data(folder, name)
        for encoder in re.findall(r"^files: .*encoder: ([^},]+)", text, re.MULTILINE):
            tiny_encoder.write(folder / encoder, [(folder / name).read_text(encoding="utf-8")], layers=4)
    done = run("kre-search", "start", study, "--workers", 2, home=home, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    given = re.search(r"^name: (\S+)", text, re.MULTILINE)
    name = given.group(1) if given else example.stem
    trials = json.loads(run("kre-search", "trials", name, "--json", home=home, check=True).stdout)["trials"]
    assert len(trials) >= 3  # stopped ones cost less than a trial
    assert any(trial["state"] == "COMPLETE" for trial in trials), [trial["reason"] for trial in trials]


@pytest.mark.parametrize("number", range(2))
def test_the_study_files_of_the_readme_are_good(tmp_path, number):
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    (tmp_path / "readme.yaml").write_text(blocks[number])
    done = run("kre-search", "check", tmp_path / "readme.yaml")
    assert done.returncode == 0, done.stderr
    assert len(blocks) == 2
