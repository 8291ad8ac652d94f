"""A client of the daemon's door to the network that the tests play themselves, and the line by which one comes in."""

import re
import socket
import ssl

from support.programs import PATIENCE_S, Client, run

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def join(home, *options, port=0):
    """The line that `kre-search join` prints, for this machine alone; any free port the first time."""
    known = run("kre-search", "listen", "--status", "--json", home=home)
    place = [] if '"listening":true' in known.stdout else ["--port", str(port)]
    done = run("kre-search", "join", "--host", "127.0.0.1", *place, *options, home=home, check=True)
    (line,) = done.stdout.splitlines()
    return line


def token_id(line):
    """The id of the token in a line, as `revoke` takes it."""
    bits = "".join(f"{ALPHABET.index(letter):05b}" for letter in token_of(line)[3:])
    return f"{int(bits[8:40], 2):08x}"


def token_of(line):
    return line.rsplit("/", 1)[1]


class Caller(Client):
    """A connection over the network: TLS with our protocol's name, then lines. Believes whoever is there."""

    def __init__(self, line, role="worker", token=None, session=None, hello=True, name="test"):
        host, port = re.match(r"kre://([^:]+):(\d+)/", line).groups()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols(["kre/1"])
        plain = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
        self.socket = context.wrap_socket(plain, server_hostname="0000000000000000.kre")
        self.stream = self.socket.makefile("rb")
        self.next_id = 1
        self.events = []
        if hello:
            params = {"protocol": 1, "role": role, "name": name, "token": token if token is not None else token_of(line)}
            if session:
                params["session"] = session
            self.hello = self.call("hello", **params)
