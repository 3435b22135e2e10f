"""Valid input of every kind, for mutation to begin with."""

from __future__ import annotations

import datetime as dt
import json
import struct
import uuid

from aioice import stun as full_stun

from rooms import framing, rtcp, rtp
from rooms.dtls import DtlsIdentity, DtlsServer
from server.domain.sign_ins import Claim
from server.seals import SignInSeal
from tests.rooms.light_peer import AUDIO_TYPE, RED_TYPE, RTX_TYPE, VIDEO_TYPE

KEY = bytes(range(32))
MOMENT = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
LESSON = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
UFRAG, PASSWORD = "ours", "0123456789abcdef0123456789abcdef"


def check(ufrag: str = UFRAG, password: str = PASSWORD, *, nominate: bool = True) -> bytes:
    """A connectivity check, by aioice; the same bytes every time."""
    message = full_stun.Message(full_stun.Method.BINDING, full_stun.Class.REQUEST, transaction_id=bytes(12))
    message.attributes.update({"USERNAME": f"{ufrag}:theirs", "PRIORITY": 1, "ICE-CONTROLLING": 2})
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


STUN = [check(), check(nominate=False)]

H264 = [
    bytes((0x78, 0, 15)) + bytes.fromhex("6742c01f da01e0089f961000 00030010") + bytes((0, 4, 0x68, 0xCE, 0x3C, 0x80)),
    bytes((0x7C, 0x85)) + b"first fragment",
    bytes((0x41, 0x9A)) + b"a slice",
]
VP8 = [
    bytes((0x90, 0xE0, 0x81, 0x02, 0x03, 0x20)) + bytes((0x10, 0, 0, 0x9D, 1, 0x2A, 0, 5, 0xD0, 2)) + b"key",
    bytes((0x10, 0x00)),
    bytes((0x80, 0x80, 0x7F)) + b"x",
]
RED = [
    struct.pack("!IB", 1 << 31 | AUDIO_TYPE << 24 | 960 << 10 | 4, AUDIO_TYPE) + b"oldrnew",
    bytes((AUDIO_TYPE,)) + b"alone",
]


