"""A client of the daemon's door that can do what Python's ssl cannot: ask for new keys, again and again. By libssl itself."""

import contextlib
import ctypes
import socket

from support.programs import PATIENCE_S

LIBRARY = ctypes.CDLL("libssl.so.3")
for name in ("TLS_client_method", "SSL_CTX_new", "SSL_new", "BIO_s_mem", "BIO_new"):
    getattr(LIBRARY, name).restype = ctypes.c_void_p
WANTS_AN_ANSWER = 1  # SSL_KEY_UPDATE_REQUESTED
SOME_BYTES = 65536


def call(name, *arguments):
    return getattr(LIBRARY, name)(*[ctypes.c_void_p(one) if isinstance(one, int) and one > 1 << 16 else one for one in arguments])


class KeyUpdater:
    """A secured connection; what it says waits until `send`."""

    def __init__(self, port):
        context = call("SSL_CTX_new", call("TLS_client_method"))
        call("SSL_CTX_set_alpn_protos", context, b"\x05kre/1", 6)
        self.ssl = call("SSL_new", context)
        call("SSL_CTX_free", context)
        self.heard, self.said = (call("BIO_new", call("BIO_s_mem")) for _ in range(2))
        call("SSL_set_bio", self.ssl, self.heard, self.said)
        call("SSL_set_connect_state", self.ssl)
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        while call("SSL_do_handshake", self.ssl) != 1:
            self.send()
            self.hear()
        self.send()

    def hear(self):
        """Waits for some bytes; False at the end of the connection."""
        with contextlib.suppress(ConnectionResetError):
            data = self.socket.recv(SOME_BYTES)
            call("BIO_write", self.heard, data, len(data))
            return bool(data)
        return False

    def take(self):
        """What is to be sent."""
        taken, buffer = b"", ctypes.create_string_buffer(SOME_BYTES)
        while (count := call("BIO_read", self.said, buffer, SOME_BYTES)) > 0:
            taken += buffer.raw[:count]
        return taken

    def send(self):
        self.socket.sendall(self.take())

    def ask_for_keys(self, count):
        for _ in range(count):
            assert call("SSL_key_update", self.ssl, WANTS_AN_ANSWER) == 1 and call("SSL_do_handshake", self.ssl) == 1

    def write(self, text):
        assert call("SSL_write", self.ssl, text, len(text)) == len(text)

    def read(self):
        """A line, or an empty one at the end."""
        line, byte = b"", ctypes.create_string_buffer(1)
        while not line.endswith(b"\n"):
            if call("SSL_read", self.ssl, byte, 1) == 1:
                line += byte.raw
            elif not self.hear():
                return b""
        return line

    def close(self):
        call("SSL_free", self.ssl)
        self.socket.close()
