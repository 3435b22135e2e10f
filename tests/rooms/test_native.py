"""The hot path in C: byte for byte what the Python one does, by the RFCs' own vectors, and deaf to nonsense."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms import backend, rtcp, rtp
from rooms.fanout import Lane, PythonFanOut, SenderReports
from rooms.guard import TcpAddress
from rooms.interface import BackendMissing
from rooms.port import READ_BATCH, READ_BYTES, SO_TIMESTAMPNS, Read, reader
from rooms.rtp import RtpPacket
from rooms.sequence import Shift
from rooms.srtp import PROFILES, Ciphers, Keys, Profile, Seal, Srtp, SrtpError

_fanout = pytest.importorskip("rooms._fanout", reason="the extension was not built")

from rooms import native  # noqa: E402 - only where it was built

SEGMENTS_BEHIND = 3000
profiles = st.sampled_from(PROFILES)


def both(profile: Profile) -> tuple[Ciphers, Ciphers]:
    keys = Keys.split(profile, bytes(range(60)))
    return Srtp(keys), native.NativeSrtp(keys)


def sealer() -> Seal:
    return native.NativeSrtp(Keys.split(PROFILES[0], bytes(56))).protect


# ---- the RFCs' vectors ---------------------------------------------------------------------------------


def test_session_keys_are_those_of_rfc_3711_appendix_b3() -> None:
    key, salt = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139"), bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    assert _fanout.derive(key, salt, 0, 16).hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    assert _fanout.derive(key, salt, 2, 14).hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"
    assert _fanout.derive(key, salt, 1, 20).hex().upper() == "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"


def test_the_key_stream_is_that_of_rfc_3711_appendix_b2() -> None:
    key, salt = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C"), bytes.fromhex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD")
    seal = _fanout.Sealer(*(key, salt, bytes(20)) * 2)
    sealed = seal(rtp.build(0, False, 0, 0, 0, bytes(48)))
    assert sealed[12:-10].hex().upper() == (
        "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0"
    )


def test_a_packet_is_sealed_as_in_rfc_7714_section_16_1_1() -> None:
    seal = _fanout.Sealer(*(bytes(range(16)), bytes.fromhex("517569642070726f2071756f"), b"") * 2)
    plain = bytes.fromhex("8040f17b8041f8d35501a0b2") + b"Gallia est omnis divisa in partes tres"
    assert seal(plain).hex() == (
        "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
        "899d7f27beb16a9152cf765ee4390cce"
    )


# ---- sealing, beside libsrtp ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One packet of a trace: which stream, how far its number moves, how long it is."""

    ssrc: int
    ahead: int
    size: int


steps = st.builds(
    Step,
    st.integers(1, 3),
    st.one_of(st.integers(-1100, 1100), st.integers(-40_000, 40_000)),
    st.one_of(st.just(0), st.integers(1, 1300)),
)


def outcome(srtp: Ciphers, packet: bytes) -> bytes | None:
    try:
        return srtp.protect(packet)
    except SrtpError:
        return None


@given(profiles, st.integers(0, 0xFFFF), st.lists(steps, min_size=1, max_size=120))
def test_a_trace_is_sealed_like_libsrtp_seals_it_over_every_wrap(
    profile: Profile, first: int, trace: list[Step]
) -> None:
    theirs, ours = both(profile)
    numbers = dict.fromkeys((1, 2, 3), first)
    for step in trace:
        numbers[step.ssrc] += step.ahead
        packet = rtp.build(96, False, numbers[step.ssrc], 9, step.ssrc, bytes([step.size % 251]) * step.size)
        assert outcome(ours, packet) == outcome(theirs, packet)


@given(profiles, st.integers(2, 4), st.integers(0, 3000))
def test_roll_over_is_counted_as_the_receiver_counts_it(profile: Profile, turns: int, first: int) -> None:
    keys = Keys.split(profile, bytes(range(60)))
    sending, receiving = native.NativeSrtp(keys), Srtp(keys, server=False)
    for number in range(first, turns << 16, 1021):
        packet = rtp.build(96, False, number, 9, 7, b"payload")
        assert receiving.unprotect(sending.protect(packet)) == packet


@given(profiles, st.binary(max_size=1356))
def test_any_bytes_are_sealed_like_libsrtp_seals_them_or_refused(profile: Profile, packet: bytes) -> None:
    theirs, ours = both(profile)
    assert outcome(ours, packet) == outcome(theirs, packet)


