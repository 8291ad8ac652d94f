"""Fixtures for whole-program tests: every test has a home of its own and leaves no process behind."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from support.programs import PROGRAMS, Daemon  # noqa: E402


def pytest_collection_modifyitems(config, items):
    missing = [name for name, path in PROGRAMS.items() if not path.exists()]
    if missing:
        raise pytest.UsageError(f"build first, or set KRE_BUILD: {', '.join(missing)} not found")


@pytest.fixture(scope="session", autouse=True)
def no_cache_of_the_user(tmp_path_factory):
    """What programs keep for all trainings of a machine lies in the tests' own folder."""
    before = os.environ.get("KRE_CACHE")
    os.environ["KRE_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["KRE_CACHE"]
    else:
        os.environ["KRE_CACHE"] = before


@pytest.fixture
def home(tmp_path, request):
    """A folder for a daemon's home, short enough for a socket path; with another name where the test says one."""
    folder = tmp_path / getattr(request, "param", "kre-runs")
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def daemon(home):
    """A running daemon with short leases."""
    running = Daemon(home, "--lease-s=5").start()
    yield running
    code = running.stop()
    assert code in (0, -9), running.output()
