"""Every example of PROTOCOL.md, sent to a real daemon in the order of the page."""

import json
import pathlib
import re

import pytest

from support.programs import ROOT, Client, Daemon

PAGE = (ROOT / "schema" / "api" / "PROTOCOL.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```wire\n(.*?)^```$", PAGE, re.M | re.S)
ANYTHING = "…"


def matches(expected, actual):
    """Compares with placeholders: "…" is anything, "a…b" a text, a key "…" allows keys that are not shown."""
    if expected == ANYTHING:
        return True
    if isinstance(expected, str) and ANYTHING in expected:
        pattern = ".*".join(re.escape(part) for part in expected.split(ANYTHING))
        return isinstance(actual, str) and re.fullmatch(pattern, actual, re.S) is not None
    if isinstance(expected, dict):
        shown = {key: value for key, value in expected.items() if key != ANYTHING}
        complete = ANYTHING in expected or shown.keys() == getattr(actual, "keys", tuple)()
        return isinstance(actual, dict) and complete and all(
            key in actual and matches(value, actual[key]) for key, value in shown.items())
    if isinstance(expected, list):
        return isinstance(actual, list) and len(actual) == len(expected) and all(map(matches, expected, actual))
    return type(expected) in (type(actual), int, float) and expected == actual


def test_placeholders_let_nothing_else_pass():
    assert matches({"a": ANYTHING, ANYTHING: ANYTHING}, {"a": [1], "b": 2})
    assert matches(["…Z", 1, None], ["2026Z", 1.0, None])
    for expected, actual in [({"a": 1}, {"a": 1, "b": 2}), ({"a": 1}, {"a": 2}), ("…Z", "z"), ([1], [1, 1]), (None, 0),
                             ({"a": 1, ANYTHING: ANYTHING}, {"b": 1}), ({}, []), (1, "1"), ("1", 1)]:
        assert not matches(expected, actual), (expected, actual)


def play(daemon, client, line):
    """Plays one line of an example; returns the client for the next one. A hello opens a connection of its own."""
    if line == "closed":
        with pytest.raises(ConnectionError):
            client.read()
        return None
    mark, text = line[0], line[2:]
    if mark == "→":
        if client is None or '"hello"' in text and client.greeted:
            client = Client(daemon.socket, hello=False)
            client.greeted = False
            daemon.clients.append(client)
        client.greeted = client.greeted or '"hello"' in text
        client.socket.sendall(text.encode() + b"\n")
        return client
    assert mark == "←", line
    reply = client.read()
    assert reply.pop("jsonrpc") == "2.0"
    assert matches(json.loads(text), reply), f"\nexpected {text}\ngot      {json.dumps(reply, ensure_ascii=False)}"
    return client


def test_the_examples_of_the_page_are_what_the_daemon_says(home):
    daemon = Daemon(home).start()
    client = None
    try:
        for line in "".join(EXAMPLES).splitlines():
            client = play(daemon, client, line)
        assert daemon.process.wait(60) == 0
        assert not pathlib.Path(daemon.socket).exists()
    finally:
        daemon.stop()


def test_every_method_has_a_heading_and_an_example():
    header = (ROOT / "schema" / "api" / "message.h").read_text(encoding="utf-8")
    methods = re.findall(r'X\("([a-z.]+)",', header)
    assert len(methods) >= 18
    headings = " ".join(re.findall(r"^## (.*)$", PAGE, re.M)).replace(",", "").split()
    sent = re.findall(r'"method":"([a-z.]+)"', "".join(EXAMPLES))
    for method in methods:
        assert method in headings and method in sent, method


def test_the_table_of_roles_is_the_one_in_the_code():
    header = (ROOT / "schema" / "api" / "message.h").read_text(encoding="utf-8")
    rows = re.findall(r'X\("([a-z.]+)", \w+, ([A-Z_ |0]+),', header)
    assert len(rows) >= 18
    for method, roles in rows:
        (cells,) = re.findall(r"\[%s\]\([^)]*\) \|(.*?)\|(.*?)\| ✓ \|" % re.escape(method), PAGE)
        assert [cell.strip() == "✓" for cell in cells] == ["ROLE_WORKER" in roles, "ROLE_VIEWER" in roles], method


def test_every_error_code_is_explained():
    header = (ROOT / "schema" / "api" / "message.h").read_text(encoding="utf-8")
    codes = re.findall(r"WIRE_\w+ = -(\d+)", header)
    assert len(codes) > 10
    for code in codes:
        assert f"| −{code} |" in PAGE, code