@given(profiles, st.integers(0, 15), st.booleans(), st.integers(0, 40), st.integers(0, 120))
def test_packets_with_sources_and_extensions_are_sealed_like_libsrtp_seals_them(
    profile: Profile, sources: int, extended: bool, words: int, rest: int
) -> None:
    head = bytes([0x80 | sources | extended << 4, 96]) + bytes(10 + 4 * sources)
    packet = head + (b"\xbe\xde" + words.to_bytes(2, "big") if extended else b"") + bytes(rest)
    theirs, ours = both(profile)
    assert outcome(ours, packet) == outcome(theirs, packet)


def test_one_viewer_is_sent_under_a_bounded_number_of_ssrcs() -> None:
    _, ours = both(PROFILES[0])
    for ssrc in range(256):
        assert ours.protect(rtp.build(96, True, 1, 0, ssrc, b"payload"))
    with pytest.raises(SrtpError):
        ours.protect(rtp.build(96, True, 1, 0, 256, b"payload"))
    assert ours.protect(rtp.build(96, True, 2, 0, 255, b"payload"))


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40))
def test_keys_of_no_profile_are_refused(key: bytes, salt: bytes, auth: bytes) -> None:
    right = len(key) == 16 and (len(salt), len(auth)) in {(12, 0), (14, 20)}
    with contextlib.nullcontext() if right else pytest.raises(ValueError, match="profile"):
        _fanout.Sealer(*(key, salt, auth) * 2)


@given(st.binary(max_size=40), st.binary(max_size=40), st.integers(-3, 300), st.integers(-3, 70))
def test_only_keys_that_can_be_are_derived(key: bytes, salt: bytes, label: int, size: int) -> None:
    right = len(key) == 16 and 1 <= len(salt) <= 14 and 0 <= label <= 255 and 1 <= size <= 32
    with contextlib.nullcontext() if right else pytest.raises(ValueError, match="master key"):
        assert len(_fanout.derive(key, salt, label, size)) == size


# ---- sending, beside Python ----------------------------------------------------------------------------


vp8_heads = st.binary(max_size=7).map(lambda head: bytes([0x90, 0xF0]) + head)
payloads = st.one_of(
    st.sampled_from([b"", b"\x90", bytes(1100), bytes(1099), bytes(1087), bytes(500)]),
    st.binary(max_size=9),
    st.builds(lambda head, size: head + bytes(size), vp8_heads, st.sampled_from([0, 300, 1100])),
)
shifts = st.builds(
    Shift,
    st.sampled_from([1, 2, 0xFFFFFFFF]),
    st.sampled_from([96, 127, 0]),
    st.integers(-70_000, 70_000),
    st.integers(0, 0xFFFFFFFF),
    st.one_of(st.just(0), st.integers(0, 0x7FFF)),
    st.one_of(st.just(0), st.integers(0, 0xFF)),
)


@dataclass
class Hall:
    """The same viewers twice, each time behind one socket: what arrives there is compared."""

    receiver: socket.socket
    fan_out: PythonFanOut
    srtps: list[Ciphers]

    def send(self, packets: list[RtpPacket], shifts: list[Shift]) -> tuple[list[bytes], list[tuple[int, int]]]:
        address = self.receiver.getsockname()
        lanes = [
            self.fan_out.make_lane(address, srtp.protect, shift)
            for srtp, shift in zip(self.srtps, shifts, strict=False)
        ]
        self.fan_out.send(packets, lanes)
        return self.arrived(), [(lane.packets, lane.octets) for lane in lanes]

    def arrived(self) -> list[bytes]:
        datagrams = []
        with contextlib.suppress(BlockingIOError):
            while True:
                datagrams.append(self.receiver.recv(2000))
        return datagrams


@contextlib.contextmanager
def halls(profile: Profile) -> Iterator[tuple[Hall, Hall]]:
    with contextlib.ExitStack() as stack:

        def hall(way: backend.Backend) -> Hall:
            sockets = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)]
            sockets[0].bind(("127.0.0.1", 0))
            sockets[0].setblocking(False)
            keys = [Keys.split(profile, bytes(range(n, 60 + n))) for n in range(3)]
            return Hall(sockets[0], way.fan_out(sockets[1]), [way.make_ciphers(k) for k in keys])

        yield hall(backend.PYTHON), hall(backend.choose("native"))


