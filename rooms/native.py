"""The hot path in C (`_fanout.c`) behind the interfaces of the Python one. Importing fails where it was not built.

What the extension does not take (a lane sealed by somebody else's keys, an address that is a name, a packet longer
than the guard lets in) goes the Python way, which also decides what is an error.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence

from rooms import _fanout
from rooms.fanout import Lane, PythonFanOut
from rooms.port import Read
from rooms.rtp import RtpPacket
from rooms.srtp import Profile, Seal

INTERFACE = 2
if getattr(_fanout, "INTERFACE", 1) != INTERFACE:
    raise ImportError("rooms/_fanout.c has changed since it was built: install anew (script/prepare)")

# RFC 3711, 4.3.1: what a session key is for.
CIPHER_LABEL, AUTH_LABEL, SALT_LABEL = 0, 1, 2
SHA1_KEY_BYTES = 20


def sealer(profile: Profile, master: bytes) -> Seal:
    """Seals RTP by the session keys of a master key and salt. Raises ValueError for keys of another length."""
    key, salt = master[: profile.key_bytes], master[profile.key_bytes :]
    auth = b"" if profile.aead else _fanout.derive(key, salt, AUTH_LABEL, SHA1_KEY_BYTES)
    cipher = _fanout.derive(key, salt, CIPHER_LABEL, profile.key_bytes)
    return _fanout.Sealer(cipher, _fanout.derive(key, salt, SALT_LABEL, profile.salt_bytes), auth)


def reader(sock: socket.socket) -> Read:
    """Reads up to a batch of datagrams with one system call. An error of some earlier send reads as nothing."""
    receiver = _fanout.Receiver()
    return lambda: receiver.receive(sock.fileno())


class NativeFanOut(PythonFanOut):
    """Seals and sends without the interpreter; ``sendmmsg`` with UDP_SEGMENT."""

    backend = "native"

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self._sender = _fanout.Sender(sock.family, self._gso)

    def send(self, packets: Sequence[RtpPacket], lanes: Iterable[Lane]) -> None:
        others, sent, octets, full, failed, unsealed = self._sender.send(self._socket.fileno(), packets, lanes)
        counters = self.counters
        counters["packets_sent"] += sent
        counters["bytes_sent"] += octets
        if full or failed or unsealed:
            counters.update(send_buffer_full=full, send_failed=failed, seal_failed=unsealed)
        self._gso = self._sender.segments
        if others:
            super().send(packets, others)