def extended(kind: int, ssrc: int, payload: bytes, extension: bytes, sequence: int = 100) -> bytes:
    plain = rtp.build(kind, True, sequence, 9000, ssrc, payload)
    padded = extension + bytes(-len(extension) % 4)
    head = struct.pack("!HH", 0xBEDE, len(padded) // 4) + padded
    return bytes((plain[0] | 0x10,)) + plain[1:12] + head + plain[12:]


RTP = [
    rtp.build(VIDEO_TYPE, False, 65_535, 0xFFFFFFFF, 0x1111, H264[0]),
    rtp.build(AUDIO_TYPE, True, 0, 0, 0x2222, b"opus"),
    rtp.build(RED_TYPE, False, 7, 960, 0x2222, RED[0]),
    rtp.build(RTX_TYPE, False, 1, 9000, 0x3333, struct.pack("!H", 99) + H264[2]),
    extended(AUDIO_TYPE, 0x2222, b"opus", bytes((0xC0, 30))),
    extended(VIDEO_TYPE, 0x1111, H264[1], bytes((0x10, ord("0"))) + bytes((0x20, ord("q")))),
]
BLOCK = rtcp.ReportBlock(0x1111, 12, 3, 0x1FFFF, 44, 5, 6)
RTCP = [
    rtcp.build_receiver_report(9, [BLOCK]) + rtcp.build_nack(9, 0x1111, [1, 2, 17, 65_535]),
    rtcp.build_sender_report(rtcp.SenderReport(0x1111, 4 << 32, 5, 6, 7)) + rtcp.build_cname(9, "a"),
    rtcp.build_receiver_report(9) + rtcp.build_pli(9, 0x1111) + rtcp.build_remb(9, 1_000_000, [0x1111]),
    rtcp.build_receiver_report(9) + rtcp.build_bye([0x1111]),
    struct.pack("!BBHIIHHI", 0x80 | 15, rtcp.RTPFB, 5, 1, 2, 100, 8, 0) + bytes(4),
]

_HEAD = (
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=ice-ufrag:theirs\r\n"
    "a=ice-pwd:0123456789abcdef0123456789\r\na=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=setup:actpass\r\n"
)
_VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 108 109\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\n"
    "a=rtcp-rsize\r\na=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\n"
    "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:108 H264/90000\r\na=rtcp-fb:108 nack pli\r\n"
    "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:109 rtx/90000\r\n"
    "a=fmtp:109 apt=108\r\na=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n"
)
_AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=sendonly\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\n"
    "a=fmtp:63 111/111\r\na=ssrc:5 cname:x\r\na=ssrc-group:FID 5 6\r\n"
)
OFFERS = [
    (_HEAD + _VIDEO + _AUDIO).encode(),
    (_HEAD + _VIDEO + _AUDIO).replace("sendonly", "recvonly").encode(),
    (_HEAD + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\na=sctp-port:5000\r\n" + _AUDIO).encode(),
]
FRAGMENTS = [
    b"a=ice-ufrag:next\r\na=ice-pwd:0123456789abcdef0123456789\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
    b"a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n",
]
FRAMES = [framing.framed([*STUN, RTP[0]]), framing.framed([b"", b"x"])]
FIRST_BYTES = [
    framing.framed([check("01aabbcc")]),
    b"GET / HTTP/1.1\r\n\r\n",
    bytes.fromhex("16030100c8010000c40303"),
]
_AUTH = {"ticket": "t", "lesson_id": LESSON, "since": 3, "face": "venue"}
_ANSWER = {"quiz_id": LESSON, "command_id": LESSON, "choice": ["a", "c"]}
MESSAGES = [
    f"40/live,{json.dumps(_AUTH)}".encode(),
    b'42/live,3["since",{"seq":1}]',
    f'42/live,4["answer",{json.dumps(_ANSWER)}]'.encode(),
    b'42["beat"]',
    b"43/live,7[]",
    b"41/live,",
    b"3probe",
    b"1",
]
CODES = [SignInSeal(KEY).token(LESSON, Claim(str(uuid.UUID(int=5)), 1000)).encode()]
# Sealed by somebody else's key.
TICKETS = [
    b"eyJhbGciOiJIUzI1NiJ9.eyJ1c2UiOiJ3YXRjaCIsImV4cCI6MTc5NTY1MDAwMH0.c2VhbGVkIGJ5IHNvbWVib2R5IGVsc2Uncw",
    b"eyJhbGciOiJub25lIn0.eyJ1c2UiOiJwdWJsaXNoIn0.",
]
GRANTS = [b"live-6706e580-mfrggzdfmztwq2lk-" + b"ab" * 32]


def step(what: int, body: bytes) -> bytes:
    return bytes((what, len(body))) + body


# What tests/fuzz/entrance.py plays: kind in bits 2–4, place in bits 0 and 1, the viewer's keys by bit 5.
CHECKED, SEALED, SEALED_RTCP, TAKEN = 1 << 2, 2 << 2, 3 << 2, 5 << 2
VIEWERS = 0x20
SCRIPTS = [
    step(TAKEN, b"x") + b"".join(step(SEALED, packet) for packet in RTP) + step(SEALED, RTP[0]),
    b"".join(step(SEALED_RTCP | VIEWERS | 1, packet) for packet in RTCP) + step(CHECKED, b""),
    step(CHECKED | 2, b"\x05\x01") + step(CHECKED | VIEWERS | 2, b"") + step(0, STUN[0]) + step(3, b""),
    b"".join(step(SEALED_RTCP, packet) for packet in RTCP) + step(TAKEN, b"") + step(4 << 2, bytes(20)),
]


def _hello() -> bytes:
    client = DtlsServer(DtlsIdentity(), [("sha-256", "AB")], server=False)
    return b"".join(client.start())


HELLOS = [_hello()]