batches = st.lists(
    st.tuples(
        st.lists(st.tuples(payloads, st.booleans()), min_size=1, max_size=12), st.lists(shifts, min_size=1, max_size=3)
    ),
    min_size=1,
    max_size=4,
)


@given(profiles, st.integers(0, 70_000), batches)
def test_both_backends_put_the_same_datagrams_on_the_wire(profile: Profile, first: int, trace: list) -> None:
    with halls(profile) as (python, compiled):
        for contents, numbering in trace:
            packets = [
                RtpPacket(100, marker, 0, 77_000 + at, 5, payload, index=first + at)
                for at, (payload, marker) in enumerate(contents)
            ]
            first += len(packets)
            assert compiled.send(packets, numbering) == python.send(packets, numbering)
        assert +compiled.fan_out.counters == +python.fan_out.counters


@given(payload=st.binary(max_size=12), picture=st.integers(1, 0x7FFF), tl0=st.integers(0, 0xFF))
def test_picture_numbers_move_in_any_payload_as_python_moves_them(payload: bytes, picture: int, tl0: int) -> None:
    with halls(PROFILES[0]) as (python, compiled):
        packets = [RtpPacket(100, True, 0, 1, 5, bytes([payload[0] | 0x80]) + payload[1:] if payload else b"", index=9)]
        shift = Shift(1, 96, 0, 0, picture, tl0)
        assert compiled.send(packets, [shift]) == python.send(packets, [shift])


def test_more_lanes_than_fit_one_round_are_all_served() -> None:
    number = 700
    with halls(PROFILES[0]) as (_, compiled):
        compiled.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        compiled.srtps = [both(PROFILES[0])[1] for _ in range(number)]
        shifts = [Shift(1, 96, at, 0) for at in range(number)]
        arrived, told = compiled.send([RtpPacket(100, True, 0, 1, 5, b"x", index=0)], shifts)
        assert [int.from_bytes(datagram[2:4], "big") for datagram in arrived][:200] == list(range(200))
        assert compiled.fan_out.counters["packets_sent"] == number
        assert told == [(1, 1)] * number


@pytest.mark.parametrize("count", [65, 200])
def test_a_batch_longer_than_any_stream_makes_goes_the_python_way(count: int) -> None:
    with halls(PROFILES[0]) as (python, compiled):
        packets = [RtpPacket(100, False, 0, 1, 5, b"x", index=at) for at in range(count)]
        assert compiled.send(packets, [Shift(1, 96, 0, 0)]) == python.send(packets, [Shift(1, 96, 0, 0)])


def test_an_address_of_the_second_version_is_reached() -> None:
    with (
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as out,
    ):
        receiver.bind(("::1", 0))
        receiver.settimeout(60)
        _, srtp = both(PROFILES[0])
        fan_out = native.NativeFanOut(out)
        for address in (receiver.getsockname(), receiver.getsockname()[:2]):
            fan_out.send(
                [RtpPacket(100, True, 0, 1, 5, b"x", index=3)],
                [fan_out.make_lane(address, srtp.protect, Shift(1, 96, 0, 0))],
            )
            assert receiver.recv(100)[2:4] == b"\0\3"


def test_a_closed_socket_sends_into_nobody_elses_file() -> None:
    with halls(PROFILES[0]) as (_, compiled):
        compiled.fan_out._socket.close()
        arrived, _ = compiled.send([RtpPacket(100, True, 0, 1, 5, b"x", index=3)] * 2, [Shift(1, 96, 0, 0)])
        assert arrived == []
        assert compiled.fan_out.counters["send_failed"] == 2


# ---- nonsense ------------------------------------------------------------------------------------------


nonsense = st.recursive(
    st.one_of(st.none(), st.integers(), st.binary(max_size=5), st.text(max_size=5), st.floats(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=7), st.lists(inner, max_size=7).map(tuple)),
    max_leaves=12,
)
hosts = st.one_of(
    st.text(max_size=60), st.sampled_from(["127.0.0.1", "::1", "fe80::1%lo", "%", "1.2.3.4%x", "1.2.3.4\0"])
)
addresses = st.one_of(
    nonsense, st.tuples(hosts, st.integers()), st.tuples(hosts, st.integers(), st.integers(), st.integers())
)


