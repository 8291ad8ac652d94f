"""What was acknowledged survives kill -9 at any instant."""

import os
import random
import signal
import subprocess

import pytest
from support.programs import PROGRAMS, Client, Daemon, wait_until

SPEC = {
    "name": "crash",
    "method": "tpe",
    "metric": {"name": "f1", "goal": "maximize"},
    "budget": {"trials": 30},
    "seed": 3,
    "retries": 20,
    "parameters": {"a": {"min": 0.0, "max": 1.0}, "b": {"values": ["가", "나", "다"]}},
}


def test_every_acknowledged_report_and_result_survives_the_daemons_death(home):
    daemon = Daemon(home, "--lease-s=30").start()
    chance = random.Random(5)
    told, reported = {}, {}
    client = Client(daemon.socket)
    client.call("study.create", spec=SPEC, if_exists="resume")
    session = client.hello["session"]
    for number in range(30):
        run = client.call("trial.ask", study="crash", id=1000 + number)["run"]
        for step in range(3):
            client.call("trial.report", run=run["run"], lease=run["lease"], step=step, value=number + step / 10)
            reported[run["number"], step] = number + step / 10
            if chance.random() < 0.1:
                daemon.kill()
                daemon.start()
                client = Client(daemon.socket, session=session)
                again = client.call("trial.ask", study="crash", id=1000 + number)["run"]
                assert (again["run"], again["lease"]) == (run["run"], run["lease"])
        client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=float(number))
        told[run["number"]] = float(number)
    daemon.kill()
    daemon.start()
    try:
        kept = dict(daemon.sql("select t.number, v.value from trials t join trial_values v using (trial_id)"))
        assert kept == told and len(told) == 30
        steps = daemon.sql("select t.number, i.step, i.intermediate_value from trials t join trial_intermediate_values i using (trial_id)")
        assert {(number, step): value for number, step, value in steps} == reported
        assert daemon.sql("pragma integrity_check") == [("ok",)]
    finally:
        daemon.stop()


@pytest.mark.parametrize("method", ["tpe", "gp"])
def test_a_study_whose_daemon_and_workers_are_killed_again_and_again_ends_as_planned(tmp_path, home, method):
    study = tmp_path / "crash.yaml"
    study.write_text(f"method: {method}\n" + """
name: crash
metric: {name: f1, goal: maximize}
budget: {trials: 24}
retries: 50
parameters: {a: {min: 0.0, max: 1.0}}
command: [sh, -c, 'for s in 1 2 3; do echo "{\\"step\\":$s,\\"f1\\":0.$s}" >&"$KRE_REPORT_FD"; done']
""")
    daemon = Daemon(home, "--lease-s=1").start()
    workers = []

    def start_worker():
        workers.append(subprocess.Popen(
            [PROGRAMS["kre-worker"], daemon.socket, "--slots=1", "--allow-command=sh", "--until-finished", "--home", home],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def finished():
        return daemon.sql("select count(*) from trials where state in ('COMPLETE', 'PRUNED', 'FAIL')")[0][0]

    from support.programs import run
    assert run("kre-search", "start", study, "--workers", 0, "--detach", home=home).returncode == 0
    chance = random.Random(9)
    try:
        for kill in range(10):
            while len([worker for worker in workers if worker.poll() is None]) < 2:
                start_worker()
            goal = min(24, finished() + chance.randint(1, 2))
            wait_until(lambda: finished() >= goal, f"{goal} finished trials")
            if kill % 2:
                daemon.kill()
                daemon.start()
            else:
                os.kill(workers[-1].pid, signal.SIGKILL)
                workers[-1].wait()
        start_worker()
        wait_until(lambda: finished() == 24, "the whole budget")
        assert daemon.sql("select count(*) from trials") == [(24,)]
        twice = daemon.sql("select trial_id, count(*) from kre_runs where state = 'complete' group by trial_id, fold having count(*) > 1")
        assert twice == []
        assert daemon.sql("pragma integrity_check") == [("ok",)]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        daemon.stop()


def test_two_workers_never_hold_one_run(daemon):
    clients = [daemon.client(name=f"w{i}") for i in range(8)]
    clients[0].call("study.create", spec=dict(SPEC, budget={"trials": 64}), if_exists="error")
    held = set()
    for round_ in range(8):
        for client in clients:
            run = client.call("trial.ask", study="crash")["run"]
            assert run["run"] not in held
            held.add(run["run"])
    assert len(held) == 64
    assert clients[3].call("trial.ask", study="crash")["run"] is None
