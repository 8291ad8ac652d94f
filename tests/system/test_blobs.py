"""Files of studies by their content: kept when a study starts, brought, and given to those who work for it."""

import base64
import hashlib
import os
import pathlib
import sqlite3
import stat

import pytest

from support.network import Caller, join
from support.programs import Refused, run

CHUNK = 262144
SPEC = {"name": "s", "method": "random", "command": ["true"], "metric": {"name": "f1", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}
BYTES = bytes((i * 31 + i // 256) % 256 for i in range(2 * CHUNK + 1000))
SHA256 = hashlib.sha256(BYTES).hexdigest()


def bring(client, content, chunk=CHUNK):
    """Brings what is missing and returns how much was there already."""
    about = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    there = first = client.call("blob.put", **about)
    while not there["done"]:
        data = base64.b64encode(content[there["offset"]:][:chunk]).decode()
        there = client.call("blob.put", **about, offset=there["offset"], data=data)
    return first["offset"]


def fetch(client, sha256):
    content, size = b"", 1
    while len(content) < size:
        piece = client.call("blob.get", sha256=sha256, offset=len(content))
        content, size = content + base64.b64decode(piece["data"]), piece["size"]
    return content


def create(client, name="s", sha256=SHA256, size=len(BYTES)):
    client.call("study.create", spec={**SPEC, "name": name, "files": {"train": {"path": "/nowhere/train.csv", "sha256": sha256, "size_bytes": size}}})


def refused(code, call, **params):
    with pytest.raises(Refused) as caught:
        call(**params)
    assert caught.value.code == code
    return caught.value.message


def kept(home):
    return sorted(path.name for path in (pathlib.Path(home) / "blobs").glob("*/*"))


def test_a_file_is_brought_and_fetched_piece_by_piece(daemon, home):
    client = daemon.client()
    assert bring(client, BYTES) == 0
    assert bring(client, BYTES) == len(BYTES)
    assert kept(home) == [SHA256]
    assert stat.S_IMODE(os.stat(home / "blobs" / SHA256[:2] / SHA256).st_mode) == 0o400
    refused(-32003, client.call, method="blob.get", sha256=SHA256)  # no study has it
    create(client)
    assert fetch(daemon.client(role="worker"), SHA256) == BYTES
    assert client.call("blob.get", sha256=SHA256, offset=5, length=3)["data"] == base64.b64encode(BYTES[5:8]).decode()
    assert client.call("blob.get", sha256=SHA256, offset=1 << 40)["data"] == ""
    assert bring(client, b"") == 0


def test_a_killed_daemon_goes_on_behind_what_it_has(daemon, home):
    client = daemon.client()
    client.call("blob.put", sha256=SHA256, size=len(BYTES), data=base64.b64encode(BYTES[:CHUNK]).decode())
    daemon.kill()
    assert kept(home) == [SHA256 + ".part"]
    daemon.start()
    client = daemon.client()
    assert bring(client, BYTES) == CHUNK
    create(client)
    assert fetch(client, SHA256) == BYTES


def test_wrong_pieces_are_refused(daemon, home):
    client = daemon.client()
    wrong = base64.b64encode(BYTES[1:]).decode()
    assert "sha256" in refused(-32022, client.call, method="blob.put", sha256=hashlib.sha256(b"abc").hexdigest(), size=3, data="YWJk")
    assert kept(home) == []
    for params in [{"sha256": "../../trials.db", "size": 3}, {"sha256": SHA256, "size": 3, "data": "###"}, {"sha256": SHA256, "size": len(BYTES), "data": wrong}]:
        refused(-32602, client.call, method="blob.put", **params)
    refused(-32602, client.call, method="blob.put", sha256=SHA256, size=(16 << 30) + 1)
    for params in [{"sha256": "../trials.db"}, {"sha256": SHA256, "length": CHUNK + 1}, {"sha256": SHA256, "offset": -1}]:
        refused(-32602, client.call, method="blob.get", **params)
    create(client)
    refused(-32003, client.call, method="blob.get", sha256=SHA256)  # the study has it, and it is not here


def test_over_the_network_files_are_known_by_what_was_brought(daemon, home):
    admin = Caller(join(home, "--role", "admin"), role="admin")
    with pytest.raises(Refused) as caught:
        create(admin)
    assert caught.value.code == -32005
    bring(admin, BYTES)
    create(admin)
    other = b"of another study"
    bring(admin, other)
    create(admin, "other", hashlib.sha256(other).hexdigest(), len(other))
    worker = Caller(join(home, "--study", "s"))
    assert fetch(worker, SHA256) == BYTES
    refused(-32003, worker.call, method="blob.get", sha256=hashlib.sha256(other).hexdigest())
    refused(-32002, worker.call, method="blob.put", sha256=SHA256, size=len(BYTES))


def test_start_keeps_a_copy_that_a_later_edit_does_not_change(daemon, home, tmp_path):
    (tmp_path / "train.csv").write_bytes(BYTES)
    (tmp_path / "s.yaml").write_text("name: s\ncommand: ['true']\nmetric: {name: f1}\nfiles: {train: train.csv}\nparameters: {x: {min: 0.0, max: 1.0}}\n")
    run("kre-search", "start", tmp_path / "s.yaml", "--detach", home=home, check=True)
    (tmp_path / "train.csv").write_bytes(b"edited")
    assert kept(home) == [SHA256]
    assert fetch(daemon.client(role="worker"), SHA256) == BYTES
    again = run("kre-search", "start", tmp_path / "s.yaml", "--detach", home=home)
    assert again.returncode != 0 and "files.train" in again.stderr


def test_start_brings_its_files_to_a_daemon_elsewhere(daemon, home, tmp_path):
    (tmp_path / "train.csv").write_bytes(BYTES)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "s.yaml").write_text("name: s\ncommand: ['true']\nmetric: {name: f1}\nfiles: {train: train.csv, empty: empty}\nparameters: {x: {min: 0.0, max: 1.0}}\n")
    line = join(home, "--role", "admin")
    run("kre-search", "start", tmp_path / "s.yaml", "--detach", "--connect", line, home=tmp_path / "other", check=True)
    assert kept(home) == sorted([SHA256, hashlib.sha256(b"").hexdigest()]) and not (tmp_path / "other").exists()
    assert fetch(daemon.client(role="worker"), SHA256) == BYTES


def test_what_no_study_needs_goes_when_the_daemon_starts(daemon, home):
    client = daemon.client()
    other = b"nobody needs it"
    bring(client, BYTES)
    bring(client, other)
    create(client)
    for path in (home / "blobs").glob("*/*"):
        os.utime(path, (1000, 1000))
    daemon.kill()
    daemon.start()
    assert kept(home) == [SHA256]


def test_what_a_study_needs_whose_spec_cannot_be_read_stays(daemon, home):
    client = daemon.client()
    bring(client, BYTES)
    create(client)
    os.utime(home / "blobs" / SHA256[:2] / SHA256, (1000, 1000))
    daemon.kill()
    with sqlite3.connect(daemon.database) as connection:
        connection.execute("update kre_studies set spec_json = replace(spec_json, '\"random\"', '\"of a later version\"')")
    daemon.start()
    assert "The study s is left alone" in daemon.output() and kept(home) == [SHA256]
    for adopt in (False, True):
        with pytest.raises(Refused) as caught:
            daemon.client().call("study.create", spec=SPEC, adopt=adopt)
        assert "its study file cannot be read" in caught.value.message
