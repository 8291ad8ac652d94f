"""Workers as jobs of a real Slurm: an array of them, taken back and preempted, cancelled and told to end; nothing is done twice."""

import json

import pytest

from support import slurm as slurm_support
from support.programs import Daemon, run, wait_until

WHY_NOT = slurm_support.missing()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=f"no Slurm here: {WHY_NOT}")

# Four epochs, the second half of them once the gate is open; what the next attempt needs is kept.
TRAINER = """\
step=$(cat "$KRE_CHECKPOINT_DIR/step" 2>/dev/null || echo 0)
echo "$KRE_NUMBER from $step by $SLURM_ARRAY_TASK_ID threads $OMP_NUM_THREADS" >>{folder}/begun
while [ "$step" -lt 4 ]; do
	step=$((step + 1))
	[ "$step" -le 2 ] || until [ -e {folder}/gate ]; do read -r -t 0.05 _ </dev/zero || :; done
	echo "$step" >"$KRE_CHECKPOINT_DIR/step"
	echo "{{\\"step\\": $step, \\"f1\\": 0.$step}}" >&"$KRE_REPORT_FD"
done
echo "$KRE_NUMBER" >>{folder}/ended
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    running = slurm_support.Slurm(tmp_path_factory.mktemp("slurm", numbered=False))
    try:
        running.start()
    except (AssertionError, OSError) as failure:
        running.stop()
        pytest.skip(f"Slurm does not start here: {failure}")
    yield running
    running.stop()


class Team:
    """A daemon with one study of six trials, and its workers as jobs."""

    def __init__(self, slurm, folder, home):
        self.slurm, self.folder, self.home = slurm, folder, home
        self.daemon = Daemon(home, "--lease-s=20").start()
        (folder / "train.sh").write_text(TRAINER.format(folder=folder))
        study = folder / "study.yaml"
        study.write_text(f"name: s\nmetric: {{name: f1, goal: maximize}}\nbudget: {{trials: 6}}\nretries: 9\n"
                         f"parameters: {{x: {{min: 0.0, max: 1.0}}}}\ncommand: [bash, {folder}/train.sh]\n")
        assert run("kre-search", "start", study, "--detach", home=home).returncode == 0

    def submit(self, *options, workers=2):
        """The number of an array of workers."""
        done = run("kre-search", "fleet", "slurm", "--workers", workers, "--allow-command=bash", "--host=127.0.0.1", "--json",
                   "--", *options, home=self.home, env=self.slurm.environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["job"]

    def log(self, job, task):
        return (self.home / "fleet" / f"{job}_{task}.log").read_text()

    def lines(self, name):
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def open_gate(self):
        (self.folder / "gate").touch()

    def reports(self):
        return self.daemon.sql("select count(*) from trial_intermediate_values")[0][0]

    def finished_well(self):
        wait_until(lambda: self.daemon.sql("select count(*) from trials where state = 'COMPLETE'") == [(6,)], "six trials")
        assert sorted(self.lines("ended")) == sorted(set(self.lines("ended")))
        assert self.daemon.sql("select count(*) from trials") == [(6,)]
        return True

    def leased(self):
        return self.daemon.sql("select count(*) from kre_runs where state = 'leased'")[0][0]

    def attempts(self):
        return self.daemon.sql("select sum(attempt) from kre_runs")[0][0]


@pytest.fixture
def team(slurm, tmp_path, home):
    one = Team(slurm, tmp_path, home)
    yield one
    slurm.run("scancel", "--full", "-u", "root", check=False)
    wait_until(lambda: not slurm.run("squeue", "-h"), "an empty queue")
    assert one.daemon.stop() == 0, one.daemon.output()


def state_is(team, job, *states):
    return lambda: team.slurm.states().get(job) in states


def test_an_array_works_until_the_study_is_finished_and_then_leaves(team):
    team.open_gate()
    job = team.submit("--cpus-per-task=2")
    team.finished_well()
    wait_until(lambda: {team.slurm.states()[f"{job}_{task}"] for task in (1, 2)} == {"COMPLETED"}, "both tasks to leave")
    workers = {name for name, in team.daemon.sql("select distinct worker from kre_runs")}
    assert workers <= {f"slurm-{job}-1", f"slurm-{job}-2"} and workers
    assert {line.split()[-1] for line in team.lines("begun")} == {"2"}  # the threads of a run: its job's CPUs
    assert team.attempts() == 0


def test_a_task_that_is_requeued_hands_its_run_back_and_goes_on_from_the_checkpoint(team):
    job = team.submit(workers=1)
    wait_until(lambda: team.reports() == 2, "two epochs")
    team.slurm.run("scontrol", "requeue", f"{job}_1")
    wait_until(lambda: team.leased() == 0, "the run to come back")
    team.open_gate()
    team.finished_well()
    assert [line for line in team.lines("begun") if line.startswith("0 ")][1].startswith("0 from 2 ")
    assert team.attempts() == 1


def test_tasks_of_a_preempted_partition_come_back_when_it_is_free_again(team):
    job = team.submit("--partition=low", "--cpus-per-task=2")
    wait_until(lambda: team.reports() == 4, "two epochs of both")
    urgent = team.slurm.run("sbatch", "--parsable", "--partition=high", "--nodes=2", "--exclusive", "--output=/dev/null",
                            input=f"#!/bin/sh\nuntil [ -e {team.folder}/gate ]; do sleep 0.05; done\n").strip()
    wait_until(state_is(team, urgent, "RUNNING"), "the urgent job")
    wait_until(lambda: team.leased() == 0, "both runs to come back")
    team.open_gate()
    team.finished_well()
    wait_until(lambda: {team.slurm.states()[f"{job}_{task}"] for task in (1, 2)} == {"COMPLETED"}, "both tasks to leave")
    assert len([line for line in team.lines("begun") if " from 2 " in line]) == 2


def test_a_cancelled_task_hands_its_run_to_the_others(team):
    job = team.submit()
    wait_until(lambda: team.reports() == 4, "two epochs of both")
    team.slurm.run("scancel", f"{job}_1")
    wait_until(lambda: team.leased() == 1, "the run to come back")
    team.open_gate()
    team.finished_well()
    assert team.attempts() == 1


def test_the_signal_before_the_time_limit_lets_a_run_end_and_takes_no_other(team):
    job = team.submit("--time=10", workers=1)
    wait_until(lambda: team.reports() == 2, "two epochs")
    team.slurm.run("scancel", "--batch", "--signal=USR1", f"{job}_1")
    wait_until(lambda: "taking nothing new" in team.log(job, 1), "the worker to hear it")
    team.open_gate()
    wait_until(state_is(team, f"{job}_1", "COMPLETED"), "the task to leave")
    assert team.lines("ended") == ["0"] and team.attempts() == 0


def test_the_script_and_its_secret_are_for_their_owner_alone_and_name_no_secret_to_slurm(team):
    done = run("kre-search", "fleet", "slurm", "--workers=20", "--at-once=8", "--time=4:00:00", "--cpus=2", "--mem-mb=4000",
               "--study=s", "--print", home=team.home)
    assert done.returncode == 0, done.stderr
    (join_file,), (script,) = team.home.glob("fleet/*.join"), team.home.glob("fleet/*.sh")
    assert script.read_text() == done.stdout
    for line in ("--array=1-20%8", "--time=4:00:00", "--cpus-per-task=2", "--mem=4000", f"--join-file={join_file}", "--study=s"):
        assert line in done.stdout
    secret = join_file.read_text().strip()
    assert secret.startswith("kre://") and secret.split("/")[-1] not in done.stdout
    assert {path.stat().st_mode & 0o777 for path in (join_file, script)} == {0o600}


@pytest.mark.parametrize("home", ['my "runs", 5%A'], indirect=True)
def test_a_home_may_have_any_name(team):
    team.open_gate()
    job = team.submit()
    assert team.finished_well()
    assert ": complete" in team.log(job, 1) + team.log(job, 2)


def test_what_sbatch_refuses_is_said_in_its_words(team):
    done = run("kre-search", "fleet", "slurm", "--host=127.0.0.1", "--", "--partition=nowhere", home=team.home,
               env=team.slurm.environment)
    assert done.returncode == 1
    assert "invalid partition" in done.stderr and "sbatch took no job" in done.stderr
    (token,) = team.daemon.client().call("token.list")["tokens"]
    assert f"'kre-search revoke {token['id']}' ends it" in done.stderr


def test_another_engine_is_refused_with_what_there_is(team):
    done = run("kre-search", "fleet", "borg", home=team.home)
    assert done.returncode == 2 and "'slurm' is the only one" in done.stderr
