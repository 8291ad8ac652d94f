"""A line of 8 Mbit/s: a file that takes minutes holds up no report."""

import signal
import subprocess

import pytest

from support import hosts as hosts_support
from support.programs import PATIENCE_S, PROGRAMS, Daemon, run, wait_until

WHY_NOT = hosts_support.missing()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=f"no hosts here: {WHY_NOT}")

LINE_BYTES_PER_S = 1000000
FILE_BYTES = 200000000
REPORTS = 40

# Says the time, again and again.
TALKER = "import json, os, time; [(os.write(int(os.environ['KRE_REPORT_FD']), json.dumps({'step': step, 'f1': time.time()}).encode() + b'\\n'), " \
    "time.sleep(0.05)) for step in range(1, 100000)]"


def begin(home, folder, name, *lines):
    study = folder / f"{name}.yaml"
    study.write_text("\n".join([f"name: {name}", "metric: {name: f1, goal: maximize}", "budget: {trials: 1}", "parameters: {x: {min: 0.0, max: 1.0}}", *lines]))
    run("kre-search", "start", study, "--detach", home=home, check=True)


@pytest.fixture
def hosts():
    two = hosts_support.Hosts(2).start()
    two.change(1, 2, bytes_per_s=LINE_BYTES_PER_S)
    yield two
    two.stop()


def test_reports_are_there_at_once_while_a_file_takes_minutes(hosts, tmp_path):
    home = tmp_path / "kre-runs"
    home.mkdir(mode=0o700)
    daemon = Daemon(home, "--lease-s=6", within=lambda words: hosts.command(1, *words)).start()
    with open(tmp_path / "train.bin", "wb") as file:
        file.truncate(FILE_BYTES)
    begin(home, tmp_path, "waiting", "command: [python3, -c, pass]", "files: {train: train.bin}")
    (tmp_path / "train.bin").unlink()
    begin(home, tmp_path, "talking", "command:", "- python3", "- -c", f'- "{TALKER}"'.replace("\\n", "\\\\n"))
    line = run("kre-search", "join", f"--host={hosts.address(1)}", "--port=7373", home=home, check=True).stdout.strip()
    worker = subprocess.Popen(hosts.command(2, PROGRAMS["kre-worker"], line, "--home", tmp_path / "elsewhere", "--cache", tmp_path / "cache", "--slots=2",
                                            "--allow-command=python3", "--grace-s=1"), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = daemon.client()

    def percent():
        return [each["percent"] for each in client.call("study.get", study="waiting")["workers"] if each.get("fetching") == "train" and "percent" in each]

    try:
        wait_until(percent, "some of the file to be there")
        (before,) = daemon.sql("select count(*) from kre_reports")[0]
        wait_until(lambda: daemon.sql("select count(*) from kre_reports")[0][0] >= before + REPORTS, "reports meanwhile")
        assert percent()[0] < 100
        delays = sorted(delay for delay, in daemon.sql("select reported_us / 1e6 - value from kre_reports order by step limit -1 offset ?", before))
        assert delays[len(delays) // 2] < 2, delays[-5:]  # behind the file it would be minutes
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE_S)
        assert daemon.stop() == 0, daemon.output()
