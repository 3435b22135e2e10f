"""RTP, RTCP, STUN and keyframes on the wire; aioice and aiortc as references."""

import contextlib
import struct

import pytest
from aioice import stun as reference_stun
from aiortc import rtp as reference_rtp
from hypothesis import given
from hypothesis import strategies as st

from rooms import h264, rtcp, rtp, stun, vp8
from rooms.rtp import RtpPacket


@given(st.binary(max_size=300))
def test_no_bytes_make_a_parser_raise_anything_but_a_value_error(data: bytes) -> None:
    for parse in (rtp.parse, rtcp.parse, stun.parse_binding_request, vp8.describe):
        with contextlib.suppress(ValueError):
            parse(data)
    assert h264.starts_keyframe(data) in (True, False)
    assert vp8.starts_keyframe(data) in (True, False)
    vp8.shifted(data, 1, 1)


@given(st.binary(max_size=100), st.integers(0, 127), st.booleans(), st.integers(0, 0xFFFF), st.integers(1, 40))
def test_extensions_and_padding_are_taken_off(
    body: bytes, kind: int, marker: bool, sequence: int, padding: int
) -> None:
    theirs = reference_rtp.RtpPacket(
        payload_type=kind, marker=int(marker), sequence_number=sequence, timestamp=5, ssrc=9, payload=body
    )
    theirs.padding_size = padding
    theirs.extensions.mid = "video"
    extensions = reference_rtp.HeaderExtensionsMap()
    extensions._HeaderExtensionsMap__ids.mid = 3  # type: ignore[attr-defined]
    parsed = rtp.parse(theirs.serialize(extensions))
    assert (parsed.payload, parsed.payload_type, parsed.marker, parsed.sequence) == (body, kind, marker, sequence)
    assert rtp.extension_values(parsed) == {3: b"video"}


def test_two_byte_extensions_are_read_too() -> None:
    packet = RtpPacket(96, False, 0, 0, 1, b"", 0x1000, bytes((20, 2)) + b"hi" + bytes((0, 1, 0, 0)))
    assert rtp.extension_values(packet) == {20: b"hi", 1: b""}


def test_a_retransmission_gives_the_original_back_and_a_probe_gives_nothing() -> None:
    outer = RtpPacket(97, True, 5, 77, 2, struct.pack("!H", 1234) + b"body")
    original = rtp.unwrap_rtx(outer, 1, 96)
    assert original is not None
    assert (original.ssrc, original.payload_type, original.sequence, original.payload) == (1, 96, 1234, b"body")
    assert rtp.unwrap_rtx(RtpPacket(97, False, 5, 77, 2, b"\0\1"), 1, 96) is None


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=60, unique=True))
def test_a_nack_names_exactly_the_packets_it_was_built_for(sequences: list[int]) -> None:
    (nack,) = rtcp.parse(rtcp.build_nack(1, 2, sequences))
    assert isinstance(nack, rtcp.Nack)
    assert sorted(nack.sequences) == sorted(sequences)
    (theirs,) = reference_rtp.RtcpPacket.parse(rtcp.build_nack(1, 2, sequences))
    assert sorted(number & 0xFFFF for number in theirs.lost) == sorted(sequences)  # aiortc does not wrap them


def test_transport_wide_feedback_is_not_taken_for_nacks() -> None:
    feedback = struct.pack("!BBHIIHHI", 0x80 | 15, rtcp.RTPFB, 5, 1, 2, 100, 8, 0) + bytes(4)
    assert rtcp.parse(feedback) == ()


@given(st.integers(1, (1 << 18) - 1), st.integers(0, 12), st.lists(st.integers(0, 0xFFFFFFFF), max_size=4))
def test_remb_says_what_it_was_told(mantissa: int, exponent: int, ssrcs: list[int]) -> None:
    packet = rtcp.build_remb(1, mantissa << exponent, ssrcs)
    (remb,) = rtcp.parse(packet)
    assert isinstance(remb, rtcp.Remb)
    assert remb.ssrcs == tuple(ssrcs)
    assert 0 <= (mantissa << exponent) - remb.bitrate_bps < max(1, (mantissa << exponent) >> 17)
    (theirs,) = reference_rtp.RtcpPacket.parse(packet)
    assert reference_rtp.unpack_remb_fci(theirs.fci) == (remb.bitrate_bps, ssrcs)


