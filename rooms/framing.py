"""Datagrams on a stream (RFC 4571, section 2): two bytes of length before each. Sans-I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rooms.guard import MAX_DATAGRAM_BYTES

LENGTH_BYTES = 2


class BadFraming(ValueError):
    """The stream cannot be followed any more: nobody knows where the next datagram begins."""


def framed(datagrams: Iterable[bytes]) -> bytes:
    """Each at most 65,535 bytes long; ours are far shorter."""
    return b"".join(
        [part for datagram in datagrams for part in (len(datagram).to_bytes(LENGTH_BYTES, "big"), datagram)]
    )


class Deframer:
    """Bytes in, datagrams out. Never holds more than one unfinished datagram."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The datagrams that ``data`` completes, without empty ones. Read to the end before feeding again.

        Raises :class:`BadFraming` for a length that no peer of ours has a use for.
        """
        held = self._held + data
        self._held = b""
        at = 0
        while at + LENGTH_BYTES <= len(held):
            size = int.from_bytes(held[at : at + LENGTH_BYTES], "big")
            if size > MAX_DATAGRAM_BYTES:
                raise BadFraming(f"a datagram of {size} bytes")
            end = at + LENGTH_BYTES + size
            if end > len(held):
                break
            if size:
                yield held[at + LENGTH_BYTES : end]
            at = end
        self._held = held[at:]
