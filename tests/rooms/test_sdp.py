"""Offers and answers: limits first, only known codecs, nothing smuggled through."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms import answer, candidates, negotiation, sdp
from rooms.answer import Transport
from rooms.interface import ProgrammeView, Refusal, Slot, SourcesView
from rooms.negotiation import SlotSsrcs
from rooms.sdp import MAX_BYTES, parse_offer
from rooms.stun import Credentials

HEAD = [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "a=ice-ufrag:theirs",
    "a=ice-pwd:0123456789abcdef0123456789",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
    "a=setup:actpass",
]
VIDEO = [
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104 108 109",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendonly",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "a=extmap:13 urn:3gpp:video-orientation",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 nack",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=rtpmap:102 H264/90000",
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
    "a=rtpmap:103 H264/90000",
    "a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f",
    "a=rtpmap:104 VP9/90000",
    "a=rtpmap:108 H264/90000",
    "a=rtcp-fb:108 transport-cc",
    "a=rtcp-fb:108 nack pli",
    "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "a=rtpmap:109 rtx/90000",
    "a=fmtp:109 apt=108",
]
SIMULCAST = ["a=rid:q send", "a=rid:h send", "a=rid:f send", "a=simulcast:send q;h;f"]
AUDIO = ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:1", "a=sendonly", "a=rtcp-mux"]
OPUS = ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"]
TRANSPORT = Transport(
    Credentials("ours", "secret"), "AA:BB", candidates.lines(("192.0.2.1", "2001:db8::1"), 5004, 5004)
)
SSRCS = {slot: SlotSsrcs(1000 + number, 2000 + number) for number, slot in enumerate(Slot)}


def text(*parts: list[str]) -> str:
    return "\r\n".join(line for part in parts for line in part) + "\r\n"


def publish(offer_text: str, codec: str = "H264") -> str:
    offer = parse_offer(offer_text)
    return answer.build(offer.media, negotiation.agree_to_publish(offer, codec).lines, TRANSPORT)


def watch(offer_text: str, view: ProgrammeView | SourcesView = ProgrammeView(), codec: str = "H264") -> list[str]:  # noqa: B008
    offer = parse_offer(offer_text.replace("a=sendonly", "a=recvonly"))
    built = answer.build(offer.media, negotiation.agree_to_watch(offer, codec, view, SSRCS).lines, TRANSPORT)
    return built.split("m=")[1:]


def refused(offer_text: str) -> str:
    with pytest.raises(Refusal) as refusal:
        publish(offer_text)
    return refusal.value.code


def test_a_line_for_the_bundle_alone_is_offered_although_its_port_is_zero() -> None:
    """RFC 9143, 7.2.1; so do browsers offer all but the first line under the policy "max-bundle"."""
    sound = [AUDIO[0].replace(" 9 ", " 0 "), "a=bundle-only", *AUDIO[1:], *OPUS]
    first, second = publish(text(HEAD, VIDEO, sound)).split("m=")[1:]
    assert first.startswith("video 9 ")
    assert second.startswith("audio 9 ")
    assert "a=rtpmap:111 opus/48000/2" in second
    outside = [line.replace("BUNDLE 0 1", "BUNDLE 0") for line in HEAD]
    for offer_text in (text(HEAD, VIDEO, [sound[0], *sound[2:]]), text(outside, VIDEO, sound)):
        assert not any(media.codecs for media in parse_offer(offer_text).media if media.kind == "audio"), "rejected"


def test_h264_42e01f_in_packetization_mode_1_is_taken_first() -> None:
    built = publish(text(HEAD, VIDEO, AUDIO, OPUS))
    assert "m=video 9 UDP/TLS/RTP/SAVPF 108 109\r\n" in built
    assert "a=fmtp:109 apt=108" in built
    assert "a=rtpmap:111 opus/48000/2" in built


def test_a_vp8_lesson_takes_vp8() -> None:
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" in publish(text(HEAD, VIDEO), "VP8")


def test_a_publisher_without_the_lessons_codec_is_taken_with_the_other() -> None:
    without_h264 = [line for line in VIDEO if ":102 " not in line and ":103 " not in line and ":108 " not in line]
    assert "a=rtpmap:96 VP8/90000" in publish(text(HEAD, without_h264))


def test_the_answer_to_a_publisher_is_ice_lite_passive_and_complete() -> None:
    lines = publish(text(HEAD, VIDEO, SIMULCAST)).splitlines()
    for expected in (
        "a=ice-lite",
        "a=setup:passive",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=fingerprint:sha-256 AA:BB",
        "a=ice-ufrag:ours",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 5004 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 5004 typ host",
        "a=candidate:3 1 tcp 1520435199 192.0.2.1 5004 typ host tcptype passive",
        "a=candidate:4 1 tcp 1520434943 2001:db8::1 5004 typ host tcptype passive",
        "a=end-of-candidates",
        "a=rid:h recv",
        "a=simulcast:recv q;h;f",
        "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=rtcp-fb:108 transport-cc",
    ):
        assert expected in lines
    assert not any("video-orientation" in line for line in lines)


def test_at_most_three_layers_are_taken() -> None:
    many = [f"a=rid:{n} send" for n in range(6)] + ["a=simulcast:send 0;1;2;3;4;5"]
    assert "a=simulcast:recv 0;1;2\r\n" in publish(text(HEAD, VIDEO, many))


def test_a_second_camera_in_one_offer_is_refused_as_a_whole() -> None:
    """RFC 9725, 4.4.2 and 4.4.3: whoever publishes two and sees one has been misled."""
    second = [line.replace("a=mid:0", "a=mid:2") for line in VIDEO]
    offer = text([line.replace("BUNDLE 0 1", "BUNDLE 0 1 2") for line in HEAD], VIDEO, AUDIO, OPUS, second)
    assert refused(offer) == "too_many_tracks"


def test_a_line_that_sends_nothing_is_no_second_camera() -> None:
    idle = [line.replace("a=mid:0", "a=mid:2").replace("a=sendonly", "a=inactive") for line in VIDEO]
    built = publish(text([line.replace("BUNDLE 0 1", "BUNDLE 0 1 2") for line in HEAD], VIDEO, AUDIO, OPUS, idle))
    assert built.count("m=video 9 ") == 1
    assert built.count("m=video 0 ") == 1
    assert "a=group:BUNDLE 0 1\r\n" in built


GOOD_PASSWORD = "p" * 22


@pytest.mark.parametrize(
    "fragment",
    [
        "",
        "hello",
        "a=ice-ufrag:abcd",
        f"a=ice-pwd:{GOOD_PASSWORD}",
        f"a=ice-ufrag:abc\r\na=ice-pwd:{GOOD_PASSWORD}",
        f"a=ice-ufrag:abcd\r\na=ice-pwd:{GOOD_PASSWORD[1:]}",
        f"a=ice-ufrag:ab cd\r\na=ice-pwd:{GOOD_PASSWORD}",
        f"a=ice-ufrag:abcd\r\na=ice-ufrag:efgh\r\na=ice-pwd:{GOOD_PASSWORD}",
        "a=end-of-candidates\r\n<html>",
    ],
)
def test_what_is_no_fragment_is_refused(fragment: str) -> None:
    with pytest.raises(Refusal) as refusal:
        sdp.parse_fragment(fragment)
    assert refusal.value.code == "bad_sdp"


def test_a_fragment_may_name_its_credentials_at_every_line() -> None:
    credentials = "a=ice-ufrag:abcd\r\na=ice-pwd:" + "p" * 22 + "\r\n"
    sections = credentials + "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + credentials + "a=end-of-candidates\r\n"
    assert sdp.parse_fragment(sections).ufrag == "abcd"
    assert sdp.parse_fragment("a=end-of-candidates\r\n").ufrag is None


@pytest.mark.parametrize("codec", ["AV1", "VP9", "H265"])
def test_a_picture_without_a_known_codec_is_refused_even_beside_good_sound(codec: str) -> None:
    unknown = [*VIDEO[:9], f"a=rtpmap:96 {codec}/90000"]
    assert refused(text(HEAD, unknown, AUDIO, OPUS)) == "no_known_codec"


def test_an_offer_that_sends_nothing_is_refused() -> None:
    assert refused(text(HEAD, VIDEO).replace("a=sendonly", "a=recvonly")) == "no_known_codec"


def test_an_offer_larger_than_the_limit_is_refused() -> None:
    assert refused(text(HEAD, VIDEO, ["a=x:" + "y" * MAX_BYTES])) == "bad_sdp"
    assert refused(text(HEAD, VIDEO, ["a=x:" + "长" * (MAX_BYTES // 3)])) == "bad_sdp"


def test_too_many_lines_or_candidates_in_a_section_are_refused() -> None:
    assert refused(text(HEAD, VIDEO, ["a=x"] * 300)) == "bad_sdp"
    assert refused(text(HEAD, VIDEO, ["a=candidate:1 1 udp 1 192.0.2.1 9 typ host"] * 17)) == "bad_sdp"


def test_candidates_of_any_kind_are_ignored() -> None:
    odd = ["a=candidate:1 1 udp 1 host.local 9 typ host", "a=candidate:nonsense", "a=candidate:1 1 udp 1 224.0.0.1 9"]
    assert publish(text(HEAD, VIDEO, odd)) == publish(text(HEAD, VIDEO))


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "v=0\r\n",
        text(HEAD),
        text([line for line in HEAD if "fingerprint" not in line], VIDEO),
        text([line for line in HEAD if "ice-ufrag" not in line], VIDEO),
        text([line.replace("actpass", "passive") for line in HEAD], VIDEO),
        text(HEAD, VIDEO, VIDEO),
        text(HEAD, [line.replace("a=mid:0", "a=mid:0 evil") for line in VIDEO]),
        text(HEAD, [line.replace("42e01f", "42zz1f") for line in VIDEO]),
        text(HEAD, VIDEO, ["a=fmtp:55 x=y"]),
    ],
)
def test_what_cannot_be_understood_is_refused(broken: str) -> None:
    assert refused(broken) == "bad_sdp"


@given(st.data())
def test_no_mangled_offer_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    whole = text(HEAD, VIDEO, SIMULCAST, AUDIO, OPUS)
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, min(len(whole), start + 40)))
    mangled = whole[:start] + data.draw(st.text(max_size=40)) + whole[stop:]
    with contextlib.suppress(Refusal):
        publish(mangled)


def test_the_nth_line_of_a_kind_gets_the_nth_slot() -> None:
    head = [line.replace("BUNDLE 0 1", "BUNDLE 0 1 2 3 4") for line in HEAD]
    more = [(VIDEO, "0", "2"), (AUDIO + OPUS, "1", "3"), (VIDEO, "0", "4")]
    extra = [[line.replace(f"a=mid:{a}", f"a=mid:{b}") for line in part] for part, a, b in more]
    media = watch(text(head, VIDEO, AUDIO, OPUS, *extra))
    tracks = [next((line[7:] for line in part.splitlines() if line.startswith("a=msid:")), None) for part in media]
    assert tracks == ["programme camera", "programme audio-1", "screen screen", "programme audio-2", None]
    assert media[4].startswith("video 0 ")
    assert f"a=ssrc:{SSRCS[Slot.CAMERA].media} cname:" in media[0]
    assert "a=sendonly" in media[0]


def test_a_viewer_is_offered_the_lessons_codec_first_and_the_other_behind_it() -> None:
    assert watch(text(HEAD, VIDEO))[0].startswith("video 9 UDP/TLS/RTP/SAVPF 108 109 96 97")
    assert watch(text(HEAD, VIDEO), codec="VP8")[0].startswith("video 9 UDP/TLS/RTP/SAVPF 96 97 108 109")


def test_viewers_are_not_promised_transport_wide_feedback() -> None:
    assert "transport-cc" not in "".join(watch(text(HEAD, VIDEO)))


def test_a_viewer_that_cannot_decode_the_programme_is_told_at_once() -> None:
    vp8_only = [line for line in VIDEO if ":102 " not in line and ":103 " not in line and ":108 " not in line]
    offer = parse_offer(text(HEAD, vp8_only, AUDIO, OPUS).replace("a=sendonly", "a=recvonly"))
    with pytest.raises(Refusal) as refusal:
        negotiation.check_decodable(offer, ProgrammeView(), "H264")
    assert refusal.value.code == "no_known_codec"
    negotiation.check_decodable(offer, ProgrammeView(), "VP8")
    negotiation.check_decodable(offer, SourcesView(("venue",)), "H264")


def test_a_listener_needs_no_video_codec() -> None:
    offer = parse_offer(text(HEAD, AUDIO, OPUS).replace("a=sendonly", "a=recvonly").replace("BUNDLE 0 1", "BUNDLE 1"))
    negotiation.check_decodable(offer, ProgrammeView(), "H264")


def test_a_view_of_one_source_rejects_the_lines_beyond_it() -> None:
    second = [line.replace("a=mid:0", "a=mid:1") for line in VIDEO]
    first, other = watch(text(HEAD, VIDEO, second), SourcesView(("venue",)))
    assert first.startswith("video 9 ")
    assert other.startswith("video 0 ")


@pytest.mark.parametrize("number", ["300", "70000", "-3", "128", "72"])
def test_a_payload_type_that_no_packet_can_carry_is_as_good_as_not_offered(number: str) -> None:
    """``a=rtpmap`` may name what the m-line does not; sent with such a number a packet cannot even be built."""
    strange = [re.sub(r"([:=])10[89]\b", rf"\g<1>{number}", line) for line in VIDEO]
    offer = parse_offer(text(HEAD, strange, AUDIO, OPUS))
    for codec in offer.media[0].codecs:
        assert codec.payload_type in {96, 102, 103}
        assert codec.rtx_payload_type in {97, None}


def test_both_families_are_told_in_turn_and_what_nobody_reaches_is_not() -> None:
    """RFC 8421, 4."""
    given = (
        "10.0.0.1",
        "127.0.0.1",
        "10.0.0.2",
        "fe80::1",
        "fd00::1",
        "fe80::1%eth0",
        "::",
        "::1",
        "10.0.0.1",
        "10.0.0.3",
    )
    assert candidates.in_order(given) == ("fd00::1", "10.0.0.1", "10.0.0.2", "10.0.0.3", "127.0.0.1", "::1")


def test_priorities_fall_and_no_tcp_candidate_is_above_a_udp_one() -> None:
    told = candidates.lines(("fd00::1", "10.0.0.1"), 5004, 5004)[:-1]
    priorities = [int(line.split()[3]) for line in told]
    assert priorities == sorted(priorities, reverse=True)
    assert [line.split()[2] for line in told] == ["udp", "udp", "tcp", "tcp"]
    assert len({line.split()[0] for line in told}) == 4, "a foundation for each"
