"""Workers, viewers and admins that come over the network: who gets in, what they may do there, and how it ends."""

import contextlib
import hashlib
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import time

import pytest

from support.network import ALPHABET, Caller, join, token_id, token_of
from support.programs import PATIENCE_S, PROGRAMS, Refused, run, wait_until

SPEC = {"name": "s", "method": "random", "command": ["sh", "-c", "echo f1=0.5"], "report": {"stdout": "name=value"},
        "metric": {"name": "f1", "goal": "maximize"}, "budget": {"trials": 5}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}
CHANGES = {"study.create": {"spec": SPEC}, "study.pause": {"study": "s"}, "study.resume": {"study": "s"}, "study.stop": {"study": "s"},
           "study.delete": {"study": "s"}, "trial.enqueue": {"study": "s", "params": {"x": 0.5}}, "file.export": {"path": "/tmp/no.db"},
           "token.create": {}, "token.list": {}, "token.revoke": {"id": "00000000"}, "listen.start": {}, "listen.stop": {}, "listen.get": {},
           "daemon.stop": {}}


def worker(line, folder, *options):
    return subprocess.run([PROGRAMS["kre-worker"], line, "--home", folder / "worker", "--allow-command", "sh", "--until-finished", *options],
                          capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False)


def all_of(client):
    """Everything that a change could have changed."""
    return client.call("study.list"), client.call("trial.list", study="s"), client.call("token.list")["tokens"]


