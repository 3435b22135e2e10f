"""设备自检 of a venue: each thing looked at, judged by rules, signed off by its operator.

What the server can measure itself it measures: the clock, the uplink, and by which way packets come. Camera,
microphone, loudspeaker and browser are what the page in the room found. Where a room kit sends and no page, camera
and microphone are what arrives of it here.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from server.domain.refusals import Refusal

MOST = 100
"""Preflights of one venue in one lesson."""


class CheckName(enum.StrEnum):
    BROWSER = "browser"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    CLOCK = "clock"
    UPLINK = "uplink"
    LINE = "line"


BY_SERVER = "by_server"
"""Beside the values of a camera and a microphone that were looked at where they arrive; no page may say so."""
FOUND_BY_PAGE = frozenset({CheckName.BROWSER, CheckName.CAMERA, CheckName.MICROPHONE, CheckName.SPEAKER})


class Result(enum.StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class PreflightState(enum.StrEnum):
    NONE = "none"  # not run
    RUNNING = "running"  # some checks are missing
    FAILED = "failed"
    WARNED = "warned"  # to be signed off with a reason
    PASSED = "passed"  # to be signed off
    SIGNED = "signed"
    STALE = "stale"  # too old, or other devices since


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is good, and what will do; beyond is a failure (a warning where the lesson can go on).

    An installation sets its own (docs/operations.md). ``good_for``: after that it is run again.
    """

    good_for: dt.timedelta = dt.timedelta(hours=24)
    uplink_good_bps: int = 2_500_000
    uplink_least_bps: int = 1_000_000
    loss_good: float = 0.02
    loss_most: float = 0.10
    clock_good_ms: int = 2_000
    clock_most_ms: int = 300_000
    lines_good: int = 720
    frames_good: float = 12.0
    level_good_db: float = -45.0
    level_least_db: float = -70.0
    clipped_most: float = 0.01
    tone_heard_db: float = 10.0
    kit_least_bps: int = 300_000


THRESHOLDS = Thresholds()
Value = bool | int | float | str
Values = Mapping[str, Value]
Judged = tuple[Result, str]
"""The result and why, by a code that the page has a sentence for."""


@dataclass(frozen=True, slots=True)
class Check:
    name: CheckName
    result: Result
    code: str
    at: dt.datetime
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preflight:
    """``device``: camera and microphone that were looked at, ``device_now`` those that the room uses since."""

    id: str
    lesson_id: str
    lesson_venue_id: str
    ran_at: dt.datetime
    account_id: str
    device: str
    client: str
    checks: Mapping[CheckName, Check] = field(default_factory=dict)
    device_now: str = ""
    signed_at: dt.datetime | None = None
    signed_by: str | None = None
    reason: str = ""

    @property
    def missing(self) -> tuple[CheckName, ...]:
        return tuple(name for name in CheckName if name not in self.checks)

    def having(self, result: Result) -> tuple[Check, ...]:
        return tuple(
            self.checks[name] for name in CheckName if name in self.checks and self.checks[name].result is result
        )

    def state(self, now: dt.datetime, limits: Thresholds = THRESHOLDS) -> PreflightState:
        if now - self.ran_at > limits.good_for or (self.device_now and self.device_now != self.device):
            return PreflightState.STALE
        if self.having(Result.FAIL):
            return PreflightState.FAILED
        if self.missing:
            return PreflightState.RUNNING
        if self.signed_at is not None:
            return PreflightState.SIGNED
        return PreflightState.WARNED if self.having(Result.WARN) else PreflightState.PASSED


def found(
    preflight: Preflight, name: CheckName, values: Values, now: dt.datetime, limits: Thresholds = THRESHOLDS
) -> Preflight:
    """One more check, or the same again. What was signed was something else: the signature goes."""
    result, code = _RULES[name](values, limits)
    checks = {**preflight.checks, name: Check(name, result, code, now, values)}
    return replace(preflight, checks=checks, signed_at=None, signed_by=None, reason="")


