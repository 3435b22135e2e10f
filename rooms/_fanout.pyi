"""What the extension (`csrc/`) offers; `rooms.native` is its only user."""

import socket
from collections.abc import Callable, Iterable
from typing import final

from rooms import fanout
from rooms.guard import Address
from rooms.rtp import RtpPacket
from rooms.sequence import Shift

def derive(master_key: bytes, master_salt: bytes, label: int, size: int, /) -> bytes: ...
def answer_check(datagram: bytes, ufrag: bytes, password: bytes, mapped: bytes, /) -> bytes | None: ...

INTERFACE: int

@final
class Sealer:
    def __new__(
        cls, key: bytes, salt: bytes, auth: bytes, rtcp_key: bytes, rtcp_salt: bytes, rtcp_auth: bytes, /
    ) -> Sealer: ...
    def __call__(self, packet: bytes, /) -> bytes: ...
    def rtcp(self, packet: bytes, /) -> bytes: ...

@final
class Opener:
    def __new__(
        cls, key: bytes, salt: bytes, auth: bytes, rtcp_key: bytes, rtcp_salt: bytes, rtcp_auth: bytes, /
    ) -> Opener: ...
    def rtp(self, datagram: bytes, /) -> bytes: ...
    def rtcp(self, datagram: bytes, /) -> bytes: ...

@final
class Lane(fanout.Lane):  # not in truth: it only has all that one has
    def __init__(
        self, address: Address, protect: Callable[[bytes], bytes], shift: Shift, *, urgent: bool = False
    ) -> None: ...

@final
class Sender:
    def __new__(cls, family: socket.AddressFamily | int, segments: bool, /) -> Sender: ...
    @property
    def segments(self) -> bool: ...
    def send(
        self, fd: int, packets: Iterable[RtpPacket], lanes: Iterable[fanout.Lane], /
    ) -> tuple[list[fanout.Lane], int, int, int, int, int]: ...
    def report(
        self, fd: int, viewers: list[list[tuple[fanout.Lane, int]]], ntp: int, cname: bytes, /
    ) -> tuple[list[list[tuple[fanout.Lane, int]]], int, int, int, int, int]: ...

@final
class Receiver:
    def __new__(cls) -> Receiver: ...
    def receive(self, fd: int, /) -> list[tuple[bytes, Address, float]]: ...
