"""设备自检: every finding is judged by a rule; a signature answers for exactly what was found."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.preflight import (
    READING_LASTS,
    THRESHOLDS,
    Arriving,
    CheckName,
    Preflight,
    PreflightState,
    Result,
    Thresholds,
    arrived,
    found,
    sign,
)
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
FRESH = Preflight("p", "l", "v", NOW, "a", "采集卡 | 会议麦克风", "Chromium")
GOOD = {
    CheckName.BROWSER: {"secure": True, "h264": True},
    CheckName.CAMERA: {"width": 1280, "height": 720, "fps": 25.0, "moving": True, "black": False},
    CheckName.MICROPHONE: {"level_db": -20.0, "clipped": 0.0},
    CheckName.SPEAKER: {"heard_db": 22.5},
    CheckName.CLOCK: {"offset_ms": -120},
    CheckName.UPLINK: {"bps": 8_000_000},
    CheckName.LINE: {"packets": 900, "loss": 0.0, "transport": "udp"},
}
BAD = [
    (CheckName.BROWSER, {"secure": False}, Result.FAIL, "insecure"),
    (CheckName.BROWSER, {"h264": False}, Result.WARN, "no_h264"),
    (CheckName.CAMERA, {"trouble": "denied"}, Result.FAIL, "denied"),
    (CheckName.CAMERA, {"trouble": "<script>"}, Result.FAIL, "failed"),
    (CheckName.CAMERA, {"black": True}, Result.FAIL, "black"),
    (CheckName.CAMERA, {"moving": False}, Result.FAIL, "frozen"),
    (CheckName.CAMERA, {"height": 480}, Result.WARN, "coarse"),
    (CheckName.CAMERA, {"fps": 5}, Result.WARN, "slow"),
    (CheckName.MICROPHONE, {"level_db": -90.0}, Result.FAIL, "silent"),
    (CheckName.MICROPHONE, {"level_db": "loud"}, Result.FAIL, "silent"),
    (CheckName.MICROPHONE, {"level_db": -55.0}, Result.WARN, "quiet"),
    (CheckName.MICROPHONE, {"clipped": 0.2}, Result.WARN, "clipped"),
    (CheckName.SPEAKER, {"heard_db": 2.0}, Result.FAIL, "unheard"),
    (CheckName.CLOCK, {"offset_ms": 5_000}, Result.WARN, "off"),
    (CheckName.CLOCK, {"offset_ms": -400_000}, Result.FAIL, "wrong"),
    (CheckName.UPLINK, {"bps": 1_500_000}, Result.WARN, "slow"),
    (CheckName.UPLINK, {"bps": 300_000}, Result.FAIL, "too_slow"),
    (CheckName.LINE, {"packets": 0}, Result.FAIL, "no_packets"),
    (CheckName.LINE, {"transport": "tcp"}, Result.WARN, "tcp"),
    (CheckName.LINE, {"loss": 0.05}, Result.WARN, "some_loss"),
    (CheckName.LINE, {"loss": 0.2}, Result.FAIL, "lossy"),
]


def run(changes=()):
    preflight = FRESH
    for name, values in {**GOOD, **{name: {**GOOD[name], **values} for name, values in changes}}.items():
        preflight = found(preflight, name, values, NOW)
    return preflight


def refused(preflight, **more):
    with pytest.raises(Refusal) as caught:
        sign(preflight, **{"by": "王", "reason": "", "now": NOW, **more})
    return caught.value.code


def test_a_good_room_passes_and_is_signed_off():
    preflight = run()
    assert {check.result for check in preflight.checks.values()} == {Result.OK}
    assert preflight.state(NOW) is PreflightState.PASSED
    signed = sign(preflight, by="操作员", reason="", now=NOW)
    assert (signed.state(NOW), signed.signed_by) == (PreflightState.SIGNED, "操作员")


@pytest.mark.parametrize(("name", "values", "result", "code"), BAD)
def test_each_trouble_has_its_word(name, values, result, code):
    check = run([(name, values)]).checks[name]
    assert (check.result, check.code) == (result, code)


def test_a_tone_that_a_person_heard_will_do():
    check = run([(CheckName.SPEAKER, {"heard_db": 0.0, "confirmed": True})]).checks[CheckName.SPEAKER]
    assert (check.result, check.code) == (Result.OK, "confirmed")


def test_what_is_missing_is_not_signed():
    half = found(FRESH, CheckName.CLOCK, GOOD[CheckName.CLOCK], NOW)
    assert half.state(NOW) is PreflightState.RUNNING
    assert CheckName.CLOCK not in half.missing
    assert refused(half) == "preflight_missing"


def test_a_failure_is_not_signed_and_a_warning_only_with_a_reason():
    assert refused(run([(CheckName.CAMERA, {"black": True})]), reason="就这样") == "preflight_failed"
    warned = run([(CheckName.LINE, {"transport": "tcp"})])
    assert warned.state(NOW) is PreflightState.WARNED
    assert refused(warned) == "preflight_reason"
    assert sign(warned, by="王", reason="本楼只通 TCP", now=NOW).state(NOW) is PreflightState.SIGNED


def test_a_new_finding_takes_the_signature_away():
    signed = sign(run(), by="王", reason="", now=NOW)
    again = found(signed, CheckName.CAMERA, {**GOOD[CheckName.CAMERA], "black": True}, NOW)
    assert (again.state(NOW), again.signed_at, again.signed_by) == (PreflightState.FAILED, None, None)


def test_it_grows_old_and_other_devices_make_it_worthless():
    signed = sign(run(), by="王", reason="", now=NOW)
    assert signed.state(NOW + THRESHOLDS.good_for) is PreflightState.SIGNED
    assert signed.state(NOW + THRESHOLDS.good_for + dt.timedelta(seconds=1)) is PreflightState.STALE
    assert Preflight(**{**fields(signed), "device_now": "另一个摄像头"}).state(NOW) is PreflightState.STALE
    assert refused(run(), now=NOW + THRESHOLDS.good_for + dt.timedelta(seconds=1)) == "preflight_missing"


KIT = Arriving(True, True, True, frames=100, moves=True, level_db=-30, packets=900, lost=0, bitrate_bps=2_000_000)
FROM_KIT = (CheckName.CAMERA, CheckName.MICROPHONE, CheckName.LINE)


def codes(preflight):
    return [preflight.checks[name].code for name in FROM_KIT]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({}, ["ok", "ok", "ok"]),
        ({"connected": False, "packets": 0}, ["missing", "missing", "no_packets"]),
        ({"picture": False}, ["missing", "ok", "ok"]),
        ({"black": True}, ["black", "ok", "ok"]),
        ({"moves": False}, ["frozen", "ok", "ok"]),
        ({"sound": False}, ["ok", "missing", "ok"]),
        ({"level_db": -127}, ["ok", "silent", "ok"]),
        ({"level_db": -60}, ["ok", "quiet", "ok"]),
        ({"lost": 300}, ["ok", "ok", "lossy"]),
        ({"over_tcp": True}, ["ok", "ok", "tcp"]),
    ],
)
def test_a_room_kit_is_judged_by_what_arrives_of_it(fault, said):
    assert codes(arrived(FRESH, dataclasses.replace(KIT, **fault), NOW)) == said


@pytest.mark.parametrize(
    ("bps", "packets", "said"), [(2_000_000, 900, "ok"), (100_000, 900, "slow"), (0, 0, "too_slow")]
)
def test_a_kits_uplink_is_what_comes_and_a_quiet_room_is_no_failure(bps, packets, said):
    arriving = dataclasses.replace(KIT, bitrate_bps=bps, packets=packets)
    assert arrived(FRESH, arriving, NOW).checks[CheckName.UPLINK].code == said


def test_readings_of_a_kit_belong_together_for_a_while():
    still = dataclasses.replace(KIT, moves=False, level_db=-90)
    first = arrived(FRESH, dataclasses.replace(still, level_db=-20), NOW)
    assert codes(first) == ["frozen", "ok", "ok"]
    later = NOW + dt.timedelta(seconds=1)
    assert codes(arrived(first, dataclasses.replace(still, frames=125), later)) == ["ok", "ok", "ok"]
    assert codes(arrived(first, still, later)) == ["frozen", "ok", "ok"]
    assert codes(arrived(first, dataclasses.replace(still, frames=125), NOW + READING_LASTS)) == [
        "frozen",
        "silent",
        "ok",
    ]


def test_what_a_page_found_is_no_reading_of_a_kit():
    page = found(FRESH, CheckName.MICROPHONE, {"level_db": -10.0}, NOW)
    assert arrived(page, dataclasses.replace(KIT, level_db=-127), NOW).checks[CheckName.MICROPHONE].code == "silent"


def fields(preflight):
    return {name: getattr(preflight, name) for name in preflight.__slots__}


CLAIMS = "secure h264 trouble black moving height fps level_db clipped heard_db confirmed offset_ms bps"
VALUES = st.dictionaries(
    st.sampled_from([*CLAIMS.split(), "packets", "loss", "transport", "anything"]),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
)


@given(st.sampled_from(CheckName), VALUES)
def test_whatever_a_page_claims_is_judged_and_breaks_nothing(name, values):
    check = found(FRESH, name, values, NOW).checks[name]
    assert check.result in Result
    assert check.code


@pytest.mark.parametrize(
    ("limit", "name", "values"),
    [
        ({"uplink_good_bps": 9_000_000}, CheckName.UPLINK, {}),
        ({"loss_good": -1.0}, CheckName.LINE, {}),
        ({"clock_good_ms": 100}, CheckName.CLOCK, {}),
        ({"lines_good": 1080}, CheckName.CAMERA, {}),
        ({"frames_good": 30.0}, CheckName.CAMERA, {}),
        ({"level_good_db": -10.0}, CheckName.MICROPHONE, {}),
        ({"clipped_most": -1.0}, CheckName.MICROPHONE, {}),
        ({"tone_heard_db": 30.0}, CheckName.SPEAKER, {}),
        ({"uplink_good_bps": 20_000_000, "uplink_least_bps": 10_000_000}, CheckName.UPLINK, {}),
        ({"loss_most": -1.0}, CheckName.LINE, {}),
        ({"clock_good_ms": 1, "clock_most_ms": 2}, CheckName.CLOCK, {}),
        ({"level_least_db": -10.0}, CheckName.MICROPHONE, {}),
        ({"kit_least_bps": 9_000_000}, CheckName.UPLINK, {"by_server": True, "packets": 9}),
    ],
)
def test_every_threshold_is_an_installations_own(limit, name, values):
    values = {**GOOD[name], **values}
    assert found(FRESH, name, values, NOW).checks[name].result is Result.OK
    assert found(FRESH, name, values, NOW, Thresholds(**limit)).checks[name].result is not Result.OK


def test_how_long_it_is_good_for_is_an_installations_own():
    hour = Thresholds(good_for=dt.timedelta(hours=1))
    assert FRESH.state(NOW + dt.timedelta(hours=2)) is not PreflightState.STALE
    assert FRESH.state(NOW + dt.timedelta(hours=2), hour) is PreflightState.STALE
