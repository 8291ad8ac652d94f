"""What `meson install` puts where, and that it works from there."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from support.programs import BUILD, ROOT, run


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    destination = tmp_path_factory.mktemp("root")
    done = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild"], env=dict(os.environ, DESTDIR=str(destination)),
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(destination.rglob("bin")).parent


def page(path):
    """As a person reads it, and whether the formatter had anything to say."""
    done = subprocess.run(["man", "--warnings", "-l", path], env=dict(os.environ, MANWIDTH="500", LC_ALL="C.UTF-8"), capture_output=True,
                          text=True)
    return re.sub(r"\s+", " ", done.stdout), done.stderr


def test_texts_examples_completions_and_the_unit_are_installed(prefix):
    docs = prefix / "share" / "doc" / "kre-search"
    assert (docs / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    installed = {path.name for path in (docs / "examples").iterdir()}
    ours = {path.name for path in (ROOT / "examples").iterdir() if path.is_file()}
    assert ours - installed == {"install.sh", "quickstart.sh", "meson.build"}  # of the source tree
    for place in ("bash-completion/completions/kre-search", "zsh/site-functions/_kre-search", "fish/vendor_completions.d/kre-search.fish"):
        assert "kre-search completion words --" in (prefix / "share" / place).read_text()
    unit = (prefix / "lib" / "systemd" / "user" / "kre-searchd.service").read_text()
    assert re.search(r"^ExecStart=/\S+/bin/kre-searchd --home %h/kre-runs$", unit, re.M)


@pytest.mark.skipif(not shutil.which("man") or not shutil.which("scdoc"), reason="man or scdoc is not here")
def test_the_manual_says_what_the_study_file_and_the_views_are(prefix):
    text, complaints = page(prefix / "share" / "man" / "man5" / "kre-study.5")
    assert complaints == ""
    for key in re.findall(r"^\| `(\w+)` \|(?:[^|\n]*\|){3,}$", (ROOT / "schema" / "study" / "STUDY_FILE.md").read_text(encoding="utf-8"), re.M):
        assert f" {key} (" in text, key
    assert "KEYS name (type text; default the file's name; example name: klue-re-bilstm)" in text
    text, complaints = page(prefix / "share" / "man" / "man7" / "kre-sql.7")
    assert complaints == ""
    for view in re.findall(r"^CREATE VIEW (\w+)", (ROOT / "schema" / "database" / "migrations" / "views.sql").read_text(), re.M):
        assert re.search(rf" {view} \((\w+, )+\w+\) ", text), view
    assert "CREATE TABLE kre_runs" in text


def test_an_installed_program_finds_its_parts(prefix, tmp_path, home):
    examples = tmp_path / "examples"
    shutil.copytree(prefix / "share" / "doc" / "kre-search" / "examples", examples)
    for name in ("own-program.yaml", "wandb-sweep.yaml"):
        path = examples / name
        path.write_text(re.sub(r"(trials|run_cap): \d+", r"\1: 2", path.read_text()))
        done = run(prefix / "bin" / "kre-search", "start", name, "--workers", 1, home=home, cwd=examples)
        assert done.returncode == 0 and "state finished: budget" in done.stdout, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_understands_the_unit(prefix, tmp_path):
    unit = pathlib.Path(shutil.copy(prefix / "lib" / "systemd" / "user" / "kre-searchd.service", tmp_path))
    unit.write_text(re.sub(r"/\S+/bin/kre-searchd", str(prefix / "bin" / "kre-searchd"), unit.read_text()))
    done = subprocess.run(["systemd-analyze", "--man=no", "verify", unit], capture_output=True, text=True)
    assert not [line for line in done.stderr.splitlines() if "kre-searchd" in line], done.stderr
