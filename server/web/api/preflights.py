"""设备自检: begun, filled check by check, signed off; and where a venue's people go when it breaks down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.preflight import BY_SERVER, CheckName
from server.domain.refusals import Refusal
from server.services import preflight_lines, preflights
from server.services.preflights import PreflightView, ReadinessView
from server.web import uplink
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Moment, Word

calls = Endpoints()

_STEP = ("forbidden", "lesson_not_on_air", "preflight_missing")
_MEDIA = ("media_unavailable", "node_full", "bad_sdp", "no_known_codec", "too_many_tracks", "source_taken")
_Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Key = Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=r"^[a-z0-9_]+$")]
_Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]
_Whole = Annotated[int, Field(ge=-(10**12), le=10**12)]
MOST_VALUES = 20


class NewPreflight(Command):
    device: _Short = ""
    client: _Short = ""
    lesson_venue_id: Word | None = None


class Found(Form):
    name: Literal["browser", "camera", "microphone", "speaker"]
    values: Annotated[dict[_Key, bool | _Whole | _Number | _Short], Field(max_length=MOST_VALUES)]


class ClockReading(Form):
    client_at: Annotated[Moment, Field(strict=False)]


class LineOffer(Form):
    offer: Annotated[str, StringConstraints(min_length=1, max_length=32_768)]


class Devices(Form):
    device: _Short


class Signature(Command):
    name: Annotated[_Short, StringConstraints(max_length=60)] = ""
    reason: _Short = ""


class NewFallback(Command):
    lesson_venue_id: Word
    fallback: Word | None


@dataclass(frozen=True, slots=True)
class Readiness:
    items: tuple[ReadinessView, ...]


@dataclass(frozen=True, slots=True)
class LineAnswer:
    answer: str


@calls.on("GET", "/api/v1/lessons/{lesson_id}/preflights", refusals=("forbidden",))
async def get_preflights(call: Call, lesson_id: UUID) -> Readiness:
    """Each venue with its newest preflight and its fallback."""
    return Readiness(await preflights.list_readiness(call.site.house, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/preflights",
    status=201,
    refusals=("forbidden", "which_venue", "venue_not_found", "lesson_not_on_air", "command_reused"),
)
async def post_preflight(call: Call, lesson_id: UUID, body: NewPreflight) -> PreflightView:
    """Begin one, for the own venue."""
    return await preflights.begin_preflight(
        *call.order(lesson_id, body),
        device=body.device,
        client=body.client,
        lesson_venue_id=body.lesson_venue_id,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/preflights/{preflight_id}/checks",
    refusals=_STEP,
    unaudited="a measurement: the preflight keeps it, its signing is audited",
)
async def post_check(call: Call, lesson_id: UUID, preflight_id: UUID, body: Found) -> PreflightView:
    """What the page found out."""
    if BY_SERVER in body.values:
        raise Refusal("invalid_body", f"values.{BY_SERVER}: what was looked at here is ours to say")
    return await preflights.note_check(
        call.site.house,
        call.principal,
        str(lesson_id),
        preflight_id=str(preflight_id),
        name=CheckName(body.name),
        values=body.values,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/preflights/{preflight_id}/clock",
    refusals=_STEP,
    unaudited="a measurement: the preflight keeps it, its signing is audited",
)
async def post_clock(call: Call, lesson_id: UUID, preflight_id: UUID, body: ClockReading) -> PreflightView:
    """What the venue's clock says, held against ours."""
    return await preflights.note_clock(
        call.site.house,
        call.principal,
        str(lesson_id),
        preflight_id=str(preflight_id),
        client_at=body.client_at,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/preflights/{preflight_id}/uplink",
    refusals=(*_STEP, "invalid_body", "body_too_large", "unsupported_media_type"),
    unaudited="a measurement: the preflight keeps it, its signing is audited",
)
async def post_uplink(call: Call, lesson_id: UUID, preflight_id: UUID) -> PreflightView:
    """Random bytes as ``application/octet-stream``: how fast they come is measured here."""
    house, principal = call.site.house, call.principal
    call.site.pace.probe(principal.account_id)
    about = str(preflight_id)
    await preflight_lines.check_may_measure(house, principal, str(lesson_id), preflight_id=about, now=call.now)
    came = await uplink.measure(call.request)
    values = {"bps": came.bps, "bytes": came.bytes, "ms": round(came.ms)}
    return await preflights.note_check(
        house, principal, str(lesson_id), preflight_id=about, name=CheckName.UPLINK, values=values, now=call.site.now()
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/preflights/{preflight_id}/line",
    refusals=(*_STEP, *_MEDIA),
    unaudited="a measurement: the preflight keeps it, its signing is audited",
)
async def post_line(call: Call, lesson_id: UUID, preflight_id: UUID, body: LineOffer) -> LineAnswer:
    """A test picture, published to nobody."""
    answer = await preflight_lines.open_line(
        call.site.house,
        call.principal,
        str(lesson_id),
        preflight_id=str(preflight_id),
        offer_sdp=body.offer,
        now=call.now,
    )
    return LineAnswer(answer.sdp)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/preflights/{preflight_id}/line/result",
    refusals=(*_STEP, "probe_unknown", "media_unavailable"),
    unaudited="a measurement: the preflight keeps it, its signing is audited",
)
async def post_line_result(call: Call, lesson_id: UUID, preflight_id: UUID) -> PreflightView:
    """What came of the test picture, and by which way."""
    return await preflight_lines.close_line(
        call.site.house, call.principal, str(lesson_id), preflight_id=str(preflight_id), now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/preflights/{preflight_id}/source",
    refusals=(*_STEP, "media_unavailable"),
    unaudited="a measurement: the preflight keeps it, its signing is audited",
)
async def post_source(call: Call, lesson_id: UUID, preflight_id: UUID) -> PreflightView:
    """What arrives of the own venue's source, which a room kit publishes: camera, microphone, uplink, line."""
    return await preflight_lines.look_at_source(
        call.site.house, call.principal, str(lesson_id), preflight_id=str(preflight_id), now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/devices",
    refusals=("forbidden", "lesson_not_on_air"),
    unaudited="a measurement: the preflight keeps it, its signing is audited",
)
async def post_devices(call: Call, lesson_id: UUID, body: Devices) -> ReadinessView:
    """Which camera and microphone the own venue uses now."""
    return await preflights.note_device(
        call.site.house, call.principal, str(lesson_id), device=body.device, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/preflights/{preflight_id}/sign",
    refusals=(*_STEP, "preflight_failed", "preflight_reason", "command_reused"),
)
async def post_signature(call: Call, lesson_id: UUID, preflight_id: UUID, body: Signature) -> PreflightView:
    """The operator answers for it."""
    return await preflights.sign_off(
        *call.order(lesson_id, body), preflight_id=str(preflight_id), name=body.name, reason=body.reason, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/fallbacks",
    refusals=("forbidden", "venue_not_found", "failover_same", "command_reused"),
)
async def post_fallback(call: Call, lesson_id: UUID, body: NewFallback) -> ReadinessView:
    """Choose beforehand where a venue's people go when it breaks down."""
    return await preflights.choose_fallback(
        *call.order(lesson_id, body), lesson_venue_id=body.lesson_venue_id, fallback=body.fallback, now=call.now
    )