@pytest.fixture
def study(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    return client


def refused(call, code, sentence):
    with pytest.raises(Refused) as caught:
        call()
    assert (caught.value.code, caught.value.message) == (code, sentence)


# ---- the way in ----

def test_a_worker_with_the_line_does_a_study_to_its_end(study, home, tmp_path):
    done = worker(join(home, "--name", "box"), tmp_path)
    assert done.returncode == 0, done.stderr
    (headline,) = study.call("study.list")["studies"]
    assert (headline["state"], headline["counts"]["COMPLETE"]) == ("finished", 5)
    (token,) = study.call("token.list")["tokens"]
    assert (token["name"], token["role"], token["last_from"], token["uses_left"]) == ("box", "worker", "127.0.0.1", -1)
    assert token["last_used"] and token["sessions"] == 0


def test_join_prints_one_line_and_starts_what_is_missing(home):
    done = run("kre-search", "join", "--port", "0", "--host", "gpu3", "--host", "10.0.0.7", "--role", "admin", home=home, check=True)
    (line,) = done.stdout.splitlines()
    assert line.startswith("kre://gpu3,10.0.0.7:") and "/a1-" in line and len(token_of(line)) == 67
    assert token_of(line) not in done.stderr and "from now on" in done.stderr and f"kre-search revoke {token_id(line)}" in done.stderr
    again = json.loads(run("kre-search", "join", "--json", home=home, check=True).stdout)
    assert again["role"] == "worker" and again["expires"] is None
    assert run("kre-search", "join", "--expires", "soon", home=home).returncode == 2
    listed = run("kre-search", "tokens", home=home, check=True).stdout
    assert token_id(line) in listed and again["id"] in listed and token_of(line)[20:] not in listed
    run("kre-search", "daemon", "stop", home=home, check=True)


@pytest.mark.parametrize("host", ["gpu3:7373", "fe80::1", "a b", "", "a,b", "-x"])
def test_a_line_that_nobody_can_use_is_not_made(study, home, host):
    join(home)  # the door is open
    done = run("kre-search", "join", f"--host={host}", home=home)
    assert done.returncode == 2 and "--host: expected the name of a host" in done.stderr and done.stdout == ""
    assert len(study.call("token.list")["tokens"]) == 1


def test_a_restarted_daemon_listens_again_and_knows_its_tokens(daemon, study, home, tmp_path):
    line = join(home)
    daemon.kill()
    daemon.start()
    assert worker(line, tmp_path).returncode == 0
    assert run("kre-search", "listen", "--stop", home=home, check=True).stdout.endswith("nowhere else\n")
    daemon.kill()
    daemon.start()
    with pytest.raises(ConnectionRefusedError):
        Caller(line)


def test_where_the_port_is_taken_the_daemon_says_so_and_serves_this_machine(daemon, home):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        done = run("kre-search", "listen", "--port", taken.getsockname()[1], "--address", "0.0.0.0", home=home)
    assert done.returncode == 1 and "address already in use" in done.stderr
    assert run("kre-search", "listen", "--status", home=home, check=True).stdout.endswith("nowhere else\n")


def test_a_new_key_is_for_new_lines_and_old_ones_go_on(study, home, tmp_path):
    old = join(home)
    run("kre-search", "listen", "--new-key", home=home, check=True)
    new = join(home)
    assert worker(old, tmp_path, "--count", "1").returncode == 0
    assert worker(new, tmp_path).returncode == 0
    pins = {int("".join(f"{ALPHABET.index(c):05b}" for c in token_of(line)[3:]), 2) >> 24 & (1 << 128) - 1 for line in (old, new)}
    assert len(pins) == 2


def test_the_hosts_of_a_line_are_tried_in_turn(study, home, tmp_path):
    run("kre-search", "listen", "--port", "0", "--address", "127.0.0.1", home=home, check=True)
    line = run("kre-search", "join", "--host", "127.0.0.3", "--host", "[::1]", "--host", "localhost", home=home, check=True).stdout.strip()
    assert line.startswith("kre://127.0.0.3,[::1],localhost:")
    done = worker(line, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("way", ["word", "file", "stdin", "variable"])
def test_the_line_comes_by_four_ways_and_no_other_process_can_read_it(study, home, tmp_path, way):
    client = study
    client.call("study.create", spec={**SPEC, "name": "long", "command": ["sh", "-c", "echo f1=0.1; env >env.txt; sleep 600"]})
    line = join(home, "--study", "long")
    path = tmp_path / "line"
    path.write_text(line + "\n")
    path.chmod(0o600)
    words = {"word": [line], "file": ["--join-file", path], "stdin": ["-"], "variable": []}[way]
    environment = {**os.environ, **({"KRE_JOIN": line} if way == "variable" else {})}
    process = subprocess.Popen([PROGRAMS["kre-worker"], *words, "--home", tmp_path / "worker", "--allow-command", "sh"], cwd=tmp_path,
                               stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True)
    if way == "stdin":
        process.stdin.write(line + "\n")
    process.stdin.close()
    wait_until(lambda: (tmp_path / "env.txt").exists() and (tmp_path / "env.txt").stat().st_size, "the program to run")
    assert token_of(line) not in open(f"/proc/{process.pid}/cmdline").read()
    assert token_of(line) not in (tmp_path / "env.txt").read_text()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0


def test_a_file_with_the_line_that_others_can_read_is_refused(home, tmp_path):
    path = tmp_path / "line"
    path.write_text("kre://h:1/x")
    path.chmod(0o644)
    done = subprocess.run([PROGRAMS["kre-worker"], "--join-file", path], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "holds a secret and is open to others: chmod 600" in done.stderr


def test_every_verb_works_on_a_daemon_elsewhere(study, home, tmp_path):
    line, elsewhere = join(home, "--role", "admin"), tmp_path / "elsewhere"
    (elsewhere / "runs" / "s").mkdir(parents=True)
    for words in (["status"], ["studies"], ["trials"], ["pause"], ["resume"], ["tokens"], ["ping"]):
        done = run("kre-search", *words, "--connect", line, home=elsewhere, check=True)
        assert token_of(line) not in done.stdout + done.stderr
    assert run("kre-search", "clean", "--connect", line, home=elsewhere).returncode == 2
    assert run("kre-search", "export", "--format", "db", "--output", "x.db", "--connect", line, home=elsewhere).returncode == 2
    run("kre-search", "delete", "s", "--yes", "--connect", line, home=elsewhere, check=True)
    assert study.call("study.list")["studies"] == [] and (elsewhere / "runs" / "s").exists()
    viewer = join(home, "--role", "viewer")
    done = run("kre-search", "stop", "s", "--connect", viewer, home=elsewhere)
    assert done.returncode == 1 and "a viewer's token cannot do this; an admin's line comes from 'kre-search join --role admin'" in done.stderr
    assert not (elsewhere / "trials.db").exists()


@pytest.fixture
def strange(daemon, home, tmp_path):
    """The home of another daemon, with models of a study of the same name; the study's file; and an admin's line."""
    spec = {**SPEC, "keep": {"models": "best 1"}}
    daemon.client().call("study.create", spec=spec)
    (tmp_path / "s.yaml").write_text(json.dumps(spec))
    mine = tmp_path / "mine"
    for number in range(5):
        (mine / "runs" / "s" / f"{number}-0-0" / "model").mkdir(parents=True)
        (mine / "runs" / "s" / f"{number}-0-0" / "stdout.log").write_text("mine")
    (mine / "trials.db").touch(mode=0o600)
    mine.chmod(0o700)
    return mine, tmp_path / "s.yaml", join(home, "--role", "admin")


def models(home):
    return sorted(path.parent.name for path in (home / "runs" / "s").glob("*/model"))


def test_a_study_elsewhere_leaves_the_models_of_one_with_its_name_here(strange, home, tmp_path):
    mine, file, line = strange
    assert worker(join(home), tmp_path).returncode == 0
    run("kre-search", "start", file, "--connect", line, home=mine, check=True)
    assert models(mine) == [f"{number}-0-0" for number in range(5)]


@pytest.mark.parametrize("address", ["line", "socket"])
def test_files_of_another_daemons_study_are_not_taken_for_a_trials(strange, daemon, home, tmp_path, address):
    mine, _, line = strange
    address = line if address == "line" else str(daemon.socket)
    assert worker(join(home), tmp_path).returncode == 0
    for words in (["best"], ["show", "s", "0"]):
        assert "folder" not in run("kre-search", *words, "--connect", address, home=mine, check=True).stdout
        assert f"{tmp_path}/worker/runs/s" in run("kre-search", *words, "--connect", address, home=tmp_path / "worker", check=True).stdout
    assert run("kre-search", "logs", "s", "0", "--connect", address, home=mine).returncode == 5
    assert run("kre-search", "clean", "s", "--connect", address, home=mine).returncode == 2
    run("kre-search", "delete", "s", "--yes", "--connect", address, home=mine, check=True)
    assert len(models(mine)) == 5
    done = run("kre-search", "best", "--connect", address, home=mine)
    assert done.returncode == 5 and f"there is no study in {mine}" not in done.stderr


@pytest.mark.parametrize("address", ["line", "socket"])
def test_workers_refuse_the_home_of_another_daemon(strange, daemon, home, address):
    mine, file, line = strange
    address = line if address == "line" else str(daemon.socket)
    done = run("kre-worker", address, "--home", mine, "--allow-command", "sh", "--until-finished")
    assert done.returncode == 2 and f"{mine} is the home of another daemon" in done.stderr and "--home DIR" in done.stderr
    done = run("kre-search", "start", file, "--workers", 1, "--connect", address, home=mine)
    assert done.returncode == 2 and f"{mine} is the home of another daemon" in done.stderr
    assert len(models(mine)) == 5 and daemon.client().call("trial.list", study="s")["trials"] == []


def test_the_end_of_a_daemon_elsewhere_names_no_log_that_is_here(strange, daemon, tmp_path):
    mine, file, line = strange
    remarks = tmp_path / "remarks"
    with open(remarks, "wb") as written:
        process = subprocess.Popen([PROGRAMS["kre-search"], "start", file, "--connect", line, "--home", mine], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=written)
    wait_until(lambda: "runs two here" in remarks.read_text(), "it to watch")
    daemon.kill()
    assert process.wait(PATIENCE_S) == 4
    said = remarks.read_text()
    assert "it was at 127.0.0.1:" in said and "daemon.log" not in said and token_of(line) not in said


def test_a_worker_over_the_network_may_use_the_home_of_its_own_daemon(study, home, tmp_path):
    done = run("kre-worker", join(home), "--home", home, "--allow-command", "sh", "--until-finished", check=True)
    assert (home / "runs" / "s" / "0-0-0").is_dir(), done.stderr


def test_an_admin_elsewhere_makes_lines_and_revokes_them(study, home, tmp_path):
    admin = join(home, "--role", "admin")
    done = run("kre-search", "join", "--connect", admin, home=tmp_path, check=True)
    (line,) = done.stdout.splitlines()
    assert line.rsplit("/", 1)[0] == admin.rsplit("/", 1)[0] and worker(line, tmp_path, "--count", "1").returncode == 0
    run("kre-search", "revoke", token_id(line), "--connect", admin, home=tmp_path, check=True)
    assert "this token was revoked" in worker(line, tmp_path).stderr
    assert run("kre-search", "join", "--port", "1", "--connect", admin, home=tmp_path).returncode == 2
    run("kre-search", "revoke", token_id(admin), "--connect", admin, home=tmp_path, check=True)  # its own, and hears of it
    assert run("kre-search", "tokens", "--connect", admin, home=tmp_path).returncode == 4


def test_where_nobody_listens_it_is_said_without_the_secret(study, home, tmp_path):
    line = join(home)
    run("kre-search", "listen", "--stop", home=home, check=True)
    done = run("kre-search", "status", "--connect", line, home=tmp_path)
    assert done.returncode == 4 and "connection refused" in done.stderr and token_of(line) not in done.stderr


# ---- what a daemon elsewhere may ask of a worker ----

def outcome(client, tmp_path, line, **keys):
    """The last trial of a study with these keys, after a worker from elsewhere was there."""
    client.call("study.create", spec={**SPEC, "name": "q", "budget": {"trials": 1}, "retries": 0, **keys})
    done = worker(line, tmp_path, "--study", "q", "--exit-when-idle", "--count", "1")
    (trial,) = client.call("trial.list", study="q")["trials"]
    return trial, done


def test_a_worker_reads_a_file_only_when_it_is_the_studys(study, home, tmp_path):
    data = tmp_path / "data.txt"
    data.write_text("f1=0.25\n")
    good = hashlib.sha256(data.read_bytes()).hexdigest()
    cat = {"command": ["sh", "-c", "cat ${file:train}"]}
    for name, sha256, state in (("wrong", "0" * 64, "RUNNING"), ("good", good, "COMPLETE")):
        study.call("study.create", spec={**SPEC, **cat, "name": name, "budget": {"trials": 1},
                                         "files": {"train": {"path": str(data), "sha256": sha256}}})
        done = worker(join(home), tmp_path, "--study", name, "--count", "1")
        (trial,) = study.call("trial.list", study=name)["trials"]
        assert trial["state"] == state, done.stderr
        assert ("a daemon elsewhere may name no other" in done.stderr) == (name == "wrong")


def test_one_known_file_opens_nothing_else_of_its_folder(study, home, tmp_path):
    private = tmp_path / "private"
    private.mkdir()
    (private / "known.txt").write_text("everybody has this one\n")
    (private / "other.json").write_text('["hidden"]')
    known = hashlib.sha256((private / "known.txt").read_bytes()).hexdigest()
    files = {"d/known.txt": {"path": str(private / "known.txt"), "sha256": known}}
    for other, sentence in (("${file:d}/other.json", "other.json: No such file"), (f"{private}/other.json", "is none of them")):
        trial, done = outcome(study, tmp_path, join(home), command=["kre-train", f"--data={other}"], files=files)
        assert trial["state"] == "FAIL" and sentence in trial["reason"], (trial["reason"], done.stderr)
        study.call("study.delete", study="q")
    trial, done = outcome(study, tmp_path, join(home), command=["sh", "-c", "ls ${file:d} >&2; exit 7"], files=files)
    assert "known.txt" in trial["reason"] and "other.json" not in trial["reason"], (trial["reason"], done.stderr)


def test_a_worker_tells_none_of_its_variables_and_reads_no_report_outside_of_the_run(study, home, tmp_path):
    os.environ["SECRET"] = "hidden"
    trial, done = outcome(study, tmp_path, join(home), command=["sh", "-c", "echo ${envvar:SECRET} >&2; exit 7"])
    assert trial["state"] == "FAIL" and "SECRET" in trial["reason"] and "hidden" not in trial["reason"]
    study.call("study.delete", study="q")
    for path in ("/etc/passwd", "a/../../b"):
        trial, done = outcome(study, tmp_path, join(home), report={"file": path})
        assert trial["state"] == "FAIL" and f"report file {path} is not in the folder of the run" in trial["reason"]
        study.call("study.delete", study="q")


# ---- who is turned away ----

def test_a_line_with_a_typing_error_or_cut_off_is_known_before_anything_is_sent(study, home, tmp_path):
    line = join(home)
    wrong = line[:-9] + ("0" if line[-9] != "0" else "1") + line[-8:]
    said = worker(wrong, tmp_path)
    assert said.returncode == 2 and "the address has a typing error near its end: copy the whole line again" in said.stderr
    said = worker(line[:-26], tmp_path)
    assert said.returncode == 2 and "the address is cut off: 41 of 67 characters" in said.stderr
    (token,) = study.call("token.list")["tokens"]
    assert token["last_used"] is None


def test_a_wrong_secret_hears_nothing_more_than_that_and_only_after_a_second(daemon, study, home):
    line = join(home)
    code = bytearray(int("".join(f"{ALPHABET.index(c):05b}" for c in token_of(line)[3:]), 2).to_bytes(40, "big"))
    code[10] ^= 1
    caller = Caller(line, hello=False)
    began = time.monotonic()
    refused(lambda: caller.call("hello", protocol=1, token=spell(bytes(code[:37]), "w")), -32024, "this token is not known here")
    assert time.monotonic() - began >= 0.9
    with pytest.raises(ConnectionError):
        caller.read()
    for _ in range(3):
        refused(lambda: Caller(line, token="w1-nonsense"), -32024, "this token is not known here")
    assert daemon.output().count("127.0.0.1 was refused") == 1
    assert study.call("token.list")["tokens"][0]["last_used"] is None


def spell(checked, letter):
    """The text of a token whose check is right."""
    code = checked + hashlib.sha256(b"kre-token" + checked).digest()[:3]
    bits = f"{int.from_bytes(code, 'big'):0320b}"
    return f"{letter}1-" + "".join(ALPHABET[int(bits[i:i + 5], 2)] for i in range(0, 320, 5))


def test_before_a_good_hello_a_line_is_short_and_afterwards_long(study, home):
    line = join(home)
    stranger = Caller(line, hello=False)
    stranger.socket.sendall(b'{"id":1,"method":"hello","params":{"protocol":1,"name":"' + b"x" * 5000)
    assert stranger.read()["error"] == {"code": -32020, "message": "before a good hello a line has 4 KiB at most"}
    known = Caller(line)
    assert known.call("study.list", padding="x" * 500000)["studies"]


def test_without_a_token_nobody_comes_in(study, home):
    line = join(home)
    refused(lambda: Caller(line, hello=False).call("hello", protocol=1), -32024,
            "a token is needed here: 'kre-search join' prints an address with one")
    refused(lambda: Caller(line, hello=False).call("study.list"), -32001, "say hello first")


def test_nothing_but_our_own_tls_is_answered(study, home):
    line = join(home)
    port = int(line.rsplit(":", 1)[1].split("/")[0])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for protocols in (["http/1.1"], None):
        if protocols:
            context.set_alpn_protocols(protocols)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as plain, pytest.raises((ssl.SSLError, ConnectionError)):
            secure = context.wrap_socket(plain)
            if not secure.recv(1):
                raise ConnectionError
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while plain.recv(1000):
            pass


def test_a_daemon_that_the_line_was_not_made_for_is_not_believed(study, home, tmp_path):
    line = join(home)
    strange = bytearray(int("".join(f"{ALPHABET.index(c):05b}" for c in token_of(line)[3:]), 2).to_bytes(40, "big"))
    strange[30] ^= 1
    done = worker(line.rsplit("/", 1)[0] + "/" + spell(bytes(strange[:37]), "w"), tmp_path)
    assert done.returncode == 1
    assert "is not the daemon this address was made for (its key is " in done.stderr and "somebody is in between" in done.stderr
    assert study.call("token.list")["tokens"][0]["last_used"] is None


@pytest.mark.parametrize("options, spoil, sentence", [
    ([], lambda home, line: run("kre-search", "revoke", token_id(line), home=home, check=True), "this token was revoked"),
    (["--uses", "1"], lambda home, line: Caller(line).close(), "this token was used as often as it may be: ask for a new line with 'kre-search join'"),
    (["--expires", "0.001s"], lambda home, line: time.sleep(0.01), "this token expired on "),
])
def test_a_token_that_holds_no_longer_says_why_to_who_has_it(study, home, tmp_path, options, spoil, sentence):
    line = join(home, *options)
    spoil(home, line)
    with pytest.raises(Refused) as caught:
        Caller(line)
    assert caught.value.code == -32024 and caught.value.message.startswith(sentence)
    done = worker(line, tmp_path)
    assert done.returncode == 1 and sentence in done.stderr
    assert study.call("study.get", study="s")["counts"]["COMPLETE"] == 0


# ---- what they may do ----

@pytest.mark.parametrize("role", ["worker", "viewer"])
def test_who_is_no_admin_changes_nothing(study, home, role):
    caller = Caller(join(home, "--role", role), role="admin")
    assert caller.hello["role"] == role
    before = all_of(study)
    for method, params in CHANGES.items():
        refused(lambda: caller.call(method, **params), -32002,
                f"a {role}'s token cannot do this; an admin's line comes from 'kre-search join --role admin'")
    assert all_of(study) == before


def test_an_admin_from_elsewhere_does_all_but_name_this_machines_disk_and_door(study, home):
    caller = Caller(join(home, "--role", "admin"), role="admin")
    caller.call("study.pause", study="s")
    caller.call("study.resume", study="s")
    for method in ("file.export", "listen.start", "listen.stop", "listen.get"):
        refused(lambda: caller.call(method, **CHANGES[method]), -32002, f"{method} is for the daemon's own machine, over its socket")
    with pytest.raises(Refused, match="only the daemon's own machine may name"):
        caller.call("study.create", spec={**SPEC, "name": "t", "files": {"train": "/etc/passwd"}})


def test_sessions_and_leases_of_another_are_of_no_use(study, home):
    mine, yours = Caller(join(home)), Caller(join(home))
    run_ = mine.call("trial.ask", id="one")["run"]
    claim = {"run": run_["run"], "lease": run_["lease"]}
    thief = Caller(join(home), session=mine.hello["session"])
    assert thief.call("trial.ask", id="one")["run"]["run"] != run_["run"]
    sentence = f"The lease {claim['lease']} of run {claim['run']} is somebody else's"
    for other in (yours, thief, study):
        refused(lambda: other.call("trial.report", **claim, step=0, value=0.9), -32010, sentence)
        refused(lambda: other.call("trial.tell", **claim, state="complete", value=0.9), -32010, sentence)
        assert other.call("lease.renew", leases=[claim])["lost"] == [claim["run"]]
    assert mine.call("lease.renew", leases=[claim])["lost"] == []
    assert mine.call("trial.report", **claim, step=0, value=0.5) == {"stop": None}
    assert mine.call("trial.tell", **claim, state="complete", value=0.5) == {"trial": "COMPLETE"}
    (trial,) = [t for t in study.call("trial.list", study="s")["trials"] if t["number"] == run_["number"]]
    assert trial["values"] == [0.5]


def test_a_line_for_one_study_is_of_no_use_for_another(study, home):
    study.call("study.create", spec={**SPEC, "name": "t"})
    caller = Caller(join(home, "--study", "t"))
    assert [s["name"] for s in caller.call("study.list")["studies"]] == ["t"]
    assert caller.call("trial.ask")["run"]["study"] == "t"
    refused(lambda: caller.call("trial.ask", study="s"), -32002, "this token is for the study t and no other")


def let_go(caller):
    with pytest.raises(ConnectionError):
        caller.read()


def test_a_line_for_one_study_goes_on_with_it_under_another_name(daemon, study, home):
    study.call("study.create", spec={**SPEC, "name": "t"})
    line = join(home, "--study", "t")
    caller = Caller(line)
    held = caller.call("trial.ask")["run"]
    with contextlib.closing(sqlite3.connect(daemon.database, isolation_level=None)) as file:
        file.execute("UPDATE studies SET study_name = 'u' WHERE study_name = 't'")
    wait_until(lambda: "u" in [s["name"] for s in study.call("study.list")["studies"]], "the new name")
    let_go(caller)
    study.call("study.create", spec={**SPEC, "name": "t"})
    again = Caller(line)
    assert [s["name"] for s in again.call("study.list")["studies"]] == ["u"]
    claim = {"run": held["run"], "lease": held["lease"]}
    assert again.call("lease.renew", leases=[claim])["lost"] == [] and again.call("trial.ask")["run"]["study"] == "u"


@pytest.mark.parametrize("trials", [1, 60])  # the rows of many go later
def test_a_line_for_one_study_ends_with_it(daemon, study, home, trials):
    study.call("study.create", spec={**SPEC, "name": "t"})
    for at in range(trials):
        study.call("trial.enqueue", study="t", params={"x": at / trials})
    line, other = join(home, "--study", "t"), join(home, "--study", "s")
    caller = Caller(line)
    study.call("study.delete", study="t")
    let_go(caller)
    study.call("study.create", spec={**SPEC, "name": "t"})
    refused(lambda: Caller(line), -32024, "this token was revoked")
    assert Caller(other).call("trial.ask")["run"]["study"] == "s"


def test_a_line_for_one_study_ends_with_it_where_another_program_deletes_it(daemon, study, home):
    study.call("study.create", spec={**SPEC, "name": "t"})
    line = join(home, "--study", "t")
    with contextlib.closing(sqlite3.connect(daemon.database, isolation_level=None)) as file:
        file.execute("DELETE FROM studies WHERE study_name = 't'")
    wait_until(lambda: [s["name"] for s in study.call("study.list")["studies"]] == ["s"], "the study to be gone")
    refused(lambda: Caller(line), -32024, "this token was revoked")


# ---- the end ----

def test_revoking_ends_the_session_at_once_and_hands_its_run_out_again(study, home):
    line = join(home)
    caller, other = Caller(line), Caller(join(home))
    held = caller.call("trial.ask")["run"]
    done = run("kre-search", "revoke", token_id(line), home=home, check=True)
    assert done.stdout.strip().endswith("1 sessions, 1 runs")
    with pytest.raises(ConnectionError):
        caller.read()
    again = other.call("trial.ask")["run"]
    assert (again["number"], again["attempt"]) == (held["number"], held["attempt"] + 1)


def test_a_worker_whose_token_is_revoked_stops_its_program_and_leaves(daemon, home, tmp_path):
    client = daemon.client()
    client.call("study.create", spec={**SPEC, "command": ["sh", "-c", "echo f1=0.1; sleep 600"]})
    line = join(home)
    process = subprocess.Popen([PROGRAMS["kre-worker"], line, "--home", tmp_path / "worker", "--allow-command", "sh"],
                               stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    wait_until(lambda: client.call("study.get", study="s")["counts"]["RUNNING"] == 1, "the run to begin")
    run("kre-search", "revoke", token_id(line), home=home, check=True)
    assert process.wait(PATIENCE_S) == 1
    assert "this token was revoked" in process.stderr.read()


def test_a_viewers_line_is_of_no_use_to_a_worker_which_says_so(study, home, tmp_path):
    done = worker(join(home, "--role", "viewer"), tmp_path)
    assert done.returncode == 1
    assert "the line is a viewer's, who takes no runs; a worker's comes from 'kre-search join'" in done.stderr


def test_a_worker_tells_what_its_machine_has(daemon, study, home, tmp_path):
    assert worker(join(home), tmp_path, "--count", "1").returncode == 0
    ((threads, memory_mb),) = daemon.sql("SELECT threads, memory_mb FROM workers")
    assert threads == len(os.sched_getaffinity(0)) and memory_mb > 100


def test_an_expired_watcher_hears_no_more(study, home):
    viewer = Caller(join(home, "--role", "viewer", "--expires", "8s"), role="viewer")
    viewer.call("watch")
    with pytest.raises(ConnectionError):
        viewer.read()
