"""A WebRTC client of the fewest parts: real connectivity checks, DTLS and SRTP, no codecs. For tests and benches.

Checks are built by aioice, so that the node is spoken to by a stack that is not its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence

from aioice import stun as full_stun

from rooms.dtls import DtlsIdentity, DtlsServer, DtlsState
from rooms.framing import Deframer, framed
from rooms.srtp import Srtp

VIDEO_TYPE, RTX_TYPE, AUDIO_TYPE, RED_TYPE = 108, 109, 111, 63
HEADROOM_BYTES = 4 * 1024 * 1024
PASSWORD = "0123456789abcdef0123456789"

_VIDEO = [
    f"a=rtpmap:{VIDEO_TYPE} H264/90000",
    f"a=fmtp:{VIDEO_TYPE} packetization-mode=1;profile-level-id=42e01f",
    f"a=rtcp-fb:{VIDEO_TYPE} nack",
    f"a=rtcp-fb:{VIDEO_TYPE} nack pli",
]
_RTX = [f"a=rtpmap:{RTX_TYPE} rtx/90000", f"a=fmtp:{RTX_TYPE} apt={VIDEO_TYPE}"]
_AUDIO = [
    f"a=rtpmap:{AUDIO_TYPE} opus/48000/2",
    "a=extmap:12 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
]
_RED = [f"a=rtpmap:{RED_TYPE} red/48000/2", f"a=fmtp:{RED_TYPE} {AUDIO_TYPE}/{AUDIO_TYPE}"]


def offer_sdp(
    peer: LightPeer,
    direction: str,
    kinds: Sequence[str] = ("video",),
    *,
    rtx: bool = False,
    red: bool = False,
    video_lines: Sequence[str] = (),
    audio_lines: Sequence[str] = (),
) -> str:
    """An offer as small as one may be. ``video_lines`` and ``audio_lines`` are added to every line of their kind."""
    sound = f"{AUDIO_TYPE} {RED_TYPE}" if red else str(AUDIO_TYPE)
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE " + " ".join(map(str, range(len(kinds)))))
    for mid, kind in enumerate(kinds):
        types = f"{VIDEO_TYPE} {RTX_TYPE}" if rtx else str(VIDEO_TYPE)
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {types if kind == 'video' else sound}",
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{peer.ufrag}",
            f"a=ice-pwd:{PASSWORD}",
            f"a=fingerprint:sha-256 {peer.identity.fingerprint}",
            "a=setup:actpass",
            f"a=mid:{mid}",
            f"a={direction}",
            "a=rtcp-mux",
            *(_VIDEO + (_RTX if rtx else []) + list(video_lines) if kind == "video" else []),
            *(_AUDIO + (_RED if red else []) + list(audio_lines) if kind == "audio" else []),
        ]
    return "\r\n".join(lines) + "\r\n"


def attribute(sdp: str, name: str) -> str:
    """The first attribute of that name."""
    return next(line.partition(":")[2] for line in sdp.splitlines() if line.startswith(f"a={name}:"))


class LightPeer:
    """Connects and then hands every datagram of media to ``on_media``, still sealed."""

    def __init__(self, identity: DtlsIdentity, ufrag: str, host: str = "127.0.0.1") -> None:
        self.host = host
        self.identity = identity
        self.ufrag = ufrag
        self.connected = asyncio.Event()
        self.closed = asyncio.Event()  # the node said close_notify
        self.checks_answered = 0
        self.answers = False  # the node's questions whether it is there, as every full agent does
        self.asked = 0
        self.srtp: Srtp | None = None
        self.on_media: Callable[[bytes], None] = lambda datagram: None
        self.socket = self._open()
        self._dtls: DtlsServer | None = None
        self._remote = ("", "")

    def _open(self) -> socket.socket:
        opened = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HEADROOM_BYTES)
        opened.setblocking(False)
        opened.bind((self.host, 0))
        return opened

    def accept(self, answer: str) -> None:
        """Take the node's answer and begin."""
        port = int(attribute(answer, "candidate").split()[5])
        algorithm, fingerprint = attribute(answer, "fingerprint").split()
        self._dtls = DtlsServer(self.identity, [(algorithm, fingerprint)], server=False)
        self._remote = (attribute(answer, "ice-ufrag"), attribute(answer, "ice-pwd"))
        self.socket.connect((self.host, port))
        asyncio.get_running_loop().add_reader(self.socket, self._read)
        self.check()

    def move(self) -> None:
        """To another address without a word, as behind a translator that forgot us."""
        port = self.socket.getpeername()[1]
        self.drop()
        self.socket = self._open()
        self.socket.connect((self.host, port))
        asyncio.get_running_loop().add_reader(self.socket, self._read)

    def restarted(self, fragment: str) -> None:
        """The node's answer to an ICE restart: from now on checks are under these credentials."""
        self._remote = (attribute(fragment, "ice-ufrag"), attribute(fragment, "ice-pwd"))

    def check(self) -> None:
        """A connectivity (later: consent) check."""
        self.send(self.check_message(self._remote[1]))

    def check_message(self, password: str) -> bytes:
        request = full_stun.Message(full_stun.Method.BINDING, full_stun.Class.REQUEST)
        request.attributes.update(
            {"USERNAME": f"{self._remote[0]}:{self.ufrag}", "PRIORITY": 1, "ICE-CONTROLLING": 1, "USE-CANDIDATE": None}
        )
        request.add_message_integrity(password.encode())
        return bytes(request)

    def send(self, datagram: bytes) -> None:
        with contextlib.suppress(OSError):
            self.socket.send(datagram)

    def _read(self) -> None:
        receive, on_media = self.socket.recv, self.on_media
        try:
            while True:
                datagram = receive(2048)
                if datagram[0] > 127:
                    on_media(datagram)
                else:
                    self._control(datagram)
        except OSError:
            pass

    def _control(self, datagram: bytes) -> None:
        dtls = self._dtls
        assert dtls is not None
        if datagram[:2] == b"\x00\x01":
            self._on_question(datagram)
            return
        if datagram[0] < 4:
            self.checks_answered += 1
            if self.checks_answered > 1:
                return
        for flight in dtls.start() if datagram[0] < 4 else dtls.receive(datagram):
            self.send(flight)
        if dtls.state is DtlsState.CONNECTED and dtls.keys is not None and self.srtp is None:
            self.srtp = Srtp(dtls.keys, server=False)
            self.connected.set()
        if dtls.state is DtlsState.CLOSED:
            self.closed.set()

    def _on_question(self, datagram: bytes) -> None:
        self.asked += 1
        question = full_stun.parse_message(datagram)
        assert question.check_message_integrity(PASSWORD.encode())
        assert question.attributes["USERNAME"] == f"{self.ufrag}:{self._remote[0]}"
        if not self.answers:
            return
        answer = full_stun.Message(full_stun.Method.BINDING, full_stun.Class.RESPONSE, question.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = self.socket.getpeername()[:2]
        answer.add_message_integrity(PASSWORD.encode())
        self.send(bytes(answer))

    def send_rtp(self, packet: bytes) -> None:
        assert self.srtp is not None
        self.send(self.srtp.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        assert self.srtp is not None
        self.send(self.srtp.protect_rtcp(packet))

    async def connect(self) -> None:
        """Waits for keys; repeats the check, as a lost one would be."""
        while not self.connected.is_set():
            try:
                await asyncio.wait_for(self.connected.wait(), 1.0)
            except TimeoutError:
                if self._dtls is not None:
                    for flight in self._dtls.on_timer():
                        self.send(flight)
                    self.check()

    def hang_up(self) -> None:
        """``close_notify`` and away. Idempotent."""
        if self.socket.fileno() < 0:
            return
        if self._dtls is not None:
            for datagram in self._dtls.close():
                self.send(datagram)
        self.drop()

    def drop(self) -> None:
        """Away without a word."""
        asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()


class TcpPeer(LightPeer):
    """The same over ICE-TCP (RFC 6544). ``reading``: while it is off nothing is taken from the socket."""

    def __init__(self, identity: DtlsIdentity, ufrag: str, host: str = "127.0.0.1") -> None:
        super().__init__(identity, ufrag, host)
        self.closed_by_node = asyncio.Event()
        self._deframer = Deframer()
        self._unsent = b""

    def _open(self) -> socket.socket:
        """Connecting blocks: over loopback it is there at once."""
        return socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM)

    def accept(self, answer: str) -> None:
        super().accept(answer)
        self.socket.setblocking(False)

    def move(self) -> None:
        self._deframer, self._unsent = Deframer(), b""
        super().move()
        self.socket.setblocking(False)

    def send(self, datagram: bytes) -> None:
        self._unsent += framed((datagram,))
        with contextlib.suppress(OSError):
            self._unsent = self._unsent[self.socket.send(self._unsent) :]

    def read_on(self, on: bool) -> None:
        loop = asyncio.get_running_loop()
        if on:
            loop.add_reader(self.socket, self._read)
        else:
            loop.remove_reader(self.socket)

    def _read(self) -> None:
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.read_on(False)
            self.closed_by_node.set()
            return
        for datagram in self._deframer.feed(data):
            if datagram[0] > 127:
                self.on_media(datagram)
            else:
                self._control(datagram)
