"""SDP offers, parsed once into frozen values. On ``aiortc.sdp``, plus what that drops (rid, simulcast, rsize).

Limits come first, and nothing is allocated for a peer before its offer has been understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription, grouplines

from rooms.interface import Refusal

MAX_BYTES = 128 * 1024
# Per session or media section: Chromium spends up to 190 lines on one video m-line (docs/decisions/0011).
MAX_LINES = 300
MAX_CANDIDATES = 16
MAX_MEDIA = 64
MAX_RIDS = 3

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"


_LINE = re.compile(r"[a-z]=\S")
# RFC 8839, 5.4.
_UFRAG, _PASSWORD = re.compile(r"[A-Za-z0-9+/]{4,256}"), re.compile(r"[A-Za-z0-9+/]{22,256}")


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type that we know: ``name`` is "H264", "VP8" or "opus"."""

    name: str
    payload_type: int
    clock_rate: int
    fmtp: str  # as it goes into the answer
    feedback: frozenset[str]
    rtx_payload_type: int | None = None
    red_payload_type: int | None = None


@dataclass(frozen=True, slots=True)
class OfferedMedia:
    """One m-line. ``codecs`` are those we know, best first within each name; empty: we can't use the line."""

    kind: str
    mid: str
    direction: str
    codecs: tuple[Codec, ...]
    extensions: dict[str, int]
    rids: tuple[str, ...]
    ssrcs: tuple[int, ...]
    rtx_pairs: tuple[tuple[int, int], ...]
    reduced_size: bool
    protocol: str
    formats: tuple[str, ...]
    bundled: bool

    def codec(self, name: str) -> Codec | None:
        return next((codec for codec in self.codecs if codec.name == name), None)


@dataclass(frozen=True, slots=True)
class Offer:
    media: tuple[OfferedMedia, ...]
    remote_ufrag: str
    fingerprints: tuple[tuple[str, str], ...]
    remote_password: str = ""


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a PATCH carries (RFC 8840): candidates are of no use to an ICE-lite server, credentials are."""

    ufrag: str | None
    password: str = ""


def parse_offer(text: str) -> Offer:
    """Raises ``Refusal("bad_sdp")`` for whatever reason the offer can't be read."""
    _check_limits(text)
    try:
        return _offer(text)
    except Refusal:
        raise
    except Exception as error:  # a parser of foreign text: any failure is the text's
        raise Refusal("bad_sdp", f"{type(error).__name__}: {error}"[:200]) from error


def parse_fragment(text: str) -> Fragment:
    """Raises ``Refusal("bad_sdp")`` for what is no fragment, and for a user fragment without its password."""
    _check_limits(text)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not all(_LINE.match(line) for line in lines):
        raise Refusal("bad_sdp", "not a fragment")
    ufrags = {line[12:].strip() for line in lines if line.startswith("a=ice-ufrag:")}
    passwords = {line[10:].strip() for line in lines if line.startswith("a=ice-pwd:")}
    if not ufrags and not passwords:
        return Fragment(None)
    if len(ufrags) != 1 or len(passwords) != 1:
        raise Refusal("bad_sdp", "ICE credentials")
    [ufrag], [password] = ufrags, passwords
    if not _UFRAG.fullmatch(ufrag) or not _PASSWORD.fullmatch(password):
        raise Refusal("bad_sdp", "ICE credentials")
    return Fragment(ufrag, password)


def _check_limits(text: str) -> None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Refusal("bad_sdp", f"larger than {MAX_BYTES} bytes")
    session_lines, media = grouplines(text)
    for section in (session_lines, *media):
        if len(section) > MAX_LINES:
            raise Refusal("bad_sdp", f"more than {MAX_LINES} lines in a section")
        if sum(line.startswith("a=candidate:") for line in section) > MAX_CANDIDATES:
            raise Refusal("bad_sdp", f"more than {MAX_CANDIDATES} candidates in a section")


