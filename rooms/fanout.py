"""The hot path: a batch of packets to many viewers. One interface, so that a native backend can stand in.

Every backend must produce the same bytes: ``Shift.apply`` sealed by the lane's SRTP session, in order.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import NamedTuple, Protocol

from rooms import rtcp
from rooms.guard import Address, TcpAddress
from rooms.rtp import HEADER, RtpPacket
from rooms.sequence import Shift
from rooms.srtp import Seal, SrtpError

SOL_UDP = 17
UDP_SEGMENT = 103
MAX_SEGMENTS = 60
MAX_GSO_BYTES = 60_000
_SEGMENT_SIZE = struct.Struct("=H")
# What one viewer's numbers or keys may raise: it costs that viewer its packets, and nobody else.
_LANE_FAILURES = (*SrtpError, struct.error)
# What a kernel or a network card without segmentation offload answers. EMSGSIZE is about one path, not here.
_GSO_REFUSALS = frozenset({errno.EIO, errno.EINVAL, errno.ENOPROTOOPT, errno.EOPNOTSUPP})


@dataclass(slots=True, eq=False)
class Lane:
    """One viewer's one stream: where to, sealed by what, renumbered how; and what went out, for its reports."""

    address: Address
    protect: Callable[[bytes], bytes]
    shift: Shift
    _: KW_ONLY
    urgent: bool = False  # sound: goes before pictures where there is a queue
    packets: int = field(default=0, init=False)
    octets: int = field(default=0, init=False)


class SenderReports(NamedTuple):
    """What one viewer is told of its streams in one datagram: lanes, and the streams' own timestamps of this moment."""

    address: Address
    seal: Seal  # of RTCP, with the lanes' keys
    streams: list[tuple[Lane, int]]

    def build(self, ntp: int, cname: str) -> bytes:
        """In the clear. Raises ``struct.error`` for numbers that fit no packet."""
        return b"".join(
            rtcp.build_sender_report(
                rtcp.SenderReport(
                    ssrc=lane.shift.ssrc,
                    ntp=ntp,
                    timestamp=timestamp + lane.shift.timestamp,
                    packets=lane.packets,
                    octets=lane.octets,
                )
            )
            + rtcp.build_cname(lane.shift.ssrc, cname)
            for lane, timestamp in self.streams
        )


class Streams(Protocol):
    """Who sends to addresses that are connections (:class:`rooms.guard.TcpAddress`). False: there is none such."""

    def send_one(self, datagram: bytes, address: Address) -> bool: ...
    def send_media(self, sealed: Sequence[bytes], address: Address, *, urgent: bool, keyframe: bool) -> bool: ...


