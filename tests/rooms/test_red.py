"""Redundant sound (RFC 2198): what a packet carries, for whom, and that a repetition is the same bytes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import answer, negotiation, red, rtp, sdp
from rooms.answer import Transport
from rooms.cache import PacketCache
from rooms.interface import Refusal
from rooms.protection import CALM_MS, Protection
from rooms.red import Form, Forms, Redundancy
from rooms.rtcp import KeyframeRequest, ReportBlock
from rooms.rtp import RtpPacket
from rooms.stun import Credentials
from tests.rooms.dryroom import DryRoom, Listener, Microphone
from tests.rooms.light_peer import AUDIO_TYPE, RED_TYPE

OPUS = 111
PAYLOADS = st.binary(min_size=1, max_size=300)


def packet(index: int, payload: bytes = b"", step: int = 960) -> RtpPacket:
    timestamp = index * step & 0xFFFFFFFF
    return RtpPacket(OPUS, False, index & 0xFFFF, timestamp, 1, payload or b"%d" % index, index=index)


def stream_of(packets: list[RtpPacket]) -> Redundancy:
    cache = PacketCache(128)
    for one in packets:
        cache.put(one, 0)
    return Redundancy(cache)


# ---- the payload


@given(st.lists(PAYLOADS, min_size=1, max_size=3), st.integers(0, 0xFFFFFFFF), st.integers(120, 5760))
def test_what_was_wrapped_is_unwrapped(payloads: list[bytes], start: int, step: int) -> None:
    packets = [
        RtpPacket(OPUS, False, n, start + n * step & 0xFFFFFFFF, 1, body, index=n) for n, body in enumerate(payloads)
    ]
    *earlier, last = packets
    blocks = red.unwrap(red.wrap(last, earlier, OPUS))
    assert [block.payload for block in blocks] == payloads
    assert {block.payload_type for block in blocks} == {OPUS}
    assert [block.offset for block in blocks] == [(last.timestamp - one.timestamp) & 0xFFFFFFFF for one in packets]


@given(st.binary(max_size=64))
def test_any_bytes_are_blocks_or_a_value_error(payload: bytes) -> None:
    try:
        blocks = red.unwrap(payload)
    except ValueError:
        return
    assert sum(len(block.payload) for block in blocks) + 4 * (len(blocks) - 1) + 1 == len(payload)


def test_the_payload_of_rfc_2198_bit_by_bit() -> None:
    wrapped = red.wrap(packet(10, b"now"), [packet(9, b"before")], 5)
    assert wrapped[0] == 0x80 | 5
    assert int.from_bytes(wrapped[1:4], "big") == 960 << 10 | 6
    assert wrapped[4:] == bytes([5]) + b"before" + b"now"


@pytest.mark.parametrize(
    ("packets", "carried"),
    [
        pytest.param([packet(1), packet(2), packet(3)], [1, 2], id="two before it"),
        pytest.param([packet(1), packet(3)], [], id="a packet is missing"),
        pytest.param([packet(1, step=960), packet(2, step=9600)], [], id="a pause between"),
        pytest.param([packet(1, b"x" * 1024), packet(2)], [], id="longer than ten bits say"),
        pytest.param([packet(1, b"x" * 700), packet(2, b"x" * 700)], [], id="too much for a datagram"),
        pytest.param([packet(1, b"x" * 600), packet(2, b"x" * 300), packet(3, b"x" * 350)], [2], id="room for one"),
        pytest.param([packet(1, step=5700), packet(2, step=5700), packet(3, step=5700)], [1, 2], id="long packets"),
    ],
)
def test_what_goes_along(packets: list[RtpPacket], carried: list[int]) -> None:
    last = packets[-1]
    built = stream_of(packets).packet(last, Form(2, OPUS))
    blocks = red.unwrap(built.payload)
    by_index = {one.index: one.payload for one in packets}
    assert [block.payload for block in blocks] == [by_index[index] for index in carried] + [last.payload]
    assert len(built.payload) <= max(red.MAX_PAYLOAD_BYTES, len(last.payload) + 1)


def test_the_timestamp_offset_stays_within_fourteen_bits() -> None:
    packets = [packet(index, step=5760) for index in range(1, 5)]
    blocks = red.unwrap(stream_of(packets).packet(packets[-1], Form(3, OPUS)).payload)
    assert [block.offset for block in blocks] == [11520, 5760, 0]


def test_nothing_is_carried_over_a_cut() -> None:
    packets = [packet(index) for index in range(1, 7)]
    stream = stream_of(packets)
    stream.cut(3)
    counts = {one.index: len(red.unwrap(stream.packet(one, Form(2, OPUS)).payload)) for one in packets[2:]}
    assert counts == {3: 1, 4: 2, 5: 3, 6: 3}


def test_what_went_out_stays_the_same_when_a_missing_packet_comes_late() -> None:
    cache = PacketCache(128)
    stream = Redundancy(cache)
    cache.put(packet(3), 0)
    before = stream.packet(packet(3), Form(1, OPUS)).payload
    cache.put(packet(2), 0)
    assert stream.packet(packet(3), Form(1, OPUS)).payload == before


@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from([None, Form(1, OPUS), Form(2, OPUS)])), max_size=30))
def test_the_form_of_every_number_is_known_or_admitted_to_be_forgotten(changes: list[tuple[int, Form | None]]) -> None:
    forms = Forms()
    sent: dict[int, Form | None] = {}
    number = 0
    for length, form in changes:
        for number in range(number, number + length):  # noqa: B020 - goes on where it was
            sent[number] = forms.now
        number += 1
        forms.change(form, number)
    for number, form in sent.items():
        try:
            assert forms.at(number) == form
        except LookupError:
            assert len(changes) >= red.REMEMBERED_CHANGES


# ---- how much of it


def block(highest: int, loss: float) -> ReportBlock:
    return ReportBlock(1, round(loss * 256), 0, highest, 0, 0, 0)


@pytest.mark.parametrize(("loss", "depth"), [(0.0, 0), (0.01, 0), (0.04, 1), (0.09, 1), (0.12, 2), (0.5, 2)])
def test_depth_follows_the_loss_that_is_reported(loss: float, depth: int) -> None:
    protection = Protection()
    for second in range(10):
        protection.report(block(1000 + 50 * second, loss), 1000.0 * second)
    assert protection.depth == depth


def test_it_goes_down_slowly_and_step_by_step() -> None:
    protection = Protection()
    for second in range(3):
        protection.report(block(1000 + 50 * second, 0.2), 1000.0 * second)
    depths = []
    for second in range(3, 60):
        protection.report(block(1000 + 50 * second, 0.0), 1000.0 * second)
        depths.append(protection.depth)
    changes = [key for key, _ in itertools.groupby(depths)]
    assert changes == [2, 1, 0]
    assert depths.count(1) * 1000 >= CALM_MS


def test_one_lost_packet_is_no_loss() -> None:
    protection = Protection()
    protection.sent(50, 1000)
    protection.asked(1, (7,), 1100)
    assert protection.depth == 0


def test_what_is_asked_for_again_counts_as_loss_though_reports_show_none() -> None:
    protection = Protection()
    for second in range(5):
        protection.report(block(1000 + 50 * second, 0.0), 1000.0 * second)
        protection.sent(50, 1000.0 * second)
        for lost in range(4):
            number = 50 * second + 10 * lost
            protection.asked(1, (number,), 1000.0 * second + 1)
            protection.asked(1, (number,), 1000.0 * second + 50)  # the same once more
    assert protection.depth == 1
    assert 0.06 < protection.loss < 0.1


@given(st.lists(st.tuples(st.floats(0, 0.06), st.integers(30, 70)), min_size=60, max_size=60))
def test_depth_does_not_flap(reports: list[tuple[float, int]]) -> None:
    protection = Protection()
    highest, depths = 1000, []
    for second, (loss, packets) in enumerate(reports):
        highest += packets
        protection.report(block(highest, loss), 1000.0 * second)
        depths.append(protection.depth)
    downs = sum(after < before for before, after in itertools.pairwise(depths))
    assert downs <= 60_000 / CALM_MS


def test_who_cannot_ask_again_is_protected_before_the_first_report() -> None:
    protection = Protection()
    protection.begin(5000.0)
    assert protection.depth == 1
    for second in range(6, 30):
        protection.sent(50, 1000.0 * second)
        assert protection.depth == (1 if 1000.0 * second - 5000.0 < CALM_MS else 0)


# ---- offer and answer


def offered(*lines: str) -> str:
    return "\r\n".join([
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63", "c=IN IP4 0.0.0.0", "a=mid:0", "a=recvonly", "a=rtcp-mux",
        "a=ice-ufrag:abcd", "a=ice-pwd:0123456789abcdef0123456789", "a=setup:actpass",
        "a=fingerprint:sha-256 " + ":".join(["00"] * 32), "a=rtpmap:111 opus/48000/2", *lines, "",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "agreed"),
    [
        (["a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"], 63),
        (["a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111/111"], 63),
        (["a=rtpmap:63 red/48000/2", "a=fmtp:63 111/0"], None),
        (["a=rtpmap:63 red/48000/2", "a=fmtp:63 112/112"], None),
        (["a=rtpmap:63 red/8000", "a=fmtp:63 111/111"], None),
        (["a=rtpmap:63 red/48000/2"], None),
        (["a=rtpmap:63 red/48000/2", "a=fmtp:63 ²/²"], None),
        ([], None),
    ],
)
def test_redundancy_is_agreed_when_it_carries_opus_alone(lines: list[str], agreed: int | None) -> None:
    try:
        codec = sdp.parse_offer(offered(*lines)).media[0].codec("opus")
    except Refusal:
        assert agreed is None
        return
    assert codec is not None
    assert codec.red_payload_type == agreed


# ---- in a room


def spoken(room: DryRoom, speaker: Microphone, packets: int) -> None:
    room.each_step(20 * packets, speaker.sound)


def on_air(*, agreed: bool = True) -> tuple[DryRoom, Microphone, Listener]:
    room = DryRoom()
    speaker, listener = room.microphone("a"), room.listener(redundancy=agreed)
    room.room.open_audio(frozenset({"a"}))
    spoken(room, speaker, 5)
    return room, speaker, listener


def types(listener: Listener) -> list[int]:
    return [packet.payload_type for packet in listener.sound()]


def test_without_loss_sound_goes_out_plain() -> None:
    room, speaker, listener = on_air()
    listener.reports(0.0)
    spoken(room, speaker, 5)
    assert set(types(listener)) == {AUDIO_TYPE}


def test_a_viewer_that_cannot_ask_again_gets_every_packet_twice_until_a_calm_time() -> None:
    room, speaker, _ = on_air()
    deaf = room.listener("deaf", redundancy=True, asks=False)
    spoken(room, speaker, 5)
    assert set(types(deaf)) == {RED_TYPE}
    room.advance(CALM_MS + 1000)
    before = len(deaf.packets)
    spoken(room, speaker, 5)
    assert {packet.payload_type for packet in deaf.sound()[before:]} == {AUDIO_TYPE}


def test_a_lossy_viewer_gets_every_packet_twice_and_a_very_lossy_one_three_times() -> None:
    room, speaker, listener = on_air()
    other = room.listener("other", redundancy=True)
    for loss, depth in ((0.05, 1), (0.3, 2)):
        for _ in range(4):
            listener.reports(loss)
        before = len(listener.packets)
        spoken(room, speaker, 5)
        for packet in listener.sound()[before:]:
            assert packet.payload_type == RED_TYPE
            blocks = red.unwrap(packet.payload)
            assert {b.payload_type for b in blocks} == {AUDIO_TYPE}
            numbers = [int(b.payload.partition(b":")[2]) for b in blocks]
            assert len(numbers) == depth + 1
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert [b.offset for b in blocks] == [960 * n for n in range(depth, -1, -1)]
    assert set(types(other)) == {AUDIO_TYPE}
    numbers = [packet.sequence for packet in listener.sound()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    room.advance(1000)
    assert room.room.tally()["red_sent"] >= 10


def test_a_viewer_that_did_not_agree_to_it_never_gets_it() -> None:
    room, speaker, listener = on_air(agreed=False)
    for _ in range(4):
        listener.reports(0.3)
    spoken(room, speaker, 5)
    assert set(types(listener)) == {AUDIO_TYPE}


def test_one_payload_is_built_for_all_viewers_of_a_form() -> None:
    room, speaker, first = on_air()
    second = room.listener("second", redundancy=True)
    for _ in range(4):
        first.reports(0.05)
        second.reports(0.05)
    spoken(room, speaker, 3)
    assert [p.payload for p in first.sound()[-3:]] == [p.payload for p in second.sound()[-3:]]
    assert len(speaker.source.streams()[0].redundant) == 1


def test_a_packet_asked_for_again_is_the_same_bytes_in_whichever_form_it_went_out() -> None:
    room, speaker, listener = on_air()
    for loss in (0.0, 0.05, 0.3):
        for _ in range(4):
            listener.reports(loss)
        spoken(room, speaker, 4)
        speaker.sound(lose=True)
        lost = speaker.sequence
        spoken(room, speaker, 3)
        speaker.again(lost)  # late: repaired from the publisher
    originals = [datagram for _, datagram in room.datagrams]
    assert {d[1] & 0x7F for d in originals} == {AUDIO_TYPE, RED_TYPE}
    for datagram in originals:
        room.advance(500)
        before = len(room.datagrams)
        listener.asks_again(int.from_bytes(datagram[8:12], "big"), int.from_bytes(datagram[2:4], "big"))
        assert [again for _, again in room.datagrams[before:]] == [datagram]
    assert room.room.tally()["audio_nack_served"] == len(originals)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["speak", "lose", "late", "lossy", "very lossy", "calm", "cut", "ask"]), max_size=120))
def test_no_sequence_number_ever_carries_two_texts(steps: list[str]) -> None:
    """Whatever happens: one number under one key is one packet, or the key stream would be given away."""
    room = DryRoom()
    speakers = [room.microphone(name) for name in "ab"]
    listener = room.listener(redundancy=True)
    room.room.open_audio(frozenset({"a"}))
    lost: list[tuple[Microphone, int]] = []
    for number, step in enumerate(steps):
        match step:
            case "speak" | "lose":
                for speaker in speakers:
                    sequence = speaker.sound(lose=step == "lose")
                    lost += [(speaker, sequence)] if step == "lose" else []
            case "late":
                for speaker, sequence in lost:
                    speaker.again(sequence)
                lost.clear()
            case "cut":
                room.room.open_audio(frozenset("ab"[number % 2]))
            case "ask" if listener.packets:
                for _, packet in listener.packets[-8:]:
                    listener.asks_again(packet.ssrc, packet.sequence)
            case "calm":
                room.advance(CALM_MS)
                listener.reports(0.0)
            case "lossy" | "very lossy":
                listener.reports(0.05 if step == "lossy" else 0.3, packets=200)
        room.advance(20)
    texts: dict[tuple[int, int], bytes] = {}
    for _, datagram in room.datagrams:
        key = (int.from_bytes(datagram[8:12], "big"), int.from_bytes(datagram[2:4], "big"))
        assert texts.setdefault(key, datagram) == datagram


def test_a_switch_of_source_carries_nothing_of_before_it() -> None:
    room = DryRoom()
    a, b = room.microphone("a"), room.microphone("b")
    listener = room.listener(redundancy=True)
    room.room.open_audio(frozenset({"a"}))

    def both() -> None:
        a.sound()
        b.sound()

    room.each_step(200, both)
    for _ in range(4):
        listener.reports(0.3)
    room.each_step(200, both)
    room.room.open_audio(frozenset({"b"}))
    before = len(listener.packets)
    room.each_step(200, both)
    after = [red.unwrap(packet.payload) for packet in listener.sound()[before:]]
    assert [len(blocks) for blocks in after[:4]] == [1, 2, 3, 3]
    assert all(block.payload.startswith(b"b") for blocks in after for block in blocks)
    first, *_ = listener.sound()[before:]
    last_of_a = listener.sound()[before - 1]
    assert (first.timestamp - last_of_a.timestamp) & 0xFFFFFFFF < 48_000


def test_an_audio_gap_is_asked_of_the_publisher_and_served_late_in_each_form() -> None:
    room, speaker, listener = on_air()
    plain = room.listener("plain")
    for _ in range(4):
        listener.reports(0.05)
    spoken(room, speaker, 3)
    lost = speaker.sound(lose=True)
    spoken(room, speaker, 5)
    assert lost in speaker.asked_again()
    assert room.room.tally()["audio_nack_sent"] > 0
    speaker.again(lost)
    assert plain.sound()[-1].payload == f"a:{lost}".encode()
    assert red.unwrap(listener.sound()[-1].payload)[-1].payload == f"a:{lost}".encode()


def test_a_packet_of_before_a_change_of_form_comes_late_in_its_own_form_when_it_is_asked_for() -> None:
    room, speaker, listener = on_air()
    lost = speaker.sound(lose=True)
    spoken(room, speaker, 1)
    for _ in range(4):
        listener.reports(0.3)
    spoken(room, speaker, 1)
    speaker.again(lost)
    assert [packet.payload_type for packet in listener.sound()[-2:]] == [AUDIO_TYPE, RED_TYPE], "it came unasked"
    missing = listener.sound()[-2].sequence - 1
    listener.asks_again(listener.sound()[0].ssrc, missing)
    assert (listener.sound()[-1].sequence, listener.sound()[-1].payload_type) == (missing, AUDIO_TYPE)


def test_nobody_asks_a_publisher_for_keyframes_of_sound() -> None:
    room, speaker, _ = on_air()
    speaker.sequence += 1000
    spoken(room, speaker, 60)
    assert not [packet for packet in speaker.peer.rtcp if isinstance(packet, KeyframeRequest)]


# ---- losses of a publisher's uplink


def test_a_hole_of_the_publishers_is_no_loss_of_the_viewers() -> None:
    room, speaker, listener = on_air()
    for second in range(12):
        for number in range(50):
            speaker.sound(lose=number % 5 == 4)
            room.advance(20)
        listener.reports(0.2)
        newest = listener.sound()[-1]
        holes = [newest.sequence - 50 + number & 0xFFFF for number in range(50)]
        sent = {packet.sequence for packet in listener.sound()}
        listener.asks_again(newest.ssrc, *(number for number in holes if number not in sent))
        assert set(types(listener)) == {AUDIO_TYPE}, f"second {second}"


def test_what_was_repaired_late_is_no_loss_of_the_viewers_either_when_they_ask_for_it() -> None:
    room, speaker, listener = on_air()
    for _ in range(40):
        lost = speaker.sound(lose=True)
        speaker.sound()
        speaker.again(lost)
        room.advance(40)
        late = listener.sound()[-1]
        assert late.payload == f"a:{lost}".encode()
        listener.asks_again(late.ssrc, late.sequence)
        room.advance(200)
    assert set(types(listener)) == {AUDIO_TYPE}


def test_a_viewer_that_loses_as_well_is_protected_all_the_same() -> None:
    room, speaker, listener = on_air()
    for _ in range(12):
        for number in range(50):
            speaker.sound(lose=number % 5 == 4)
            room.advance(20)
        listener.reports(0.2 + 0.8 * 0.2)
    assert listener.sound()[-1].payload_type == RED_TYPE


# ---- redundant sound of publishers


def carried(speaker: Microphone, depth: int, **kind: int) -> bytes:
    """The next packet of sound as Chromium sends it, with those before it."""
    speaker.sound(lose=True)
    earlier = [
        (rtp.parse(speaker.sent[speaker.sequence - back & 0xFFFF]), back)
        for back in range(depth, 0, -1)
        if speaker.sequence - back & 0xFFFF in speaker.sent
    ]
    last = rtp.parse(speaker.sent[speaker.sequence & 0xFFFF])
    body = red.wrap(last, [one for one, _ in earlier], kind.get("block_type", AUDIO_TYPE))
    return rtp.build(RED_TYPE, False, speaker.sequence, speaker.timestamp, speaker.audio_ssrc, body)


def redundant_speaker() -> tuple[DryRoom, Microphone, Listener]:
    room = DryRoom()
    speaker, listener = room.microphone("a", redundancy=True), room.listener()
    room.room.open_audio(frozenset({"a"}))
    return room, speaker, listener


def test_a_publisher_is_asked_for_redundant_sound_first() -> None:
    text = answer_of(["a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"])
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n" in text
    assert "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n" in text


def answer_of(lines: list[str]) -> str:
    offer = sdp.parse_offer(offered(*lines).replace("recvonly", "sendonly"))
    transport = Transport(Credentials.fresh(), ":".join(["00"] * 32), ())
    return answer.build(offer.media, negotiation.agree_to_publish(offer, "H264").lines, transport)


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.sampled_from([1, 2]))
def test_viewers_and_recorder_get_plain_sound_in_order_and_each_once(losses: list[bool], depth: int) -> None:
    room, speaker, listener = redundant_speaker()
    recorder = room.recorder()
    arrived: set[int] = set()
    for lost in [False, *losses]:
        datagram = carried(speaker, depth)
        if not lost:
            speaker.source.on_rtp(datagram, room.now_ms)
            arrived |= {speaker.sequence - back for back in range(depth + 1)} & set(range(101, 1000))
        room.advance(20)
    wanted = [f"a:{number}".encode() for number in sorted(arrived)]
    assert [packet.payload for packet in listener.sound()] == wanted
    assert [packet.payload for packet in recorder.packets] == wanted
    assert {packet.codec for packet in recorder.packets} == {"opus"}
    assert set(types(listener)) == {AUDIO_TYPE}
    numbers = [packet.sequence for packet in listener.sound()]
    assert [number - numbers[0] for number in numbers] == [number - min(arrived) for number in sorted(arrived)]
    assert speaker.source.streams()[0].reception.received == 1 + losses.count(False)


def test_what_came_within_another_packet_is_not_asked_for() -> None:
    room, speaker, _ = redundant_speaker()
    for number in range(50):
        datagram = carried(speaker, 1)
        if number % 2 == 0:
            speaker.source.on_rtp(datagram, room.now_ms)
        room.advance(20)
    assert speaker.asked_again() == []
    assert room.room.tally()["red_restored"] == 24


@pytest.mark.parametrize("payload", [b"", b"\xef", b"\xef\0\0\xff\x6f", bytes([0x80 | 112, 0, 0, 1, 112]) + b"xy"])
def test_a_malformed_redundant_packet_costs_only_itself(payload: bytes) -> None:
    room, speaker, listener = redundant_speaker()
    speaker.source.on_rtp(carried(speaker, 1), room.now_ms)
    bad = rtp.build(RED_TYPE, False, speaker.sequence + 1, speaker.timestamp + 960, speaker.audio_ssrc, payload)
    with pytest.raises(ValueError, match=r"redundant|payload type"):
        speaker.source.on_rtp(bad, room.now_ms)
    speaker.sequence += 1
    speaker.source.on_rtp(carried(speaker, 1), room.now_ms)
    assert len(listener.sound()) == 2


def test_of_many_blocks_only_the_newest_are_looked_at() -> None:
    packets = [packet(index, step=120) for index in range(1, 33)]
    wrapped = red.wrap(packets[-1], packets[:-1], OPUS)
    found = red.originals(RtpPacket(63, False, 32, 32 * 120, 1, wrapped), OPUS)
    assert [one.sequence for one in found] == [28, 29, 30, 31, 32]
    assert [one.timestamp for one in found] == [number * 120 for number in (28, 29, 30, 31, 32)]


def test_publishers_are_not_asked_for_transport_wide_numbers_of_sound() -> None:
    """With them Chromium probes by padding among the numbers of its sound: every viewer would see holes."""
    assert "transport" not in answer_of([
        "a=rtcp-fb:111 transport-cc", "a=rtcp-fb:111 nack", f"a=extmap:3 {sdp.TRANSPORT_CC}",
    ])  # fmt: skip


def test_padding_of_a_publisher_is_no_loss_of_the_viewers() -> None:
    room, speaker, listener = on_air()
    for _ in range(12):
        for number in range(50):
            if number % 3 == 0:
                speaker.sequence += 1
                empty = rtp.build(AUDIO_TYPE, False, speaker.sequence, speaker.timestamp, speaker.audio_ssrc, b"")
                speaker.source.on_rtp(empty, room.now_ms)
            speaker.sound()
            room.advance(20)
        listener.reports(0.25, packets=67)
    assert set(types(listener)) == {AUDIO_TYPE}
