"""Opening and RTCP in C: what libsrtp opens, refuses and seals, byte for byte, and the vectors of RFC 7714."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms import rtcp, rtp
from rooms.srtp import MAX_SSRCS, PROFILES, Ciphers, Keys, Profile, Srtp, SrtpError

_fanout = pytest.importorskip("rooms._fanout", reason="the extension was not built")

from rooms.native import NativeSrtp  # noqa: E402 - only where it was built

profiles = st.sampled_from(PROFILES)

# RFC 7714, sections 16 and 17: the same key and salt for all.
KEY, SALT = bytes(range(16)), bytes.fromhex("517569642070726f2071756f")
RTP_PLAIN = bytes.fromhex("8040f17b8041f8d35501a0b2") + b"Gallia est omnis divisa in partes tres"
RTP_SEALED = bytes.fromhex(
    "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
    "899d7f27beb16a9152cf765ee4390cce"
)
RTCP_PLAIN = bytes.fromhex("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61" + "deadbeef" * 5)
RTCP_SEALED = bytes.fromhex(
    "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
    "c84aa45896cf4d2fc5abf87245d9eade800005d4"
)
RTCP_TAGGED = RTCP_PLAIN + bytes.fromhex("841dd9683dd78ec92ae58790125f62b3000005d4")
RTCP_INDEX = 0x5D4


def rfc_7714(kind: type) -> object:
    return kind(*(KEY, SALT, b"") * 2)


def keys_of(profile: Profile) -> Keys:
    return Keys.split(profile, bytes(range(60)))


def outcome(step: Callable[[bytes], bytes], packet: bytes) -> bytes | None:
    try:
        return step(packet)
    except SrtpError:
        return None


# ---- the RFC's vectors ---------------------------------------------------------------------------------


def test_a_packet_is_opened_as_in_rfc_7714_section_16_1_2() -> None:
    assert rfc_7714(_fanout.Opener).rtp(RTP_SEALED) == RTP_PLAIN


def test_a_report_is_sealed_as_in_rfc_7714_section_17_1() -> None:
    sealer = rfc_7714(_fanout.Sealer)
    for _ in range(RTCP_INDEX - 1):
        sealer.rtcp(RTCP_PLAIN)
    assert sealer.rtcp(RTCP_PLAIN) == RTCP_SEALED


def test_a_report_is_opened_as_in_rfc_7714_section_17_1() -> None:
    assert rfc_7714(_fanout.Opener).rtcp(RTCP_SEALED) == RTCP_PLAIN


def test_a_report_that_is_only_authenticated_is_opened_as_in_rfc_7714_section_17_3() -> None:
    assert rfc_7714(_fanout.Opener).rtcp(RTCP_TAGGED) == RTCP_PLAIN


@pytest.mark.parametrize(
    ("method", "sealed"),
    [("rtp", RTP_SEALED), ("rtcp", RTCP_SEALED), ("rtcp", RTCP_TAGGED)],
    ids=["16", "17.1", "17.3"],
)
def test_no_bit_of_a_vector_may_change(method: str, sealed: bytes) -> None:
    for bit in range(8 * len(sealed)):
        forged = bytearray(sealed)
        forged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError, match="forged"):
            getattr(rfc_7714(_fanout.Opener), method)(bytes(forged))


# ---- opening, beside libsrtp ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A packet that was sent, by its place among all, and the byte of it that the network has changed (or none)."""

    place: int
    changed: int | None


def both(profile: Profile) -> tuple[Ciphers, Ciphers, Ciphers]:
    keys = keys_of(profile)
    return Srtp(keys, server=False), Srtp(keys), NativeSrtp(keys)


def disturbed(packets: list[bytes], step: Step) -> bytes:
    packet = bytearray(packets[step.place % len(packets)])
    if step.changed is not None:
        packet[step.changed % len(packet)] ^= 0x55
    return bytes(packet)


steps = st.lists(
    st.builds(Step, st.integers(0, 200), st.one_of(st.none(), st.none(), st.none(), st.integers(0, 2000))), max_size=150
)
gaps = st.lists(st.one_of(st.integers(1, 3), st.integers(900, 1100), st.integers(1, 0x8000)), min_size=1, max_size=60)


@given(profiles, st.integers(0, 0xFFFF), gaps, steps)
def test_what_is_lost_reordered_repeated_and_forged_is_opened_like_libsrtp_opens_it(
    profile: Profile, first: int, ahead: list[int], trace: list[Step]
) -> None:
    there, theirs, ours = both(profile)
    packets, number = [], first
    for at, gap in enumerate(ahead):
        with contextlib.suppress(SrtpError):  # so far ahead that it looks like the past
            packets.append(there.protect(rtp.build(96, False, number, 9, 1 + at % 2, bytes([at]) * (7 * at))))
        number += gap
    for step in trace:
        packet = disturbed(packets, step)
        assert outcome(ours.unprotect, packet) == outcome(theirs.unprotect, packet)


