"""Everything of ours that reads bytes from outside, as functions of bytes: they return, or there is a bug.

``script/fuzz`` runs them under atheris, test_targets.py runs them in every run on mutated samples and on every crash
that was ever found.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engineio import packet as engine
from socketio import packet as socketio_packet

from rooms import answer, framing, h264, negotiation, red, rtcp, rtp, sdp, stun, vp8
from rooms.answer import Transport
from rooms.dtls import DtlsServer
from rooms.guard import MAX_DATAGRAM_BYTES, looks_like_a_check
from rooms.interface import ProgrammeView, Refusal, Slot, SourcesView
from rooms.negotiation import SlotSsrcs
from rooms.srtp import Srtp, SrtpError
from rooms.stun import Credentials
from server.domain.refusals import Refusal as DomainRefusal
from server.live import packets
from server.live.asked import Auth, Chosen, Since, parsed
from server.problems import InvalidBody
from server.seals import GrantSeal, SignInSeal, TicketSeal
from server.web.front import Speech, listen_to
from tests.fuzz import samples
from tests.fuzz.entrance import KEYS, Entrance, identity

TRANSPORT = Transport(Credentials("ours", "secret"), "AA:BB", ())
SSRCS = {slot: SlotSsrcs(1000 + number, 2000 + number) for number, slot in enumerate(Slot)}
VIEWS = (ProgrammeView(), SourcesView(("a", "b")))


class Target(NamedTuple):
    run: Callable[[bytes], None]
    samples: Sequence[bytes]
    max_bytes: int = MAX_DATAGRAM_BYTES


def read_stun(data: bytes) -> None:
    try:
        request = stun.parse_binding_request(data)
    except ValueError:
        return
    assert looks_like_a_check(data), "the guard would not have let this pass"
    stun.authentic(request, samples.PASSWORD)
    assert stun.parse_binding_request(data) == request


def read_rtp(data: bytes) -> None:
    try:
        packet = rtp.parse(data)
    except ValueError:
        return
    assert len(packet.payload) <= len(data)
    values = rtp.extension_values(packet)
    assert len(values) <= 255
    assert sum(map(len, values.values())) <= len(data)
    rtp.is_rtcp(data)
    original = rtp.unwrap_rtx(packet, 7, 96)
    again = rtp.parse(
        rtp.build(packet.payload_type, packet.marker, packet.sequence, packet.timestamp, packet.ssrc, packet.payload)
    )
    assert (again.payload, again.sequence, again.ssrc) == (packet.payload, packet.sequence, packet.ssrc)
    assert original is None or len(original.payload) < len(packet.payload)


def read_rtcp(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        packets = rtcp.parse(data)
        assert sum(len(packet.sequences) for packet in packets if isinstance(packet, rtcp.Nack)) <= rtcp.MAX_NACKED
        for packet in packets:
            if isinstance(packet, rtcp.SenderReport | rtcp.ReceiverReport):
                for block in packet.blocks:
                    rtcp.round_trip_ms(block, 1000.0)


def read_offer(data: bytes) -> None:
    """What is agreed upon is written out again, and nothing of theirs is smuggled into a line of ours."""
    try:
        offer = sdp.parse_offer(data.decode())
    except (UnicodeDecodeError, Refusal):
        return
    agreements = [lambda: negotiation.agree_to_publish(offer, "H264")]
    agreements += [lambda view=view: negotiation.agree_to_watch(offer, "VP8", view, SSRCS) for view in VIEWS]
    for agree in agreements:
        with contextlib.suppress(Refusal):
            told = answer.build(offer.media, agree().lines, TRANSPORT)
            assert told.count("\r\nm=") == len(offer.media)
            assert all(line[1:2] == "=" for line in told.split("\r\n")[:-1])
            assert len(told) < 16 * sdp.MAX_BYTES
            assert "\n" not in told.replace("\r\n", "")


def read_fragment(data: bytes) -> None:
    with contextlib.suppress(UnicodeDecodeError, Refusal):
        fragment = sdp.parse_fragment(data.decode())
        assert fragment.ufrag is None or len(fragment.ufrag) <= sdp.MAX_BYTES


def read_h264(data: bytes) -> None:
    h264.starts_keyframe(data)
    height = h264.picture_height(data)
    assert height is None or height > 0


def read_vp8(data: bytes) -> None:
    vp8.starts_keyframe(data)
    vp8.picture_height(data)
    moved = vp8.shifted(data, 1, 1)
    assert len(moved) == len(data)
    assert vp8.shifted(moved, -1, -1) == data
    with contextlib.suppress(ValueError):
        assert vp8.describe(data).length <= len(data) + 1


def read_red(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        blocks = red.unwrap(data)
        assert 1 <= len(blocks) <= red.MAX_BLOCKS + 1
        assert sum(len(block.payload) for block in blocks) <= len(data)


def read_frames(data: bytes) -> None:
    """In one piece or byte by byte, the same datagrams come out until the framing is lost."""

    def fed(pieces: Sequence[bytes]) -> list[bytes]:
        deframer, found = framing.Deframer(), list[bytes]()
        with contextlib.suppress(framing.BadFraming):
            for piece in pieces:
                found += deframer.feed(piece)
                assert len(deframer._held) <= framing.LENGTH_BYTES + MAX_DATAGRAM_BYTES
        return found

    whole = fed([data])
    assert whole == fed([data[at : at + 1] for at in range(len(data))])
    assert all(0 < len(datagram) <= MAX_DATAGRAM_BYTES for datagram in whole)


def read_srtp(data: bytes) -> None:
    """Nobody without the keys gets anything past it."""
    ours = Srtp(KEYS)
    for open_one in (ours.unprotect, ours.unprotect_rtcp):
        try:
            opened = open_one(data)
        except SrtpError:
            continue
        raise AssertionError(f"opened {opened!r} without the keys")


def read_dtls(data: bytes) -> None:
    """A flight of records, each as a datagram of its own and all of them in one."""
    for pieces in ([data], [data[at : at + 64] for at in range(0, len(data), 64)]):
        server = DtlsServer(identity(), [("sha-256", "AB")])
        for piece in pieces:
            server.receive(piece)
        server.on_timer()
        assert server.keys is None


def read_way_in(data: bytes) -> None:
    Entrance().play(data)


def read_sign_in_code(data: bytes) -> None:
    seal = SignInSeal(samples.KEY)
    text = data.decode("utf-8", "surrogateescape")  # as aiohttp reads a path
    with contextlib.suppress(DomainRefusal):
        claim = seal.read(text)
        seal.check(text, samples.LESSON)
        assert seal.token(samples.LESSON, claim) == text, "one code has one spelling"


def read_ticket(data: bytes) -> None:
    with contextlib.suppress(DomainRefusal):
        ticket = TicketSeal(samples.KEY).read(data.decode("utf-8", "surrogateescape"))
        raise AssertionError(f"a forged ticket: {ticket!r}")


def read_grant(data: bytes) -> None:
    with contextlib.suppress(DomainRefusal):
        grant = GrantSeal(samples.KEY).read_grant(data.decode("utf-8", "surrogateescape"), samples.LESSON)
        raise AssertionError(f"a forged grant: {grant!r}")


def read_socket(data: bytes) -> None:
    """What is let through is read by the libraries without a word, and what it carries fits a type of ours or not."""
    text = data.decode(errors="replace")  # a web socket's text is UTF-8 already
    try:
        read = packets.message(text)
    except ValueError:
        return
    received = engine.Packet(encoded_packet=text)
    assert not received.binary
    if read is None:
        return
    assert socketio_packet.Packet(encoded_packet=received.data).packet_type == read.packet_type
    assert read.attachment_count == 0
    said = read.data[1:2] if isinstance(read.data, list) else [read.data]
    for model in (Auth, Since, Chosen):
        for one in said:
            with contextlib.suppress(InvalidBody):
                parsed(model, one)


def read_first_bytes(data: bytes) -> None:
    """Who speaks is decided once, whatever pieces it comes in, and never waits for more than a check's length."""
    whole = listen_to(data)
    for at in range(min(len(data), 64)):
        heard = listen_to(data[:at])
        if heard.speech is Speech.UNFINISHED:
            assert at < heard.needed <= MAX_DATAGRAM_BYTES + framing.LENGTH_BYTES
        else:
            assert heard == whole


TARGETS: dict[str, Target] = {
    "stun": Target(read_stun, samples.STUN),
    "rtp": Target(read_rtp, samples.RTP),
    "rtcp": Target(read_rtcp, samples.RTCP),
    "sdp": Target(read_offer, samples.OFFERS, sdp.MAX_BYTES + 64),
    "fragment": Target(read_fragment, samples.FRAGMENTS, 4096),
    "h264": Target(read_h264, samples.H264),
    "vp8": Target(read_vp8, samples.VP8),
    "red": Target(read_red, samples.RED),
    "framing": Target(read_frames, samples.FRAMES, 4096),
    "srtp": Target(read_srtp, samples.RTP + samples.RTCP),
    "dtls": Target(read_dtls, samples.HELLOS),
    "way-in": Target(read_way_in, samples.SCRIPTS, 4096),
    "sign-in-code": Target(read_sign_in_code, samples.CODES, 512),
    "ticket": Target(read_ticket, samples.TICKETS, 4096),
    "grant": Target(read_grant, samples.GRANTS, 512),
    "socket": Target(read_socket, samples.MESSAGES, 4096),
    "first-bytes": Target(read_first_bytes, samples.FIRST_BYTES),
}