@dataclass(frozen=True, slots=True)
class Arriving:
    """What comes of a room kit. ``level_db`` from 0 (the loudest) down; ``frames`` counts pictures."""

    connected: bool
    picture: bool = False
    sound: bool = False
    frames: int = 0
    moves: bool = False
    black: bool = False
    level_db: int = -127
    packets: int = 0
    lost: int = 0
    bitrate_bps: int = 0
    over_tcp: bool = False


READING_LASTS = dt.timedelta(seconds=30)
"""So long readings of what arrives belong together: whoever speaks pauses, and pictures come one after the other."""


def arrived(preflight: Preflight, arriving: Arriving, now: dt.datetime, limits: Thresholds = THRESHOLDS) -> Preflight:
    """Camera, microphone, uplink and line by one more reading: the loudest counts, and pictures since the last."""
    before = {name: _reading(preflight, name, now) for name in (CheckName.CAMERA, CheckName.MICROPHONE)}
    frames = _number(before[CheckName.CAMERA], "frames")
    camera: dict[str, Value] = {
        BY_SERVER: True,
        "frames": arriving.frames,
        "moving": arriving.moves or (frames is not None and arriving.frames > frames),
        "black": arriving.black,
    }
    heard = _number(before[CheckName.MICROPHONE], "level_db")
    microphone: dict[str, Value] = {
        BY_SERVER: True,
        "level_db": max(arriving.level_db, -127 if heard is None else heard),
    }
    uplink: dict[str, Value] = {BY_SERVER: True, "bps": arriving.bitrate_bps, "packets": arriving.packets}
    for values, there in ((camera, arriving.picture), (microphone, arriving.sound)):
        if not (arriving.connected and there):
            values["trouble"] = "missing"
    line: dict[str, Value] = {
        "transport": "tcp" if arriving.over_tcp else "udp",
        "packets": arriving.packets,
        "loss": loss_of(arriving.packets, arriving.lost),
        "bitrate_bps": arriving.bitrate_bps,
    }
    all_of_it = {
        CheckName.CAMERA: camera,
        CheckName.MICROPHONE: microphone,
        CheckName.UPLINK: uplink,
        CheckName.LINE: line,
    }
    for name, found_now in all_of_it.items():
        preflight = found(preflight, name, found_now, now, limits)
    return preflight


def loss_of(packets: int, lost: int) -> float:
    return round(lost / (packets + lost), 4) if packets + lost else 0.0


def _reading(preflight: Preflight, name: CheckName, now: dt.datetime) -> Values:
    known = preflight.checks.get(name)
    fresh = known is not None and known.values.get(BY_SERVER) is True and now - known.at < READING_LASTS
    return known.values if known is not None and fresh else {}


def sign(preflight: Preflight, *, by: str, reason: str, now: dt.datetime, limits: Thresholds = THRESHOLDS) -> Preflight:
    """The operator answers for it. Raises ``preflight_missing``, ``preflight_failed``, ``preflight_reason``."""
    state = preflight.state(now, limits)
    if state is PreflightState.SIGNED:
        return preflight
    if state is PreflightState.FAILED:
        raise Refusal("preflight_failed", ", ".join(check.name for check in preflight.having(Result.FAIL)))
    if state in {PreflightState.RUNNING, PreflightState.STALE}:
        raise Refusal("preflight_missing", state)
    if state is PreflightState.WARNED and not reason:
        raise Refusal("preflight_reason", ", ".join(check.name for check in preflight.having(Result.WARN)))
    return replace(preflight, signed_at=now, signed_by=by, reason=reason)


# ---- the rules, one for each check -----------------------------------------------------------------------