@given(profiles, st.integers(1, 400), steps)
def test_reports_lost_reordered_repeated_and_forged_are_opened_like_libsrtp_opens_them(
    profile: Profile, spread: int, trace: list[Step]
) -> None:
    there, theirs, ours = both(profile)
    packets = []
    for at in range(40):
        for _ in range(spread if at % 7 == 3 else 1):
            sealed = there.protect_rtcp(rtcp.build_receiver_report(1 + at % 2) + bytes(4 * (at % 5)))
        packets.append(sealed)
    for step in trace:
        packet = disturbed(packets, step)
        assert outcome(ours.unprotect_rtcp, packet) == outcome(theirs.unprotect_rtcp, packet)


@given(profiles, st.binary(max_size=1500))
def test_noise_is_refused_like_libsrtp_refuses_it(profile: Profile, noise: bytes) -> None:
    _, theirs, ours = both(profile)
    assert outcome(ours.unprotect, noise) == outcome(theirs.unprotect, noise)
    assert outcome(ours.unprotect_rtcp, noise) == outcome(theirs.unprotect_rtcp, noise)


@given(profiles, st.integers(0, 15), st.booleans(), st.integers(0, 40), st.integers(0, 120), st.integers(1, 200))
def test_packets_with_sources_and_extensions_are_opened_like_libsrtp_opens_them(  # noqa: PLR0917 - one field each
    profile: Profile, sources: int, extended: bool, words: int, rest: int, cut: int
) -> None:
    head = bytes([0x80 | sources | extended << 4, 96]) + bytes(10 + 4 * sources)
    packet = head + (b"\xbe\xde" + words.to_bytes(2, "big") + bytes(4 * words) if extended else b"") + bytes(rest)
    there, theirs, ours = both(profile)
    sealed = there.protect(packet)
    assert outcome(ours.unprotect, sealed[:-cut]) == outcome(theirs.unprotect, sealed[:-cut])
    assert outcome(ours.unprotect, sealed) == outcome(theirs.unprotect, sealed) == packet


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.openssl_name.decode())
def test_roll_over_is_followed_through_many_cycles(profile: Profile) -> None:
    there, theirs, ours = both(profile)
    for number in range(0, 5 << 16, 1021):
        sealed = there.protect(rtp.build(96, False, number, 9, 7, b"payload"))
        assert outcome(ours.unprotect, sealed) == outcome(theirs.unprotect, sealed) is not None


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.openssl_name.decode())
def test_a_peer_that_changes_its_ssrc_with_every_packet_is_opened_so_often_and_no_more(profile: Profile) -> None:
    there, theirs, ours = both(profile)
    for ssrc in range(MAX_SSRCS + 3):
        sealed = there.protect(rtp.build(96, True, 1, 0, ssrc, b"payload"))
        assert outcome(ours.unprotect, sealed) == outcome(theirs.unprotect, sealed)
        assert (outcome(ours.unprotect, sealed) is None) is (outcome(theirs.unprotect, sealed) is None)
    report = there.protect_rtcp(rtcp.build_receiver_report(MAX_SSRCS + 9))
    assert outcome(ours.unprotect_rtcp, report) is outcome(theirs.unprotect_rtcp, report) is None
    again = there.protect(rtp.build(96, True, 2, 0, 7, b"payload"))
    assert outcome(ours.unprotect, again) == outcome(theirs.unprotect, again) is not None


# ---- sealing reports, beside libsrtp -------------------------------------------------------------------


@given(profiles, st.lists(st.tuples(st.integers(1, 3), st.integers(0, 300)), max_size=40))
def test_reports_are_sealed_like_libsrtp_seals_them(profile: Profile, trace: list[tuple[int, int]]) -> None:
    keys = keys_of(profile)
    theirs, ours = Srtp(keys), NativeSrtp(keys)
    for ssrc, size in trace:
        packet = rtcp.build_receiver_report(ssrc) + bytes(size)
        assert outcome(ours.protect_rtcp, packet) == outcome(theirs.protect_rtcp, packet)


@given(profiles, st.binary(max_size=1300))
def test_any_bytes_are_sealed_as_a_report_like_libsrtp_seals_them_or_refused(profile: Profile, packet: bytes) -> None:
    keys = keys_of(profile)
    assert outcome(NativeSrtp(keys).protect_rtcp, packet) == outcome(Srtp(keys).protect_rtcp, packet)


@given(st.one_of(st.none(), st.integers(), st.text(), st.binary(min_size=1501, max_size=1600)))
def test_what_is_no_packet_is_refused(packet: object) -> None:
    srtp = NativeSrtp(keys_of(PROFILES[0]))
    for step in (srtp.protect, srtp.protect_rtcp, srtp.unprotect, srtp.unprotect_rtcp):
        with pytest.raises((TypeError, ValueError)):
            step(packet)  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=24), min_size=6, max_size=6), st.booleans())
def test_keys_of_no_profile_open_nothing(parts: list[bytes], opens: bool) -> None:
    with contextlib.suppress(ValueError):
        made = (_fanout.Opener if opens else _fanout.Sealer)(*parts)
        lengths = [tuple(map(len, parts[at : at + 3])) for at in (0, 3)]
        assert lengths in ([(16, 12, 0)] * 2, [(16, 14, 20)] * 2), made
