#!/usr/bin/env python3
"""A file through the daemon's socket and back: MB/s as its other end in Python sees it, and the daemon's own CPU.

blob_speed.py [MB] with KRE_BUILD naming the build. The peer is cp on the same disk.
"""

import base64
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.programs import Daemon  # noqa: E402

CHUNK = 262144


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(what, daemon, megabytes, move):
    began_s, began_cpu_s = time.monotonic(), cpu_s(daemon.process.pid)
    move()
    took_s, used_s = time.monotonic() - began_s, cpu_s(daemon.process.pid) - began_cpu_s
    print(f"{what:9} {megabytes / took_s:8.0f} MB/s   daemon {used_s * 1000 / megabytes:6.2f} s of CPU a GB, {used_s / took_s:4.0%} of the time")
    return megabytes / took_s


def main():
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "file"
        digest = hashlib.sha256()
        with open(path, "wb") as out:
            for _ in range(megabytes):
                piece = os.urandom(1000000)
                digest.update(piece)
                out.write(piece)
        sha256, size = digest.hexdigest(), path.stat().st_size
        daemon = Daemon(pathlib.Path(folder) / "home").start()
        client = daemon.client()

        def put():
            there = client.call("blob.put", sha256=sha256, size=size)
            with open(path, "rb") as source:
                while not there["done"]:
                    source.seek(there["offset"])
                    there = client.call("blob.put", sha256=sha256, size=size, offset=there["offset"], data=base64.b64encode(source.read(CHUNK)).decode())

        def get():
            offset = 0
            while offset < size:
                offset += len(base64.b64decode(client.call("blob.get", sha256=sha256, offset=offset)["data"]))

        came = timed("blob.put", daemon, megabytes, put)
        client.call("study.create", spec={"name": "s", "method": "random", "command": ["true"], "metric": {"name": "f1", "goal": "maximize"},
                                          "parameters": {"x": {"min": 0.0, "max": 1.0}},
                                          "files": {"train": {"path": "/nowhere", "sha256": sha256, "size_bytes": size}}})
        went = timed("blob.get", daemon, megabytes, get)
        began_s = time.monotonic()
        subprocess.run(["cp", path, pathlib.Path(folder) / "copy"], check=True)
        os.sync()
        peer = megabytes / (time.monotonic() - began_s)
        print(f"cp        {peer:8.0f} MB/s   put {came / peer:.2f}, get {went / peer:.2f} of it")
        daemon.stop()
        shutil.rmtree(daemon.home)


if __name__ == "__main__":
    main()