def _offer(text: str) -> Offer:
    # Candidates are not parsed at all: we never send checks, so a list can't make us probe anyone.
    lines = [line for line in text.splitlines() if not line.startswith("a=candidate:")]
    session_lines, media_lines = grouplines("\n".join(lines))
    description = SessionDescription.parse("\r\n".join(lines) + "\r\n")
    if not 0 < len(description.media) <= MAX_MEDIA:
        raise Refusal("bad_sdp", "no media, or too much of it")
    bundle = _bundle_mids(description)
    media = tuple(
        _media(described, own_lines, session_lines, bundle, number)
        for number, (described, own_lines) in enumerate(zip(description.media, media_lines, strict=True))
    )
    if len({one.mid for one in media}) != len(media):
        raise Refusal("bad_sdp", "two m-lines with one mid")
    transport = next(
        (d for d, m in zip(description.media, media, strict=True) if m.bundled and d.dtls and d.ice.usernameFragment),
        None,
    )
    if transport is None or not transport.dtls.fingerprints:
        raise Refusal("bad_sdp", "no ICE credentials or no fingerprint")
    if transport.dtls.role == "server":
        raise Refusal("bad_sdp", "a=setup:passive: one side must be the DTLS client")
    fingerprints = tuple((f.algorithm.lower(), f.value.upper()) for f in transport.dtls.fingerprints)
    return Offer(media, transport.ice.usernameFragment, fingerprints, transport.ice.password or "")


def _bundle_mids(description: SessionDescription) -> frozenset[str]:
    """The mids of the first BUNDLE group (RFC 9143); without one only the first m-line shares our transport."""
    for group in description.group:
        if group.semantic == "BUNDLE":
            return frozenset(str(item) for item in group.items)
    return frozenset({description.media[0].rtp.muxId or "0"})


def _media(
    described: MediaDescription, own_lines: list[str], session_lines: list[str], bundle: frozenset[str], number: int
) -> OfferedMedia:
    mid = described.rtp.muxId or str(number)
    _check_token(mid)
    # RFC 9143, 6: port 0 rejects a line, unless it is offered for the bundle alone (Firefox with "max-bundle").
    wanted = described.port != 0 or (mid in bundle and any(line.rstrip() == "a=bundle-only" for line in own_lines))
    known = described.kind in ("audio", "video") and described.rtcp_mux and wanted
    rids, reduced_size = _dropped_by_aiortc(own_lines)
    return OfferedMedia(
        kind=described.kind,
        mid=mid,
        direction=described.direction or _session_direction(session_lines),
        codecs=tuple(_codecs(described)) if known else (),
        extensions={e.uri: e.id for e in described.rtp.headerExtensions if 0 < e.id < 15},
        rids=rids,
        ssrcs=tuple(s.ssrc for s in described.ssrc),
        rtx_pairs=tuple(tuple(g.items) for g in described.ssrc_group if g.semantic == "FID" and len(g.items) == 2),
        reduced_size=reduced_size,
        protocol=described.profile,
        formats=tuple(str(item) for item in described.fmt),
        bundled=mid in bundle,
    )


def _check_token(value: str) -> None:
    """What we write back into an answer must not be able to add lines or attributes to it."""
    if not value or len(value) > 32 or not all(c.isalnum() or c in "-_.+" for c in value) or not value.isascii():
        raise Refusal("bad_sdp", "a mid or rid is not a short token")


def _session_direction(session_lines: list[str]) -> str:
    for direction in ("sendonly", "recvonly", "inactive"):
        if f"a={direction}" in session_lines:
            return direction
    return "sendrecv"


