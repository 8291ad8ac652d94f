"""A daemon and two workers on three hosts whose network fails in every way: nothing acknowledged is lost, nothing is done twice."""

import subprocess

import pytest

from support import hosts as hosts_support
from support.programs import PATIENCE_S, PROGRAMS, Daemon, run, wait_until

WHY_NOT = hosts_support.missing()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=f"no hosts here: {WHY_NOT}")

# Reports a step for every gate that is opened, until the fourth; says when it has.
TRAINER = """\
step=0
while [ "$step" -lt 4 ]; do
	step=$((step + 1))
	until [ -e {folder}/gate"$step" ]; do read -r -t 0.05 _ </dev/zero || :; done
	echo "{{\\"step\\": $step, \\"f1\\": 0.$step}}" >&"$KRE_REPORT_FD"
	: >{folder}/"$1"-said"$step"
done
echo "$KRE_NUMBER" >>{folder}/ended
"""


class Team:
    """The daemon is on host 1, a study of `trials` trials beside it; workers come from the others."""

    def __init__(self, hosts, folder, lease_s, trials):
        self.hosts, self.folder, self.home = hosts, folder, folder / "kre-runs"
        self.home.mkdir(mode=0o700)
        self.daemon = Daemon(self.home, f"--lease-s={lease_s}", within=lambda words: hosts.command(1, *words)).start()
        (folder / "train.sh").write_text(TRAINER.format(folder=folder))
        study = folder / "study.yaml"
        study.write_text(f"name: s\nmetric: {{name: f1, goal: maximize}}\nbudget: {{trials: {trials}}}\nretries: 9\n"
                         "parameters: {x: {min: 0.0, max: 1.0}}\n"
                         f"command: [bash, {folder}/train.sh, '${{envvar:KRE_TEST_HOST}}']\n")
        assert run("kre-search", "start", study, "--detach", home=self.home).returncode == 0
        self.line = run("kre-search", "join", f"--host={hosts.address(1)}", "--port=7373", home=self.home, check=True).stdout.strip()
        self.workers = {}

    def start_worker(self, host):
        log = open(self.folder / f"worker{host}.log", "wb")
        self.workers[host] = subprocess.Popen(
            self.hosts.command(host, "env", f"KRE_TEST_HOST=h{host}", PROGRAMS["kre-worker"], self.line,
                               "--home", self.folder / f"host{host}", f"--name=h{host}", "--allow-command=bash",
                               "--until-finished", "--grace-s=1", "--log-level=debug"),
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()

    def log(self, host):
        return (self.folder / f"worker{host}.log").read_text(errors="replace")

    def open_gates(self, last):
        for step in range(1, last + 1):
            (self.folder / f"gate{step}").touch()

    def said(self, host, step):
        wait_until((self.folder / f"h{host}-said{step}").exists, f"step {step} on host {host}")

    def steps(self):
        return [step for step, in self.daemon.sql("select step from trial_intermediate_values order by 1")]

    def runs(self):
        return self.daemon.sql("select worker, attempt, state from kre_runs order by run_id")

    def finished(self):
        wait_until(lambda: self.daemon.sql("select count(*) from trials where state not in ('COMPLETE', 'FAIL')") == [(0,)],
                   "all trials to end")
        for worker in self.workers.values():
            assert worker.wait(PATIENCE_S) == 0

    def end(self):
        for worker in self.workers.values():
            if worker.poll() is None:
                worker.kill()
                worker.wait()
        assert self.daemon.stop() == 0, self.daemon.output()


@pytest.fixture
def hosts():
    three = hosts_support.Hosts(3).start()
    yield three
    three.stop()


@pytest.fixture
def team(hosts, tmp_path):
    teams = []

    def make(lease_s, trials=1):
        teams.append(Team(hosts, tmp_path, lease_s, trials))
        return teams[-1]
    yield make
    for one in teams:
        one.end()


def test_a_partition_that_is_shorter_than_a_third_of_the_lease_costs_nothing(team, hosts):
    one = team(lease_s=60)
    one.start_worker(2)
    one.open_gates(1)
    wait_until(lambda: one.steps() == [1], "the first step")
    hosts.cut(2)
    one.open_gates(3)
    one.said(2, 3)
    assert one.steps() == [1]
    hosts.mend(2)
    wait_until(lambda: one.steps() == [1, 2, 3], "the steps that were said meanwhile")
    one.open_gates(4)
    one.finished()
    assert one.runs() == [("h2", 0, "complete")] and "no daemon" not in one.log(2)


@pytest.mark.parametrize("ways", [[(1, 2), (2, 1)], [(2, 1)], [(1, 2)]], ids=["both ways", "to the daemon", "to the worker"])
def test_a_run_behind_a_longer_partition_goes_to_another_and_its_late_result_is_refused(team, hosts, ways):
    one = team(lease_s=6)
    one.start_worker(2)
    one.open_gates(1)
    wait_until(lambda: one.steps() == [1], "the first step")
    for way in ways:
        hosts.change_way(*way, down=True)
    wait_until(lambda: ("h2", 0, "lost") in one.runs(), "the lease to expire")
    one.start_worker(3)
    one.open_gates(4)
    wait_until(lambda: ("h3", 1, "complete") in one.runs(), "the other's result")
    wait_until(lambda: "no daemon at the other end" in one.log(2), "the silence to be noticed")
    for way in ways:
        hosts.change_way(*way, down=False)
    one.finished()
    assert one.runs() == [("h2", 0, "lost"), ("h3", 1, "complete")]
    assert one.steps() == [1, 2, 3, 4]
    assert one.daemon.sql("select value from trial_values") == [(0.4,)]


def test_a_bad_line_with_loss_and_delay_loses_no_report(team, hosts):
    one = team(lease_s=60, trials=4)
    for other in (2, 3):
        hosts.change(1, other, delay_s=0.1, loss=0.15)
        one.start_worker(other)
    one.open_gates(4)
    one.finished()
    assert [(attempt, state) for _, attempt, state in one.runs()] == [(0, "complete")] * 4
    assert one.steps() == sorted([1, 2, 3, 4] * 4)


def test_a_daemon_that_is_killed_and_comes_back_finds_its_workers_again(team):
    one = team(lease_s=60, trials=2)
    for other in (2, 3):
        one.start_worker(other)
    one.open_gates(1)
    wait_until(lambda: one.steps() == [1, 1], "the first steps")
    one.daemon.kill()
    one.open_gates(3)
    one.said(2, 3)
    one.daemon.start()
    wait_until(lambda: one.steps() == [1, 1, 2, 2, 3, 3], "what was said meanwhile")
    one.open_gates(4)
    one.finished()
    assert sorted(one.runs()) == [("h2", 0, "complete"), ("h3", 0, "complete")]


def test_a_worker_that_is_killed_leaves_its_run_to_the_other(team):
    one = team(lease_s=3)
    one.start_worker(2)
    one.open_gates(2)
    wait_until(lambda: one.steps() == [1, 2], "two steps")
    one.workers.pop(2).kill()
    one.start_worker(3)
    one.open_gates(4)
    one.finished()
    assert one.runs() == [("h2", 0, "lost"), ("h3", 1, "complete")] and one.steps() == [1, 2, 3, 4]
