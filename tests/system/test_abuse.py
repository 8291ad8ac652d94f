"""Those who do at the door, or with a line that is good, what no program of ours does: it costs them their connection, and nobody else."""

import re
import socket
import ssl
import threading

import pytest

from support.key_updates import KeyUpdater
from support.network import Caller, join, token_of
from support.programs import PATIENCE_S, Client, Daemon, Refused, run, wait_until

SPEC = {"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}
FILES_MOST, PEERS_MOST = 96, 48


def port_of(line):
    return int(re.search(r":(\d+)/", line).group(1))


def processor_s(daemon):
    user, system = open(f"/proc/{daemon.process.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / 100


@pytest.fixture
def line(daemon, home):
    daemon.client().call("study.create", spec=SPEC)
    return join(home)


# ---- new keys, again and again ----

@pytest.mark.parametrize("known", [False, True], ids=["a stranger", "a worker"])
def test_a_flood_of_questions_for_new_keys_ends_the_connection_at_once(daemon, line, known):
    inside = Caller(line)
    flooder = KeyUpdater(port_of(line))
    if known:
        flooder.write(b'{"id":1,"method":"hello","params":{"protocol":1,"token":"%s"}}\n' % token_of(line).encode())
        flooder.send()
        assert b'"session"' in flooder.read()
    before = processor_s(daemon)
    flooder.ask_for_keys(100_000)
    with pytest.raises(OSError):
        flooder.send()
        while flooder.hear():
            pass
        raise ConnectionResetError
    assert processor_s(daemon) - before < 1  # an answer to all takes several seconds
    assert inside.call("daemon.ping")["software"]
    flooder.close()


def test_who_asks_for_new_keys_now_and_then_gets_them(daemon, line):
    caller = KeyUpdater(port_of(line))
    caller.write(b'{"id":1,"method":"hello","params":{"protocol":1,"token":"%s"}}\n' % token_of(line).encode())
    caller.send()
    assert b'"session"' in caller.read()
    for _ in range(30):
        caller.ask_for_keys(1)
        caller.write(b'{"id":2,"method":"daemon.ping"}\n')
        caller.send()
        assert b'"software"' in caller.read()
    caller.close()


# ---- other versions, other names ----

def test_an_older_tls_is_not_spoken(daemon, line):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["kre/1"])
    with socket.create_connection(("127.0.0.1", port_of(line)), timeout=PATIENCE_S) as plain, pytest.raises(ssl.SSLError, match="VERSION"):
        context.wrap_socket(plain)
    assert Caller(line).call("daemon.ping")["software"]


@pytest.mark.parametrize("name", ["../up", "/tmp/up", "..", "a/../../up"])
def test_no_name_leads_out_of_a_folder(daemon, home, line, name):
    admin = Caller(join(home, "--role", "admin"), role="admin", name=name)
    before = sorted(path.relative_to(home.parent) for path in home.parent.rglob("*") if "trials.db" not in path.name)
    calls = [("study.create", {"spec": {**SPEC, "name": "t", "files": {name: "x"}}}), ("study.get", {"study": name}),
             ("study.delete", {"study": name}), ("trial.artifacts", {"study": name, "number": 0}), ("blob.get", {"sha256": name}),
             ("blob.put", {"sha256": name, "size": 1}), ("token.revoke", {"id": name}), ("token.create", {"role": "worker", "study": name})]
    for method, params in calls:
        with pytest.raises(Refused):
            admin.call(method, **params)
    assert re.fullmatch("[a-z-][a-z.-]*", admin.call("study.create", spec={**SPEC, "name": name})["study"])
    after = sorted(path.relative_to(home.parent) for path in home.parent.rglob("*") if "trials.db" not in path.name)
    assert after == before


# ---- as many as may be ----

@pytest.fixture
def small_house(home):
    """A daemon that may open few files."""
    small = Daemon(home, within=lambda words: ["prlimit", f"--nofile={FILES_MOST}:{FILES_MOST}", *words]).start()
    yield small
    assert small.stop() == 0, small.output()


def test_who_comes_when_the_house_is_full_waits_until_somebody_goes(small_house, home):
    small_house.client().call("study.create", spec=SPEC)
    line, late = join(home), []
    inside = [Caller(line) for _ in range(PEERS_MOST)]
    newcomer = threading.Thread(target=lambda: late.append(Caller(line)))
    newcomer.start()
    full = f"{PEERS_MOST} peers have come over the network, as many as may"
    wait_until(lambda: full in small_house.output(), "the daemon to be full")
    assert not late and inside[0].call("daemon.ping")["software"]
    assert run("kre-search", "status", "s", home=home).returncode == 0  # its owner gets in
    assert Client(small_house.socket).call("study.list")["studies"]
    inside.pop().close()
    newcomer.join(PATIENCE_S)
    assert late[0].call("trial.ask", study="s")["run"]["number"] == 0
    for caller in inside + late:
        caller.close()
    assert small_house.output().count(full) == 1
    assert "too many open files" not in small_house.output()


def test_strangers_do_not_fill_a_small_house(small_house, home):
    line = join(home)
    silent = [socket.create_connection(("127.0.0.1", port_of(line)), source_address=(f"127.0.2.{i // 10 + 1}", 0)) for i in range(2 * PEERS_MOST)]
    assert Caller(line).call("daemon.ping")["software"]
    for stranger in silent:
        stranger.close()