@given(
    family=st.sampled_from([socket.AF_INET, socket.AF_INET6]),
    address=addresses,
    shift=st.one_of(nonsense, st.tuples(*[st.integers()] * 6)),
    payload=st.one_of(st.binary(max_size=2000), nonsense),
    index=st.one_of(st.integers(), nonsense),
    lanes=st.one_of(st.just(1), nonsense),
)
def test_nonsense_costs_an_exception_or_is_left_to_python(  # noqa: PLR0917 - one field each
    family, address, shift, payload, index, lanes
) -> None:
    sender, seal = _fanout.Sender(family, True), sealer()
    packet = RtpPacket(100, True, 0, 1, 5, payload, index=index)  # type: ignore[arg-type]
    given_lanes = [_fanout.Lane(address, seal, shift)] if lanes == 1 else lanes
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        others, sent, *_ = sender.send(-1, [packet], given_lanes)
        assert sent == 0
        assert all(other in given_lanes for other in others)
    assert seal(rtp.build(96, True, 1, 0, 1, b"afterwards the keys are free again"))


def test_a_sender_at_work_refuses_a_second_batch_and_goes_on() -> None:
    sender, seal = _fanout.Sender(socket.AF_INET, True), sealer()
    lanes = [_fanout.Lane(("127.0.0.1", 9), seal, Shift(1, 96, 0, 0))]
    packets = [RtpPacket(100, True, 0, 1, 5, b"x", index=1)]

    def greedy() -> Iterator[RtpPacket]:
        sender.send(-1, packets, lanes)
        yield from packets

    with pytest.raises(RuntimeError, match="one batch"):
        sender.send(-1, greedy(), lanes)
    assert sender.send(-1, packets, lanes) == ([], 0, 0, 0, 1, 0)


@given(st.integers(-5, -1))
def test_a_descriptor_that_is_none_reads_as_nothing(fd: int) -> None:
    assert _fanout.Receiver().receive(fd) == []


# ---- receiving, beside Python --------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_both_readers_read_the_same(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sizes = [0, 1, 1200, 1500, READ_BYTES, 3000, *range(1, READ_BATCH + 20)]
    with contextlib.ExitStack() as stack:
        senders = [stack.enter_context(socket.socket(family, socket.SOCK_DGRAM)) for _ in range(3)]
        read = {}
        for make in (reader, native.reader):
            sock = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            sock.bind((host, 0))
            sock.setblocking(False)
            take = make(sock)
            assert list(take()) == []
            for at, size in enumerate(sizes):
                senders[at % 3].sendto(bytes([at]) * size, sock.getsockname())
            read[make] = [list(take()) for _ in range(3)]
    plain = {make: [[(datagram, source) for datagram, source, _ in batch] for batch in read[make]] for make in read}
    assert plain[reader] == plain[native.reader]
    assert [len(batch) for batch in read[reader]] == [READ_BATCH, len(sizes) - READ_BATCH, 0]
    assert max(len(datagram) for batch in read[reader] for datagram, _, _ in batch) == READ_BYTES


# ---- choosing ------------------------------------------------------------------------------------------


def test_python_stands_in_where_nothing_was_built_unless_native_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import rooms

    assert backend.choose("auto").fan_out is native.NativeFanOut
    monkeypatch.delattr(rooms, "native")
    monkeypatch.delitem(sys.modules, "rooms.native")
    monkeypatch.delattr(rooms, "_fanout")
    monkeypatch.setitem(sys.modules, "rooms._fanout", None)
    assert backend.choose("auto") is backend.choose("python") is backend.PYTHON
    with pytest.raises(BackendMissing):
        backend.choose("native")


@pytest.mark.parametrize("make", [reader, native.reader])
def test_readers_say_how_long_a_datagram_has_waited(make: Callable[[socket.socket], Read]) -> None:
    with contextlib.ExitStack() as stack:
        stamped, plain, sender = (
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(3)
        )
        for sock in (stamped, plain):
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
        stamped.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        for sock in (stamped, plain):
            sender.sendto(b"early", sock.getsockname())
        began = time.monotonic()
        while time.monotonic() - began < 0.03:
            pass
        sender.sendto(b"late", stamped.getsockname())
        (early, _, early_waited), (late, _, late_waited) = make(stamped)()
        assert (early, late) == (b"early", b"late")
        assert early_waited - late_waited >= 30.0
        assert late_waited >= 0.0
        assert [waited for _, _, waited in make(plain)()] == [0.0]


# ---- sender reports, beside Python ---------------------------------------------------------------------


told = st.lists(
    st.lists(st.tuples(shifts, st.integers(-(1 << 33), 1 << 33), st.integers(0, 3)), max_size=5), min_size=1, max_size=3
)


