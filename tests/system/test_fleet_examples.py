"""The examples of fleets do what they say: the Job's container, the Dockerfile's steps, and ssh, with stand-ins for the engines."""

import os
import re
import signal
import stat
import subprocess

import pytest
import yaml

from support.programs import BUILD, PATIENCE_S, PROGRAMS, ROOT, Daemon, run, wait_until

FLEET = ROOT / "examples" / "fleet"
STUDY = """\
name: s
metric: {name: f1, goal: maximize}
budget: {trials: 3}
parameters: {x: {min: 0.0, max: 1.0}}
command: [sh, -c, 'echo "{\\"step\\": 1, \\"f1\\": 0.5}" >&"$KRE_REPORT_FD"; echo "$OMP_NUM_THREADS" >>@/threads']
"""


@pytest.fixture
def team(tmp_path, home):
    """A daemon with a study, and the line that lets a worker in."""
    daemon = Daemon(home, "--lease-s=5").start()
    study = tmp_path / "study.yaml"
    study.write_text(STUDY.replace("@", str(tmp_path)))
    assert run("kre-search", "start", study, "--detach", home=home).returncode == 0
    line = run("kre-search", "join", "--host=127.0.0.1", "--port=0", home=home, check=True).stdout.strip()
    yield daemon, line
    assert daemon.stop() == 0, daemon.output()


def finished_by(daemon):
    assert daemon.sql("select count(*) from trials where state = 'COMPLETE'") == [(3,)]
    return {name for name, in daemon.sql("select distinct worker from kre_runs")}


def test_the_container_of_the_kubernetes_job_works_with_its_arguments_and_environment(team, tmp_path):
    daemon, line = team
    job = yaml.safe_load((FLEET / "kubernetes-job.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    pod = job["spec"]["template"]["spec"]
    container, = pod["containers"]
    assert pod["restartPolicy"] in ("Never", "OnFailure") and job["spec"]["completions"] == job["spec"]["parallelism"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    values = {"KRE_JOIN": line, "POD_NAME": "kre-workers-x7"}
    variables = {one["name"]: str(one.get("value", values.get(one["name"]))) for one in container["env"]}
    variables = {name: value.replace("/scratch", str(tmp_path / "scratch")) for name, value in variables.items()}
    words = [re.sub(r"\$\((\w+)\)", lambda found: variables[found[1]], word) for word in container["args"]]
    grace, = (float(word.split("=")[1]) for word in words if word.startswith("--grace-s"))
    assert grace < pod["terminationGracePeriodSeconds"]
    done = run(*container["command"], *words, "--allow-command=sh", env=variables)
    assert done.returncode == 0, done.stderr
    assert finished_by(daemon) == {"kre-workers-x7"}
    assert set((tmp_path / "threads").read_text().split()) == {"2"}
    assert list((tmp_path / "scratch" / "runs").iterdir())


def test_the_dockerfile_installs_what_the_programs_link_and_starts_a_worker_that_reads_the_line(team):
    daemon, line = team
    text = (FLEET / "Dockerfile").read_text()
    libraries = subprocess.run(["ldd", *PROGRAMS.values()], capture_output=True, text=True, check=True).stdout
    wanted = {"libsqlite3": "libsqlite3-0", "libuv": "libuv1", "libcjson": "libcjson1", "libopenblas": "libopenblas0-pthread",
              "liblapacke": "liblapacke", "libyaml": "libyaml-0-2", "libutf8proc": "libutf8proc2", "libssl": "libssl3"}
    for library, package in wanted.items():
        assert library not in libraries or package in text, package
    for step in re.findall(r"examples/\S+", text):
        assert (ROOT / step).exists(), step
    words = yaml.safe_load(re.search(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)[1])
    done = run(*words, "--allow-command=sh", "--name=docker", "-", input=line + "\n", home=daemon.home)
    assert done.returncode == 0, done.stderr
    assert finished_by(daemon) == {"docker"}


def test_a_fleet_that_cannot_be_leaves_no_token(team):
    daemon, _ = team
    (daemon.home / "fleet").write_text("in the way")
    done = run("kre-search", "fleet", "slurm", "--print", home=daemon.home)
    assert done.returncode == 1 and f"{daemon.home}/fleet: Not a directory" in done.stderr
    assert len(daemon.client().call("token.list")["tokens"]) == 1  # of the team


def begin_by_ssh(daemon, tmp_path):
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\nhost=$1; shift\necho \"$*\" >>{tmp_path}/words\nPATH={BUILD}:$PATH\n"
                   f"exec \"$@\" --allow-command=sh --name=\"$host\" --home={tmp_path}/\"$host\"\n")
    ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)
    return subprocess.Popen([FLEET / "ssh.sh", "red", "green"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                            env=dict(os.environ, KRE_HOME=str(daemon.home), KRE_SSH=str(ssh),
                                     KRE_SEARCH=str(PROGRAMS["kre-search"])))


def ssh_tokens(daemon):
    return [token["revoked"] is not None for token in daemon.client().call("token.list")["tokens"] if token["name"] == "ssh"]


def test_ssh_starts_a_worker_on_every_host_and_shows_the_line_to_nobody(team, tmp_path):
    daemon, _ = team
    began = begin_by_ssh(daemon, tmp_path)
    out, errors = began.communicate(timeout=PATIENCE_S)
    assert began.returncode == 0, errors
    assert finished_by(daemon) <= {"red", "green"}
    assert "kre://" not in (tmp_path / "words").read_text() and "red: " in out
    assert ssh_tokens(daemon) == [True]


def test_ctrl_c_ends_the_workers_on_every_host(team, tmp_path):
    daemon, _ = team
    daemon.client().call("study.delete", study="s")
    (tmp_path / "study.yaml").write_text(STUDY.replace("@", str(tmp_path)).replace("sh, -c, '", "sh, -c, 'exec tail -f /dev/null; "))
    assert run("kre-search", "start", tmp_path / "study.yaml", "--detach", home=daemon.home).returncode == 0
    began = begin_by_ssh(daemon, tmp_path)
    wait_until(lambda: daemon.sql("select count(*) from trials where state = 'RUNNING'") == [(2,)], "both hosts to work")
    began.send_signal(signal.SIGINT)
    out, errors = began.communicate(timeout=PATIENCE_S)  # whoever still works holds these open
    assert began.returncode == 130, errors
    assert out.count("this token was revoked") == 2 and ssh_tokens(daemon) == [True], out
