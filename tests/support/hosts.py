"""Several hosts on this machine: a network namespace each, joined by a relay that can delay, lose, throttle and cut, one way or both.

A relay, because this tells nobody that a link is gone: no RST, no FIN, as when somebody pulls a cable. Addresses are 10.77.0.1, .2 …
"""

import concurrent.futures
import ctypes
import dataclasses
import fcntl
import heapq
import os
import random
import select
import shutil
import struct
import subprocess
import threading
import time

PACKET_BYTES = 65536
QUEUE_S = 0.4  # what a throttled link keeps before it drops
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000


def missing():
    """Why there can be no hosts here, or an empty string."""
    if not shutil.which("ip") or not shutil.which("nsenter"):
        return "ip or nsenter is not installed (iproute2, util-linux)"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun is not there for us"
    probe = Hosts(1)
    try:
        probe.start().stop()
    except (OSError, subprocess.CalledProcessError) as failure:
        subprocess.run(["ip", "netns", "delete", probe.names[1]], capture_output=True)
        return f"no network namespace with a tunnel may be made here: {failure}"
    return ""


@dataclasses.dataclass
class Way:
    """From one host to another."""
    delay_s: float = 0
    loss: float = 0  # 0 … 1
    bytes_per_s: float = 0  # 0 = as fast as it goes
    down: bool = False
    free_at: float = 0


class Hosts:
    """`count` hosts, from 1. Everything may be changed while packets fly."""

    def __init__(self, count):
        self.count = count
        self.names = {i: f"kre{os.getpid()}h{i}" for i in range(1, count + 1)}
        self.ways = {(a, b): Way() for a in self.names for b in self.names if a != b}
        self.tunnels = {}
        self.flying = []  # heap of (due, number, host, packet)
        self.number = 0
        self.chance = random.Random(11)
        self.stopping, self.stopped = os.pipe()

    def address(self, host):
        return f"10.77.0.{host}"

    def command(self, host, *command):
        """The command, as that host runs it."""
        return ["nsenter", f"--net=/run/netns/{self.names[host]}", *map(str, command)]

    # ---- the weather ----

    def change(self, a, b, **what):
        """Both ways between two hosts."""
        self.change_way(a, b, **what)
        self.change_way(b, a, **what)

    def change_way(self, source, target, **what):
        for name, value in what.items():
            setattr(self.ways[source, target], name, value)

    def cut(self, host):
        """That host reaches nobody and nobody it."""
        for ends, way in self.ways.items():
            way.down = way.down or host in ends

    def mend(self, host):
        for ends, way in self.ways.items():
            way.down = way.down and host not in ends

    # ---- life ----

    def start(self):
        for host, name in self.names.items():
            subprocess.run(["ip", "netns", "add", name], check=True)
        opener = concurrent.futures.ThreadPoolExecutor(1)
        opener.submit(self._open_tunnels).result()
        opener.shutdown()
        for host, name in self.names.items():
            for words in (["link", "set", "lo", "up"], ["addr", "add", f"{self.address(host)}/24", "dev", "eth0"],
                          ["link", "set", "eth0", "up"]):
                subprocess.run(["ip", "-n", name, *words], check=True)
        self.relay = threading.Thread(target=self._relay, daemon=True)
        self.relay.start()
        return self

    def _open_tunnels(self):
        """In a thread of its own, which alone moves into the namespaces."""
        libc = ctypes.CDLL(None, use_errno=True)
        for host, name in self.names.items():
            with open(f"/run/netns/{name}") as namespace:
                if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH", b"eth0", IFF_TUN | IFF_NO_PI))
            self.tunnels[host] = tunnel

    def stop(self):
        os.close(self.stopped)
        self.relay.join()
        os.close(self.stopping)
        for tunnel in self.tunnels.values():
            os.close(tunnel)
        for name in self.names.values():
            subprocess.run(["ip", "netns", "delete", name], check=True)

    # ---- the relay ----

    def _relay(self):
        by_tunnel = {tunnel: host for host, tunnel in self.tunnels.items()}
        while True:
            wait_s = max(0, self.flying[0][0] - time.monotonic()) if self.flying else None
            ready, _, _ = select.select([self.stopping, *by_tunnel], [], [], wait_s)
            if self.stopping in ready:
                return
            for tunnel in ready:
                self._take(by_tunnel[tunnel], tunnel)
            self._deliver()

    def _take(self, source, tunnel):
        """All that the host has sent; 64 packets at most, for the others' sake."""
        for _ in range(64):
            try:
                packet = os.read(tunnel, PACKET_BYTES)
            except BlockingIOError:
                return
            if packet[0] >> 4 == 4:
                self._send(source, packet[19], packet)

    def _send(self, source, target, packet):
        way = self.ways.get((source, target))
        if way is None or way.down or self.chance.random() < way.loss:
            return
        now = time.monotonic()
        leaves = max(now, way.free_at)
        if leaves > now + QUEUE_S:
            return
        if way.bytes_per_s:
            leaves += len(packet) / way.bytes_per_s
            way.free_at = leaves
        self.number += 1
        heapq.heappush(self.flying, (leaves + way.delay_s, self.number, target, packet))

    def _deliver(self):
        now = time.monotonic()
        while self.flying and self.flying[0][0] <= now:
            _, _, target, packet = heapq.heappop(self.flying)
            try:
                os.write(self.tunnels[target], packet)
            except BlockingIOError:
                pass  # as a full queue drops
