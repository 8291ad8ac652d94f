"""Python environments with the programs that kre-search lives beside, made once and kept in the user's cache.

KRE_PEERS names another folder. Where they cannot be made (no pip, no network) the tests that need them are skipped by name.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
INSTALL_S = 600  # on two idle cores it takes about half a minute; without a network pip gives up at once


def folder_of(requirements):
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    root = pathlib.Path(os.environ.get("KRE_PEERS", cache / "kre-search-peers"))
    print_of_it = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    return root / f"{requirements.stem}-{print_of_it}"


def make(folder, requirements):
    """Why it could not be made, or None. A folder that is there is complete: its name comes last."""
    draft = folder.with_name(f"{folder.name}.{os.getpid()}")
    steps = ([sys.executable, "-m", "venv", draft],
             [draft / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-compile",
              "--retries", "1", "--timeout", "15", "-r", requirements])
    try:
        for step in steps:
            subprocess.run(step, check=True, capture_output=True, text=True, timeout=INSTALL_S)
        draft.rename(folder)
    except subprocess.CalledProcessError as failure:
        return (failure.stderr or failure.stdout).strip().splitlines()[-1:]
    except (OSError, subprocess.TimeoutExpired) as failure:
        return str(failure)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return None


@contextlib.contextmanager
def one_at_a_time(folder):
    """Who comes while somebody else makes the folder waits, and finds it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(f"{folder.name}.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def failure_of(version):
    requirements = HERE / f"requirements-{version}.txt"
    folder = folder_of(requirements)
    try:
        with one_at_a_time(folder):
            return None if folder.exists() else make(folder, requirements)
    except OSError as failure:
        return str(failure)


def python_of(version):
    """The interpreter of the environment around that Optuna; skips the test where there is none."""
    failure = failure_of(version)
    if failure:
        pytest.skip(f"the environment of Optuna {version} cannot be made: {failure}")
    return folder_of(HERE / f"requirements-{version}.txt") / "bin" / "python"


def run_in(version, script, *arguments, cwd=None, env=None):
    """Runs one of our scripts in that environment; its output. What it imports is compiled once and kept there."""
    environment = {name: value for name, value in (env or os.environ).items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([python_of(version), HERE / "scripts" / script, *map(str, arguments)], capture_output=True, text=True,
                          timeout=300, cwd=cwd, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