class FanOut(Protocol):
    backend: str
    counters: Counter[str]
    streams: Streams | None

    @property
    def segments(self) -> bool:
        """Whether runs still go out as one send: false for good once the kernel has refused it."""

    def send(self, packets: Sequence[RtpPacket], lanes: Iterable[Lane]) -> None:
        """Send the batch to every lane. Never raises; what the network does not take is counted and lost."""

    @property
    def make_lane(self) -> type[Lane]:
        """Lanes of this form are served the quickest; any other are served, too."""

    def report(self, reports: Sequence[SenderReports], ntp: int, cname: str) -> None:
        """Tell viewers of their streams, each by one datagram. Never raises."""

    def send_one(self, datagram: bytes, address: Address) -> None:
        """Anything that is not media of a batch: checks, handshakes, repairs. Never raises."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """A batch renumbered for all lanes with one shift, and where its runs of equal size lie."""

    packets: tuple[bytes, ...]
    runs: tuple[tuple[int, int], ...]
    octets: int


class PythonFanOut:
    """The reference: pure Python, one ``sendmsg`` with UDP_SEGMENT per run of equal sizes."""

    backend = "python"
    make_lane = Lane

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._gso = _kernel_has_gso(sock)
        self.counters: Counter[str] = Counter()
        self.streams: Streams | None = None

    @property
    def segments(self) -> bool:
        return self._gso

    def send(self, packets: Sequence[RtpPacket], lanes: Iterable[Lane]) -> None:
        plains: dict[Shift, _Plain] = {}
        number = len(packets)
        for lane in lanes:
            try:
                plain = plains.get(lane.shift)
                if plain is None:
                    plain = plains[lane.shift] = _renumbered(packets, lane.shift)
                sealed = list(map(lane.protect, plain.packets))
            except _LANE_FAILURES:
                self.counters["seal_failed"] += 1
                continue
            address = lane.address
            if isinstance(address, TcpAddress):
                keyframe = any(packet.keyframe for packet in packets)
                self._to_stream(sealed, lane, keyframe)
            else:
                for start, stop in plain.runs:
                    self._send_run(sealed[start:stop], address)
            lane.packets += number
            lane.octets += plain.octets

    def _to_stream(self, sealed: list[bytes], lane: Lane, keyframe: bool) -> None:
        streams = self.streams
        if streams and streams.send_media(sealed, lane.address, urgent=lane.urgent, keyframe=keyframe):
            self.counters["packets_sent"] += len(sealed)
            self.counters["bytes_sent"] += sum(map(len, sealed))
        else:
            self.counters["send_failed"] += len(sealed)

    def _send_run(self, run: list[bytes], address: Address) -> None:
        if len(run) > 1 and self._gso:
            try:
                self._socket.sendmsg(run, ((SOL_UDP, UDP_SEGMENT, _SEGMENT_SIZE.pack(len(run[0]))),), 0, address)
            except OSError as error:
                if error.errno in _GSO_REFUSALS:
                    # An address that takes nothing (port 0) is refused like this too: it must cost only itself.
                    self._gso = not self._send_singly(run, address)
                elif error.errno == errno.EMSGSIZE:
                    self._send_singly(run, address)
                else:
                    self._lost(error, len(run))
            else:
                self._sent(run)
        else:
            self._send_singly(run, address)

    def _send_singly(self, run: list[bytes], address: Address) -> bool:
        """Whether any of them went out."""
        before = self.counters["packets_sent"]
        for datagram in run:
            self.send_one(datagram, address)
        return self.counters["packets_sent"] > before

    def report(self, reports: Sequence[SenderReports], ntp: int, cname: str) -> None:
        for report in reports:
            try:
                sealed = report.seal(report.build(ntp, cname))
            except (*_LANE_FAILURES, OverflowError):
                self.counters["seal_failed"] += 1
            else:
                self.send_one(sealed, report.address)

    def send_one(self, datagram: bytes, address: Address) -> None:
        try:
            if not isinstance(address, TcpAddress):
                self._socket.sendto(datagram, address)
            elif not (self.streams and self.streams.send_one(datagram, address)):
                self.counters["send_failed"] += 1
                return
        except OSError as error:
            self._lost(error, 1)
        else:
            self.counters["packets_sent"] += 1
            self.counters["bytes_sent"] += len(datagram)

    def _sent(self, run: list[bytes]) -> None:
        self.counters["packets_sent"] += len(run)
        self.counters["bytes_sent"] += len(run[0]) * (len(run) - 1) + len(run[-1])

    def _lost(self, error: OSError, number: int) -> None:
        full = error.errno in (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS)
        self.counters["send_buffer_full" if full else "send_failed"] += number


def _renumbered(packets: Sequence[RtpPacket], shift: Shift) -> _Plain:
    plain = tuple(map(shift.apply, packets))
    sizes = [len(packet) for packet in plain]
    return _Plain(plain, tuple(runs(sizes)), sum(sizes) - HEADER.size * len(sizes))


def runs(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Cut a batch where GSO must be cut: equal sizes, only the last of a run may be shorter."""
    found: list[tuple[int, int]] = []
    start = 0
    for at in range(1, len(sizes) + 1):
        if at < len(sizes) and sizes[at] <= sizes[start] == sizes[at - 1] and _fits(at - start + 1, sizes[start]):
            continue
        found.append((start, at))
        start = at
    return found


def _fits(number: int, size: int) -> bool:
    return number <= MAX_SEGMENTS and number * (size + 32) <= MAX_GSO_BYTES


def _kernel_has_gso(sock: socket.socket) -> bool:
    try:
        sock.setsockopt(SOL_UDP, UDP_SEGMENT, 0)
    except OSError:
        return False
    return True
