"""Studies that are deleted while their folders are not."""

import json

import pytest

from support.programs import PROGRAMS, bound_by_modes, run

SPEC = {"name": "연구", "method": "random", "metric": {"name": "v", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}


@pytest.mark.parametrize("words", [[], ["--quiet"], ["--json"]])
def test_delete_that_leaves_folders_fails_and_says_which(daemon, home, words):
    client, runs = daemon.client(), home / "runs"
    client.call("study.create", spec=SPEC)
    (runs / "연구" / "0-0-0").mkdir(parents=True)
    runs.chmod(0o500)
    done = run(*bound_by_modes(), PROGRAMS["kre-search"], "delete", "연구", "--yes", *words, home=home)
    runs.chmod(0o700)
    assert done.returncode == 1 and done.stdout == ""
    said = json.loads(done.stderr) if words == ["--json"] else {"error": done.stderr.removeprefix("kre-search: ").strip(), "exit": 1}
    assert said == {"error": f"연구 is deleted, but not all of {runs}/연구: Permission denied", "exit": 1}
    assert client.call("study.list")["studies"] == []
