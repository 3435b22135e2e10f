"""SDP answers (RFC 8829, 5.3; RFC 9143): plain text from frozen values, one transport for everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.sdp import Codec, OfferedMedia
from rooms.stun import Credentials

CNAME = "programme"


@dataclass(frozen=True, slots=True)
class Transport:
    """What every m-line of an answer says about the way to us."""

    credentials: Credentials
    fingerprint: str
    candidates: tuple[str, ...]  # whole lines, see rooms.candidates


@dataclass(frozen=True, slots=True)
class Receiving:
    """We take this m-line from a publisher."""

    codec: Codec
    extensions: tuple[str, ...]  # URIs, of those offered
    feedback: tuple[str, ...]
    rids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """We send this m-line to a viewer. ``codecs``: the lesson's first."""

    codecs: tuple[Codec, ...]
    feedback: tuple[str, ...]
    ssrc: int
    rtx_ssrc: int | None
    stream: str
    track: str


Line = Receiving | Sending | None


def build(media: Sequence[OfferedMedia], lines: Sequence[Line], transport: Transport) -> str:
    """One answer m-line per offered one; ``None`` rejects it (port 0)."""
    accepted = [offered.mid for offered, line in zip(media, lines, strict=True) if line is not None]
    text = [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {' '.join(accepted)}",
        "a=msid-semantic:WMS *",
    ]
    for offered, line in zip(media, lines, strict=True):
        text.extend(_media(offered, line, transport))
    return "\r\n".join(text) + "\r\n"


def fragment(transport: Transport, mid: str = "0") -> str:
    """The answer to an ICE restart by PATCH (RFC 9725, 4.3.3)."""
    lines = [
        "a=ice-lite",
        *_credentials(transport),
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        f"a=mid:{mid}",
        *transport.candidates,
    ]
    return "\r\n".join(lines) + "\r\n"


def _media(offered: OfferedMedia, line: Line, transport: Transport) -> list[str]:
    if line is None:
        formats = " ".join(offered.formats) or "0"
        return [
            f"m={offered.kind} 0 {offered.protocol} {formats}",
            "c=IN IP4 0.0.0.0",
            "a=inactive",
            f"a=mid:{offered.mid}",
        ]
    codecs = (line.codec,) if isinstance(line, Receiving) else line.codecs
    types = [str(number) for codec in codecs for number in _types(codec, first_red=isinstance(line, Receiving))]
    text = [
        f"m={offered.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(types)}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        *_credentials(transport),
        f"a=fingerprint:sha-256 {transport.fingerprint}",
        "a=setup:passive",
        f"a=mid:{offered.mid}",
        "a=recvonly" if isinstance(line, Receiving) else "a=sendonly",
        "a=rtcp-mux",
        "a=rtcp-mux-only",  # RFC 9725, 4.4.1
    ]
    if offered.reduced_size:
        text.append("a=rtcp-rsize")
    for codec in codecs:
        text.extend(_codec(codec, line.feedback))
    text.extend(_receiving(offered, line) if isinstance(line, Receiving) else _sending(line))
    return [*text, *transport.candidates]


def _types(codec: Codec, *, first_red: bool) -> list[int]:
    """In order of preference: what a publisher shall send comes first (RFC 3264, 6.1)."""
    numbers = [codec.payload_type, codec.rtx_payload_type, codec.red_payload_type]
    if first_red:
        numbers = [codec.red_payload_type, codec.payload_type, codec.rtx_payload_type]
    return [number for number in numbers if number is not None]


def _credentials(transport: Transport) -> list[str]:
    return [f"a=ice-ufrag:{transport.credentials.ufrag}", f"a=ice-pwd:{transport.credentials.password}"]


def _codec(codec: Codec, wanted_feedback: tuple[str, ...]) -> list[str]:
    channels = "/2" if codec.name == "opus" else ""
    lines = [f"a=rtpmap:{codec.payload_type} {codec.name}/{codec.clock_rate}{channels}"]
    if codec.fmtp:
        lines.append(f"a=fmtp:{codec.payload_type} {codec.fmtp}")
    lines.extend(f"a=rtcp-fb:{codec.payload_type} {item}" for item in wanted_feedback if item in codec.feedback)
    if codec.rtx_payload_type is not None:
        lines.append(f"a=rtpmap:{codec.rtx_payload_type} rtx/{codec.clock_rate}")
        lines.append(f"a=fmtp:{codec.rtx_payload_type} apt={codec.payload_type}")
    if codec.red_payload_type is not None:
        lines.append(f"a=rtpmap:{codec.red_payload_type} red/{codec.clock_rate}{channels}")
        lines.append(f"a=fmtp:{codec.red_payload_type} {codec.payload_type}/{codec.payload_type}")
    return lines


def _receiving(offered: OfferedMedia, line: Receiving) -> list[str]:
    lines = [f"a=extmap:{offered.extensions[uri]} {uri}" for uri in line.extensions if uri in offered.extensions]
    if line.rids:
        lines.extend(f"a=rid:{rid} recv" for rid in line.rids)
        lines.append(f"a=simulcast:recv {';'.join(line.rids)}")
    return lines


def _sending(line: Sending) -> list[str]:
    lines = [f"a=msid:{line.stream} {line.track}"]
    ssrcs = [line.ssrc]
    if line.rtx_ssrc is not None:
        ssrcs.append(line.rtx_ssrc)
        lines.append(f"a=ssrc-group:FID {line.ssrc} {line.rtx_ssrc}")
    for ssrc in ssrcs:
        lines.append(f"a=ssrc:{ssrc} cname:{CNAME}")
        lines.append(f"a=ssrc:{ssrc} msid:{line.stream} {line.track}")
    return lines
