"""The last seconds of what the recorder was given, in memory that outlives its process.

The parent makes the memory (:func:`make`) and gives its descriptor to one recording process after the other. Each
writes the packets of running recordings into it as they come; the successor of one that was killed reads them back.
The kernel keeps such memory while anybody holds it, so a ``kill -9`` takes nothing of it; it never reaches a disk, and
it is gone with the machine.

Two halves are filled in turn, each for ``SPAN_MS``. Packets that came together count once the length of their half
has grown over them: a writer killed half-way leaves no half packet behind. A half that is full before its time takes
no more until then.
"""

from __future__ import annotations

import marshal
import mmap
import os
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from rooms.interface import ProgrammePacket, Slot

SPAN_MS = 6000.0
HALF_BYTES = 32 << 20  # of address space; only what was used once is memory
_STATE = struct.Struct("<QQ")  # the half's turn, 0 for never; bytes used
_LENGTH = struct.Struct("<I")
_FIRST = 4096


@dataclass(frozen=True, slots=True)
class Kept:
    """One packet and when it came. ``run``: of which process. ``origin_media_ms``: tick 0 of its recording there."""

    run: int
    recording_id: str
    origin_media_ms: float
    at_ms: float
    packet: ProgrammePacket


def make() -> int | None:
    """A descriptor of fresh memory; None on a system without such. Whoever asks closes it."""
    if not hasattr(os, "memfd_create"):
        return None
    descriptor = os.memfd_create("dangxiao-tail")
    os.ftruncate(descriptor, _FIRST + 2 * HALF_BYTES)
    return descriptor


class Tail:
    """One process's use of the memory. What was there before stays readable until it has been written over."""

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, os.fstat(descriptor).st_size)
        self._half_bytes = (len(self._memory) - _FIRST) // 2
        self._run = secrets.randbits(63)
        self._turn = max(_STATE.unpack_from(self._memory, self._state_at(half))[0] for half in range(2))
        self._used = 0
        self._since_ms = float("-inf")
        self.dropped = 0

    def keep(self, recording_id: str, origin_media_ms: float, packets: Sequence[ProgrammePacket], at_ms: float) -> None:
        """Called on the event loop for each frame: microseconds, and it never raises for a full half."""
        if at_ms - self._since_ms >= SPAN_MS:
            self._begin_half(at_ms)
        fields = [_fields(packet) for packet in packets]
        data = marshal.dumps((self._run, recording_id, origin_media_ms, at_ms, fields))
        end = self._used + _LENGTH.size + len(data)
        if end > self._half_bytes:
            self.dropped += len(fields)
            return
        at = self._start_of(self._turn % 2) + self._used
        self._memory[at : at + end - self._used] = _LENGTH.pack(len(data)) + data
        self._used = end
        self._commit()

    def read(self) -> list[Kept]:
        """What is there, oldest first."""
        states = sorted((*_STATE.unpack_from(self._memory, self._state_at(half)), half) for half in range(2))
        return [kept for turn, used, half in states if turn for kept in self._read_half(half, used)]

    def close(self) -> None:
        """Idempotent."""
        self._memory.close()

    def _begin_half(self, at_ms: float) -> None:
        self._turn, self._used, self._since_ms = self._turn + 1, 0, at_ms
        self._commit()

    def _commit(self) -> None:
        _STATE.pack_into(self._memory, self._state_at(self._turn % 2), self._turn, self._used)

    def _state_at(self, half: int) -> int:
        return half * _STATE.size

    def _start_of(self, half: int) -> int:
        return _FIRST + half * self._half_bytes

    def _read_half(self, half: int, used: int) -> list[Kept]:
        at = self._start_of(half)
        end = at + min(used, self._half_bytes)
        found = []
        while at < end:
            (length,) = _LENGTH.unpack_from(self._memory, at)
            at += _LENGTH.size + length
            found += _kept(self._memory[at - length : at])
        return found


def _fields(packet: ProgrammePacket) -> tuple[str | int | float | bool | bytes, ...]:
    return (
        packet.slot.value,
        packet.source_id,
        packet.epoch,
        packet.codec,
        packet.sequence,
        packet.timestamp,
        packet.marker,
        packet.media_ms,
        packet.payload,
    )


def _kept(data: bytes) -> list[Kept]:
    run, recording_id, origin_media_ms, at_ms, packets = marshal.loads(data)  # noqa: S302 - our own process's
    return [
        Kept(run, recording_id, origin_media_ms, at_ms, ProgrammePacket(Slot(slot), *fields))
        for slot, *fields in packets
    ]
