"""What `_fanout.c` offers; `rooms.native` is its only user."""

import socket
from collections.abc import Iterable
from typing import final

from rooms.fanout import Lane
from rooms.guard import Address
from rooms.rtp import RtpPacket

def derive(master_key: bytes, master_salt: bytes, label: int, size: int, /) -> bytes: ...

INTERFACE: int

@final
class Sealer:
    def __new__(cls, key: bytes, salt: bytes, auth: bytes, /) -> Sealer: ...
    def __call__(self, packet: bytes, /) -> bytes: ...

@final
class Sender:
    def __new__(cls, family: socket.AddressFamily | int, segments: bool, /) -> Sender: ...
    @property
    def segments(self) -> bool: ...
    def send(
        self, fd: int, packets: Iterable[RtpPacket], lanes: Iterable[Lane], /
    ) -> tuple[list[Lane], int, int, int, int, int]: ...

@final
class Receiver:
    def __new__(cls) -> Receiver: ...
    def receive(self, fd: int, /) -> list[tuple[bytes, Address, float]]: ...
