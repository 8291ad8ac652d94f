"""The door to the network while strangers crowd it: who is inside works on, who has a line gets in, and the crowd costs little."""

import contextlib
import os
import re
import resource
import socket
import ssl
import threading

import pytest

from support.network import Caller, join
from support.programs import wait_until

UNKNOWN_MOST = 256
SPEC = {"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}


def client_hello():
    """The first bytes of a client of ours, to be sent again and again: they make the daemon do the dearest part."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["kre/1"])
    out = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="0000000000000000.kre").do_handshake()
    return out.read()


@pytest.fixture
def crowd():
    """Makes connections from an address of this machine; they end with the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    there = []

    def knock(port, source, words=b""):
        stranger = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
        there.append(stranger)
        if words:
            stranger.sendall(words)
        return stranger

    yield knock
    for stranger in there:
        stranger.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def line(daemon, home):
    daemon.client().call("study.create", spec=SPEC)
    return join(home)


@pytest.fixture
def flood(line):
    """Says a client's first words again and again, from 40 addresses, as fast as it goes, and never goes on."""
    words, over, said = client_hello(), threading.Event(), []

    def go_on():
        there = [None] * 200
        while not over.is_set():
            place = len(said) % len(there)
            if there[place]:
                there[place].close()
            with contextlib.suppress(OSError):
                there[place] = socket.create_connection(("127.0.0.1", port_of(line)), source_address=(f"127.0.1.{len(said) % 40 + 1}", 0))
                there[place].sendall(words)
            said.append(place)
        for stranger in filter(None, there):
            stranger.close()

    thread = threading.Thread(target=go_on)
    thread.start()
    yield said
    over.set()
    thread.join()


def port_of(line):
    return int(re.search(r":(\d+)/", line).group(1))


def sockets(daemon):
    """How many the daemon has open."""
    folder, count = f"/proc/{daemon.process.pid}/fd", 0
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(f"{folder}/{name}").startswith("socket:")
    return count


def is_closed(stranger):
    with contextlib.suppress(BlockingIOError):
        return stranger.recv(1, socket.MSG_DONTWAIT) == b""
    return False


def work(caller):
    run = caller.call("trial.ask", study="s")["run"]
    for step in range(3):
        assert caller.call("trial.report", run=run["run"], lease=run["lease"], step=step, value=0.5) == {"stop": None}
    assert caller.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=0.5)["trial"] == "COMPLETE"


def test_a_thousand_who_say_nothing_are_no_more_than_a_few(daemon, line, crowd):
    inside = Caller(line)
    before = sockets(daemon)
    for i in range(1000):
        crowd(port_of(line), f"127.0.1.{i // 25 + 1}")
        if i % 100 == 0:
            work(inside)
    wait_until(lambda: sockets(daemon) <= before + UNKNOWN_MOST, "the daemon to hang up on those who waited longest")
    work(inside)
    work(Caller(line))


def test_of_one_address_the_one_that_waited_longest_goes(daemon, line, crowd):
    other = crowd(port_of(line), "127.0.1.2")
    strangers = [crowd(port_of(line), "127.0.1.1") for _ in range(UNKNOWN_MOST)]
    wait_until(lambda: is_closed(strangers[0]), "the first of them to be hung up on")
    work(Caller(line))
    assert not is_closed(strangers[-1]) and not is_closed(other)


def test_many_of_one_machine_come_in_at_once(line):
    """They greet when they are let in, not before: none is hung up on for the sake of another."""
    callers = []
    threads = [threading.Thread(target=lambda: callers.append(Caller(line))) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(callers) == 100
    for caller in callers:
        assert caller.call("daemon.ping")["software"]
        caller.close()


def test_those_of_a_few_addresses_push_out_each_other_and_nobody_else(daemon, line, crowd):
    before, alone = sockets(daemon), crowd(port_of(line), "127.0.0.1")
    for i in range(UNKNOWN_MOST + 100):
        crowd(port_of(line), f"127.0.1.{i % 40 + 1}")
    wait_until(lambda: sockets(daemon) == before + UNKNOWN_MOST, "the daemon to have taken in as many as it does")
    assert not is_closed(alone)


def test_greetings_said_again_and_again_keep_nobody_out_and_nobody_from_work(line, flood):
    inside = None
    for _ in range(5):
        wait_until(lambda before=len(flood): len(flood) > before + 200, "more to have come than are kept")
        inside = inside or Caller(line)
        work(Caller(line))
        work(inside)


@pytest.mark.parametrize("words", [b"GET / HTTP/1.1\r\nHost: gpu3\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", bytes(5000), b"\x16\x03\x01\x3e\x80" + bytes(6000),
                                   b'{"id":1,"method":"hello","params":{"protocol":1,"role":"admin"}}\n'])
def test_what_is_no_greeting_of_ours_is_hung_up_on_without_a_word(daemon, line, crowd, words):
    stranger, heard = crowd(port_of(line), "127.0.0.1", words), b""
    with contextlib.suppress(ConnectionResetError):
        while more := stranger.recv(100):
            heard += more
    assert len(heard) <= 7  # an alert of TLS
    work(Caller(line))
