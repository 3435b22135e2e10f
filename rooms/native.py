"""The hot path in C (`csrc/`) behind the interfaces of the Python one. Importing fails where it was not built.

What the extension does not take (a lane sealed by somebody else's keys, an address that is a name, a packet longer
than the guard lets in) goes the Python way, which also decides what is an error.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence

from rooms import _fanout, rtcp
from rooms.fanout import Lane, PythonFanOut, SenderReports
from rooms.port import Read
from rooms.rtp import RtpPacket
from rooms.srtp import Keys, Profile, Seal
from rooms.stun import AnswerCheck

INTERFACE = 4
if getattr(_fanout, "INTERFACE", 1) != INTERFACE:
    raise ImportError("rooms/csrc has changed since it was built: install anew (script/prepare)")

# RFC 3711, 4.3.1 and 4.3.2: what a session key is for. RTCP's labels are the next three.
CIPHER_LABEL, AUTH_LABEL, SALT_LABEL, LABELS = 0, 1, 2, 3
SHA1_KEY_BYTES = 20


def session_keys(profile: Profile, master: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes]:
    """Key, salt and auth key of RTP, then of RTCP. Raises ValueError for a master key and salt of another length."""
    key, salt = master[: profile.key_bytes], master[profile.key_bytes :]

    def derived(label: int, size: int) -> bytes:
        return _fanout.derive(key, salt, label, size) if size else b""

    auth_bytes = 0 if profile.aead else SHA1_KEY_BYTES
    sizes = ((CIPHER_LABEL, profile.key_bytes), (SALT_LABEL, profile.salt_bytes), (AUTH_LABEL, auth_bytes))
    rtp_keys = [derived(label, size) for label, size in sizes]
    rtcp_keys = [derived(label + LABELS, size) for label, size in sizes]
    return rtp_keys[0], rtp_keys[1], rtp_keys[2], rtcp_keys[0], rtcp_keys[1], rtcp_keys[2]


class NativeSrtp:
    """As :class:`rooms.srtp.Srtp`."""

    __slots__ = ("protect", "protect_rtcp", "unprotect", "unprotect_rtcp")

    def __init__(self, keys: Keys, *, server: bool = True) -> None:
        ours, theirs = (keys.server, keys.client) if server else (keys.client, keys.server)
        sealer = _fanout.Sealer(*session_keys(keys.profile, ours))
        opener = _fanout.Opener(*session_keys(keys.profile, theirs))
        self.protect: Seal = sealer
        self.protect_rtcp: Seal = sealer.rtcp
        self.unprotect: Seal = opener.rtp
        self.unprotect_rtcp: Seal = opener.rtcp


def reader(sock: socket.socket) -> Read:
    """Reads up to a batch of datagrams with one system call. An error of some earlier send reads as nothing."""
    receiver = _fanout.Receiver()
    return lambda: receiver.receive(sock.fileno())


answer_check: AnswerCheck = _fanout.answer_check


class NativeFanOut(PythonFanOut):
    """Seals and sends without the interpreter; ``sendmmsg`` with UDP_SEGMENT."""

    backend = "native"
    make_lane = _fanout.Lane

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self._sender = _fanout.Sender(sock.family, self._gso)

    def send(self, packets: Sequence[RtpPacket], lanes: Iterable[Lane]) -> None:
        others, *told = self._sender.send(self._socket.fileno(), packets, lanes)
        self._count(*told)
        self._gso = self._sender.segments
        if others:
            super().send(packets, others)

    def report(self, reports: Sequence[SenderReports], ntp: int, cname: str) -> None:
        streams = [report.streams for report in reports]
        others, *told = self._sender.report(self._socket.fileno(), streams, ntp, rtcp.cname_item(cname))
        self._count(*told)
        if others:
            left = set(map(id, others))
            super().report([report for report in reports if id(report.streams) in left], ntp, cname)

    def _count(self, sent: int, octets: int, full: int, failed: int, unsealed: int) -> None:
        counters = self.counters
        counters["packets_sent"] += sent
        counters["bytes_sent"] += octets
        if full or failed or unsealed:
            counters.update(send_buffer_full=full, send_failed=failed, seal_failed=unsealed)