@given(profiles, st.lists(st.tuples(told, st.integers(0, (1 << 64) - 1)), min_size=1, max_size=3))
def test_both_backends_tell_viewers_the_same(profile: Profile, trace: list) -> None:
    with halls(profile) as pair:
        for viewers, ntp in trace:
            arrived = []
            for hall in pair:
                address = hall.receiver.getsockname()
                reports = []
                for srtp, streams in zip(hall.srtps, viewers, strict=False):
                    lanes = []
                    for shift, timestamp, sent in streams:
                        lane = hall.fan_out.make_lane(address, srtp.protect, shift)
                        lane.packets, lane.octets = sent * 0x7FFFFFFF, sent * 0xFFFFFFFF
                        lanes.append((lane, timestamp))
                    reports.append(SenderReports(address, srtp.protect_rtcp, lanes))
                hall.fan_out.report(reports, ntp, "programme")
                arrived.append(hall.arrived())
            assert arrived[0] == arrived[1]
        assert +pair[0].fan_out.counters == +pair[1].fan_out.counters


@pytest.mark.parametrize("odd", ["python lane", "name", "keys", "many", "connection"])
def test_a_viewer_that_is_not_the_extensions_is_told_by_python(odd: str) -> None:
    keys = Keys.split(PROFILES[0], bytes(60))
    with halls(PROFILES[0]) as (_, hall):
        address, srtp = hall.receiver.getsockname(), native.NativeSrtp(keys)
        shift = Shift(7, 96, 0, 5)
        protect = srtp.protect if odd != "keys" else lambda packet: packet
        to = {"name": ("localhost", address[1]), "connection": TcpAddress("127.0.0.1", 9, 1)}.get(odd, address)
        lane = (Lane if odd == "python lane" else hall.fan_out.make_lane)(to, protect, shift)
        count = 20 if odd == "many" else 1
        hall.fan_out.report([SenderReports(to, srtp.protect_rtcp, [(lane, 100)] * count)], 77, "programme")
        arrived = hall.arrived()
        if odd == "connection":
            assert arrived == []
            assert hall.fan_out.counters["send_failed"] == 1
            return
        [packet] = arrived
        first, *_ = rtcp.parse(Srtp(keys, server=False).unprotect_rtcp(packet))
        assert first == rtcp.SenderReport(7, 77, 105, 0, 0)


@given(st.lists(nonsense, max_size=3))
def test_nonsense_reports_cost_an_exception_or_are_left_to_python(viewers: list) -> None:
    sender = _fanout.Sender(socket.AF_INET, True)
    others, sent, *_ = sender.report(-1, viewers, 0, b"")
    assert sent == 0
    assert len(others) == len(viewers)


# ---- lanes ---------------------------------------------------------------------------------------------


@given(address=addresses, shift=nonsense, count=st.integers(0, (1 << 64) - 1))
def test_a_lane_keeps_what_it_was_given(address: object, shift: object, count: int) -> None:
    lane = _fanout.Lane(("127.0.0.1", 9), bytes, Shift(1, 96, 0, 0), urgent=True)
    lane.address, lane.shift, lane.packets, lane.octets = address, shift, count, count
    assert (lane.address, lane.shift, lane.packets, lane.octets, lane.urgent) == (address, shift, count, count, True)
    with pytest.raises((OverflowError, TypeError)):
        lane.packets = -1
    for name in ("address", "shift", "packets", "protect", "urgent"):
        with pytest.raises(AttributeError):
            delattr(lane, name)


def test_a_lane_that_moves_and_is_renumbered_is_read_anew() -> None:
    with halls(PROFILES[0]) as (_, hall):
        lane = hall.fan_out.make_lane(("127.0.0.1", 9), hall.srtps[0].protect, Shift(1, 96, 0, 0))
        packets = [RtpPacket(100, True, 0, 1, 5, b"x", index=3)]
        lane.address, lane.shift = hall.receiver.getsockname(), Shift(1, 96, 40, 0)
        hall.fan_out.send(packets, [lane])
        lane.shift = Shift(1, 96, 50, 0)
        hall.fan_out.send(packets, [lane])
        lane.shift = lane.shift._replace(payload_type=300)
        hall.fan_out.send(packets, [lane])
        assert [packet[3] for packet in hall.arrived()] == [43, 53]
        assert (lane.packets, hall.fan_out.counters["seal_failed"]) == (2, 1)
