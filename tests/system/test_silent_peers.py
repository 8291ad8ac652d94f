"""A machine that is gone without a word: the kernel of the other one finds out, and how soon goes by the leases."""

import ctypes
import os
import socket

import pytest

from support.network import Caller, join
from support.programs import Daemon, wait_until

TCP_USER_TIMEOUT, PIDFD_GETFD = 18, 438


def patience_ms(daemon):
    """How long each connection of the daemon over the network waits for an acknowledgement; asked of its own sockets."""
    found, descriptor = [], os.pidfd_open(daemon.process.pid)
    for name in os.listdir(f"/proc/{daemon.process.pid}/fd"):
        copy = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, descriptor, int(name), 0)
        if copy < 0:
            continue
        try:
            with socket.socket(fileno=copy) as one:
                if one.family != socket.AF_UNIX and not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    found.append(one.getsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT))
        except OSError:
            os.close(copy)
    os.close(descriptor)
    return sorted(found)


@pytest.mark.parametrize("lease_s, patience", [(5, 5000), (90, 30000)])
def test_what_is_not_acknowledged_for_a_third_of_a_lease_ends_a_connection_that_has_greeted(home, lease_s, patience):
    daemon = Daemon(home, f"--lease-s={lease_s}").start()
    line = join(home)
    stranger = Caller(line, hello=False)
    if not patience_ms(daemon):
        daemon.stop()
        pytest.skip("the sockets of another process cannot be looked at here")
    assert patience_ms(daemon) == [20000]
    worker = Caller(line)
    assert worker.hello["lease_s"] == lease_s
    wait_until(lambda: patience_ms(daemon) == sorted([20000, patience]), "the daemon to say so to the kernel")
    for one in (stranger, worker):
        one.close()
    assert daemon.stop() == 0