def _number(values: Values, name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _browser(values: Values, _limits: Thresholds) -> Judged:
    if values.get("secure") is not True:
        return Result.FAIL, "insecure"
    if values.get("h264") is not True:
        return Result.WARN, "no_h264"
    return Result.OK, "ok"


def _camera(values: Values, limits: Thresholds) -> Judged:
    trouble = values.get("trouble")
    if isinstance(trouble, str) and trouble:
        return Result.FAIL, trouble if trouble in _TROUBLES else "failed"
    if values.get("black") is True:
        return Result.FAIL, "black"
    if values.get("moving") is not True:
        return Result.FAIL, "frozen"
    # What a room kit sends nobody decodes here: its lines and its pace are not known.
    return (Result.OK, "ok") if values.get(BY_SERVER) is True else _sharpness(values, limits)


def _sharpness(values: Values, limits: Thresholds) -> Judged:
    if (_number(values, "height") or 0) < limits.lines_good:
        return Result.WARN, "coarse"
    if (_number(values, "fps") or 0) < limits.frames_good:
        return Result.WARN, "slow"
    return Result.OK, "ok"


def _microphone(values: Values, limits: Thresholds) -> Judged:
    trouble = values.get("trouble")
    if isinstance(trouble, str) and trouble:
        return Result.FAIL, trouble if trouble in _TROUBLES else "failed"
    level = _number(values, "level_db")
    if level is None or level < limits.level_least_db:
        return Result.FAIL, "silent"
    if (_number(values, "clipped") or 0) > limits.clipped_most:
        return Result.WARN, "clipped"
    return (Result.WARN, "quiet") if level < limits.level_good_db else (Result.OK, "ok")


def _speaker(values: Values, limits: Thresholds) -> Judged:
    heard = _number(values, "heard_db")
    if heard is not None and heard >= limits.tone_heard_db:
        return Result.OK, "ok"
    return (Result.OK, "confirmed") if values.get("confirmed") is True else (Result.FAIL, "unheard")


def _clock(values: Values, limits: Thresholds) -> Judged:
    offset = abs(_number(values, "offset_ms") or 0)
    if offset <= limits.clock_good_ms:
        return Result.OK, "ok"
    return (Result.WARN, "off") if offset <= limits.clock_most_ms else (Result.FAIL, "wrong")


def _uplink(values: Values, limits: Thresholds) -> Judged:
    bps = _number(values, "bps") or 0
    if values.get(BY_SERVER) is True:
        return _sent_by_kit(bps, _number(values, "packets") or 0, limits)
    if bps >= limits.uplink_good_bps:
        return Result.OK, "ok"
    return (Result.WARN, "slow") if bps >= limits.uplink_least_bps else (Result.FAIL, "too_slow")


def _sent_by_kit(bps: float, packets: float, limits: Thresholds) -> Judged:
    """What a kit sends is what it was set to, and less while nothing moves: seldom a fault of the network."""
    if packets <= 0:
        return Result.FAIL, "too_slow"
    return (Result.OK, "ok") if bps >= limits.kit_least_bps else (Result.WARN, "slow")


def _line(values: Values, limits: Thresholds) -> Judged:
    """By which way a test picture came."""
    if not _number(values, "packets"):
        return Result.FAIL, "no_packets"
    loss = _number(values, "loss") or 0
    if loss > limits.loss_most:
        return Result.FAIL, "lossy"
    if values.get("transport") != "udp":
        return Result.WARN, "tcp"
    return (Result.WARN, "some_loss") if loss > limits.loss_good else (Result.OK, "ok")


_TROUBLES = frozenset({"insecure", "denied", "missing", "busy", "failed", "unplugged"})
_RULES: Mapping[CheckName, Callable[[Values, Thresholds], Judged]] = {
    CheckName.BROWSER: _browser,
    CheckName.CAMERA: _camera,
    CheckName.MICROPHONE: _microphone,
    CheckName.SPEAKER: _speaker,
    CheckName.CLOCK: _clock,
    CheckName.UPLINK: _uplink,
    CheckName.LINE: _line,
}