def _dropped_by_aiortc(lines: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """The rids that the peer wants to send (RFC 8851, 8853), and whether it takes reduced-size RTCP."""
    sendable = {line[6:].split()[0] for line in lines if line.startswith("a=rid:") and line.split()[1] == "send"}
    ordered: list[str] = []
    for line in lines:
        if line.startswith("a=simulcast:") and " send " in line.replace(":", " "):
            streams = line.partition("send ")[2].split()[0]
            ordered = [part.split(",")[0].lstrip("~") for part in streams.split(";")]
    for rid in ordered:
        _check_token(rid)
    rids = tuple(rid for rid in ordered if rid in sendable)[:MAX_RIDS]
    return rids, any(line.strip() == "a=rtcp-rsize" for line in lines)


# ---- codecs --------------------------------------------------------------------------------------------


def _codecs(described: MediaDescription) -> Iterator[Codec]:
    usable = [codec for codec in described.rtp.codecs if _is_payload_type(codec.payloadType)]
    rtx = {int(codec.parameters.get("apt", -1)): codec.payloadType for codec in usable if codec.name.lower() == "rtx"}
    red = _redundant(usable) if described.kind == "audio" else {}
    found = []
    for codec in usable:
        rank = _rank(described.kind, codec)
        if rank is not None:
            found.append((rank, codec))
    for _, codec in sorted(found, key=lambda item: item[0]):
        yield Codec(
            name=_known_name(codec),
            payload_type=codec.payloadType,
            clock_rate=codec.clockRate,
            fmtp=_answer_fmtp(codec),
            feedback=frozenset(
                f"{f.type} {f.parameter}".strip() if f.parameter else f.type for f in codec.rtcpFeedback
            ),
            rtx_payload_type=rtx.get(codec.payloadType),
            red_payload_type=red.get(codec.payloadType),
        )


def _redundant(codecs: Sequence[RTCRtpCodecParameters]) -> dict[int, int]:
    """Payload types of RFC 2198 by the one that they carry; only those whose blocks are all of one (RFC 2198, 5)."""
    found: dict[int, int] = {}
    for codec in codecs:
        carried = {kind.strip() for listed in codec.parameters for kind in listed.split("/")}
        if codec.name.lower() == "red" and codec.clockRate == 48000 and len(carried) == 1:
            kind = carried.pop()
            if kind.isdecimal() and len(kind) <= 3:
                found.setdefault(int(kind), codec.payloadType)
    return found


def _is_payload_type(number: int) -> bool:
    """Seven bits, and none that would be taken for RTCP on the same port (RFC 5761, section 4)."""
    return 0 <= number <= 127 and not 64 <= number <= 95


def _known_name(codec: RTCRtpCodecParameters) -> str:
    return "opus" if codec.name.lower() == "opus" else str(codec.name).upper()


def _rank(kind: str, codec: RTCRtpCodecParameters) -> int | None:
    """Smaller is better, ``None`` is unusable. H264 42e01f with packetization-mode 1 is what phones decode."""
    name = codec.name.lower()
    if kind == "audio":
        return 0 if name == "opus" and codec.clockRate == 48000 else None
    if codec.clockRate != 90000:
        return None
    if name == "vp8":
        return 0
    if name != "h264":
        return None
    mode = str(codec.parameters.get("packetization-mode", "0"))
    profile = str(codec.parameters.get("profile-level-id", "42e01f")).lower()
    by_profile = {"42e0": 0, "4200": 1, "4d00": 2}.get(profile[:4], 3)
    return by_profile + (0 if mode == "1" else 10)


def _answer_fmtp(codec: RTCRtpCodecParameters) -> str:
    name = codec.name.lower()
    if name == "opus":
        return "minptime=10;useinbandfec=1"
    if name == "vp8":
        return ""
    mode = codec.parameters.get("packetization-mode", "0")
    profile = str(codec.parameters.get("profile-level-id", "42e01f")).lower()
    if len(profile) != 6 or any(c not in "0123456789abcdef" for c in profile) or str(mode) not in "012":
        raise Refusal("bad_sdp", "H264 parameters")
    return f"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}"
