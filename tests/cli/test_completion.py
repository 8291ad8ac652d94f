"""What the shells offer after a Tab: commands, options with their values, studies, and the parameters of a study."""

import json
import os
import shutil
import sqlite3
import subprocess

import pytest

from support.programs import BUILD, run

STUDY = """
name: %s
metric: {name: v, goal: maximize}
command: [sh, -c, 'echo v=1']
report: {stdout: name=value}
parameters:
  lr: {min: 0.0, max: 1.0}
  optimizer: {values: [adam, sgd, "$(touch /tmp/x)"]}
"""


@pytest.fixture
def studies(tmp_path, home):
    """Two studies, and no daemon that runs."""
    for name in ("songs", "sounds"):
        (tmp_path / "study.yaml").write_text(STUDY % name)
        run("kre-search", "start", tmp_path / "study.yaml", "--detach", home=home, check=True)
    run("kre-search", "daemon", "stop", home=home, check=True)
    return home


def words(*line, home=None):
    done = run("kre-search", "completion", "words", "--", *line, home=home, check=True)
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize("line, offered", [
    (["stu"], ["studies"]),
    (["trials", "--so"], ["--sort"]),
    (["trials", "--sort", "b"], ["best"]),
    (["trials", "--sort=b"], ["--sort=best"]),
    (["trials", "--sort", "=", "b"], ["best"]),
    (["trials", "--sort", "="], ["number", "best", "duration"]),
    (["--color", "a", "daemon", "st"], ["stop", "status"]),
    (["help", "imp"], ["importance"]),
    (["start", ""], [":files"]),
    (["export", "--output", ""], [":files"]),
    (["backup", ""], [":files"]),
    (["restore", ""], [":files"]),
    (["metrics", "--output", ""], [":files"]),
    (["best", "--home", ""], [":files"]),
    (["show", "x", ""], []),
    (["fleet", ""], ["slurm"]),
    (["fleet", "slurm", "x"], []),
    (["nonsense", "x"], []),
], ids=" ".join)
def test_tables_say_what_may_follow(line, offered):
    if line[0] == "nonsense":
        assert words(*line) == words("x")
    else:
        assert words(*line) == offered


def test_studies_are_named_though_no_daemon_runs(studies, tmp_path):
    assert words("best", "so", home=studies) == ["songs", "sounds"]
    assert words("best", "--home", studies, "sou") == ["sounds"]
    assert words("best", "", home=tmp_path / "nowhere") == []
    assert not (tmp_path / "nowhere").exists()


def test_parameters_are_named_with_the_values_they_may_have(studies):
    assert words("enqueue", "songs", "", home=studies) == ["lr=", "optimizer=adam", "optimizer=sgd"]
    assert words("enqueue", "songs", "lr=0.5", "optimizer=a", home=studies) == ["optimizer=adam"]
    assert words("enqueue", "songs", "lr", "=", "0.5", "optimizer", "=", home=studies) == ["adam", "sgd"]
    assert words("enqueue", "songs", "optimizer", "=", "s", home=studies) == ["sgd"]


def test_options_that_take_a_study_name_them(studies):
    assert words("join", "--study", "so", home=studies) == ["songs", "sounds"]


def test_tokens_are_named_until_they_are_revoked(studies):
    made = [json.loads(run("kre-search", "join", "--port", "0", "--json", home=studies, check=True).stdout)["id"] for _ in range(2)]
    assert sorted(words("revoke", "", home=studies)) == sorted(made)
    run("kre-search", "revoke", made[0], home=studies, check=True)
    assert words("revoke", "", home=studies) == made[1:] and words("revoke", made[1][:3], home=studies) == made[1:]
    run("kre-search", "daemon", "stop", home=studies, check=True)


def test_studies_of_other_programs_are_named_where_they_can_be_adopted(studies):
    with sqlite3.connect(studies / "trials.db") as file:
        number, = file.execute("INSERT INTO studies (study_name) VALUES ('theirs') RETURNING study_id").fetchone()
        file.execute("INSERT INTO study_directions (study_id, direction, objective) VALUES (?, 'MAXIMIZE', 0)", [number])
    assert words("adopt", "", home=studies) == ["theirs"]
    assert words("adopt", "theirs", "", home=studies) == [":files"]


def test_what_a_trial_left_is_named(daemon, home, tmp_path):
    client = daemon.client()
    client.call("study.create", spec={"name": "s", "method": "random", "command": ["sh", "-c", "echo row >${run_dir}/oof.csv; echo v=1"],
                                      "report": {"stdout": "name=value"}, "metric": {"name": "v", "goal": "maximize"},
                                      "budget": {"trials": 1}, "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    line = run("kre-search", "join", "--port", "0", "--host", "127.0.0.1", home=home, check=True).stdout.strip()
    run("kre-worker", line, "--home", tmp_path / "worker", "--allow-command", "sh", "--until-finished", check=True)
    assert words("fetch", "s", "0", "", home=home) == ["oof.csv"]
    assert words("fetch", "s", "1", "", home=home) == words("fetch", "s", "0", "model", home=home) == []


def in_shell(script, home):
    environment = dict(os.environ, PATH=f"{BUILD}:{os.environ['PATH']}", KRE_HOME=str(home))
    return subprocess.run(script, env=environment, capture_output=True, text=True, timeout=60).stdout.split()


def test_bash_offers_them(studies):
    script = 'eval "$(kre-search completion bash)"; compopt() { echo "$@"; }; COMP_WORDS=(kre-search %s); COMP_CWORD=%d; ' \
             '_kre_search; printf "%%s\\n" "${COMPREPLY[@]}"'
    assert in_shell(["bash", "-c", script % ("best so", 2)], studies) == ["songs", "sounds"]
    assert in_shell(["bash", "-c", script % ("enqueue songs l", 3)], studies) == ["-o", "nospace", "lr="]
    assert in_shell(["bash", "-c", script % ("start ''", 2)], studies) == ["-o", "default"]


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not here")
def test_zsh_offers_them(studies):
    script = 'compdef() { :; }; _files() { echo files; }; compadd() { echo "$@"; }; eval "$(kre-search completion zsh)"; ' \
             'words=(kre-search %s); CURRENT=%d; _kre_search'
    assert in_shell(["zsh", "-f", "-c", script % ("best so", 3)], studies) == ["--", "songs", "sounds", "-S", "--"]
    assert in_shell(["zsh", "-f", "-c", script % ("start ''", 3)], studies) == ["files"]


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not here")
def test_fish_offers_them(studies, tmp_path):
    script = 'kre-search completion fish | source; complete -C "kre-search %s"'
    assert in_shell(["fish", "-N", "-c", script % "best so"], studies) == ["songs", "sounds"]
    assert in_shell(["fish", "-N", "-c", script % "trials --sort b"], studies) == ["best"]
    (tmp_path / "here.yaml").touch()
    assert f"{tmp_path}/here.yaml" in in_shell(["fish", "-N", "-c", script % f"start {tmp_path}/he"], studies)


def test_another_shell_is_refused():
    done = run("kre-search", "completion", "tcsh")
    assert done.returncode == 2 and "bash, zsh and fish, not for tcsh" in done.stderr