def test_reports_are_read_by_others_as_they_were_meant() -> None:
    block = rtcp.ReportBlock(7, 12, -3, 0x1FFFF, 44, 5, 6)
    compound = (
        rtcp.build_receiver_report(1, [block])
        + rtcp.build_cname(1, "node")
        + rtcp.build_sender_report(rtcp.SenderReport(3, 4 << 32, 5, 6, 7))
        + rtcp.build_pli(1, 9)
        + rtcp.build_bye([11])
    )
    receiver, source, sender, pli, bye = reference_rtp.RtcpPacket.parse(compound)
    assert (receiver.reports[0].fraction_lost, receiver.reports[0].packets_lost) == (12, -3)
    assert source.chunks[0].ssrc == 1
    assert (sender.ssrc, sender.sender_info.rtp_timestamp, sender.sender_info.octet_count) == (3, 5, 7)
    assert (pli.fmt, pli.media_ssrc, bye.sources) == (1, 9, [11])
    assert rtcp.parse(compound) == (
        rtcp.ReceiverReport(1, (block,)),
        rtcp.SenderReport(3, 4 << 32, 5, 6, 7),
        rtcp.KeyframeRequest(9),
        rtcp.Bye((11,)),
    )


def check(password: str, *, username: str = "ours:theirs", nominate: bool = True) -> bytes:
    message = reference_stun.Message(reference_stun.Method.BINDING, reference_stun.Class.REQUEST)
    message.attributes.update({"USERNAME": username, "PRIORITY": 1, "ICE-CONTROLLING": 2})
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


@pytest.mark.parametrize("address", [("192.0.2.7", 4000), ("2001:db8::7", 4000)])
def test_an_independent_stack_accepts_our_answer_to_its_check(address: tuple[str, int]) -> None:
    request = stun.parse_binding_request(check("secret"))
    assert stun.authentic(request, "secret")
    assert (request.local_ufrag, request.use_candidate) == ("ours", True)
    response = reference_stun.parse_message(stun.build_binding_response(request.transaction_id, address, "secret"))
    assert response.check_message_integrity(b"secret")
    assert response.attributes["XOR-MAPPED-ADDRESS"] == address


def test_an_ipv4_peer_on_a_dual_stack_socket_is_told_its_ipv4_address() -> None:
    response = stun.build_binding_response(bytes(12), ("::ffff:192.0.2.7", 4000), "secret")
    assert reference_stun.parse_message(response).attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.7", 4000)


def test_a_check_under_another_password_is_not_authentic() -> None:
    assert not stun.authentic(stun.parse_binding_request(check("guess")), "secret")


@given(st.data())
def test_no_change_of_a_single_byte_leaves_a_check_authentic(data: st.DataObject) -> None:
    whole = bytearray(check("secret"))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        request = stun.parse_binding_request(bytes(whole))
    except ValueError:
        return
    assert not stun.authentic(request, "secret")


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (bytes((0x67, 1, 2)), True),
        (bytes((0x65, 1, 2)), True),
        (bytes((0x41, 1, 2)), False),
        (bytes((0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1)), True),
        (bytes((0x78, 0, 2, 0x41, 1)), False),
        (bytes((0x7C, 0x85, 1)), True),
        (bytes((0x7C, 0x05, 1)), False),
        (bytes((0x7C, 0x81, 1)), False),
        (b"", False),
    ],
)
def test_where_an_h264_keyframe_begins(payload: bytes, starts: bool) -> None:
    assert h264.starts_keyframe(payload) is starts


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (bytes((0x10, 0x00)), True),
        (bytes((0x10, 0x01)), False),
        (bytes((0x00, 0x00)), False),
        (bytes((0x90, 0x80, 0x81, 0x02, 0x00)), True),
        (bytes((0x90, 0x80, 0x81)), False),
    ],
)
def test_where_a_vp8_keyframe_begins(payload: bytes, starts: bool) -> None:
    assert vp8.starts_keyframe(payload) is starts
