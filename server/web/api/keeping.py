"""How long recordings stay and where (录像保存类别), and deleting one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.domain.keeping import MOST_DAYS, KeepClass, Place
from server.domain.lesson_kinds import LessonKind
from server.services import keep_rules, keeping
from server.services.keep_rules import Keeping
from server.services.keeping import KeptView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query, Text

calls = Endpoints()

Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class Supposed(Query):
    """``kind``: if the class were its default, too."""

    keep_class: KeepClass
    days: Days | None = None
    kind: LessonKind | None = None


class NewRule(Command):
    """``days`` null: for ever. ``seen``: how many recordings would go today, as the preview said."""

    keep_class: KeepClass
    days: Days | None
    place: Place
    reason: Text
    seen: Annotated[int, Field(ge=0)]


class NewKind(Command):
    """``seen``: how many recordings of the class would go today, as the preview said."""

    kind: LessonKind
    keep_class: KeepClass
    reason: Text
    seen: Annotated[int, Field(ge=0)]


class NewClass(Command):
    """``keep_class`` null: that of its lesson's kind."""

    keep_class: KeepClass | None
    reason: Text


class Deletion(Command):
    reason: Text


@dataclass(frozen=True, slots=True)
class KeepPreview:
    keep_class: KeepClass
    days: int | None
    due: int


@calls.on("GET", "/api/v1/keeping", refusals=("forbidden",))
async def get_keeping(call: Call) -> Keeping:
    """The classes of recordings, and what would go today."""
    return await keep_rules.see_keeping(
        call.site.house, call.principal, object_store=call.site.house.object_store, now=call.now
    )


@calls.on("GET", "/api/v1/keeping/preview", refusals=("forbidden", "keeping_too_short"))
async def get_keeping_preview(call: Call, query: Supposed) -> KeepPreview:
    """How many recordings would go today under another period, or with another kind of lesson."""
    asked = (call.site.house, call.principal, query.keep_class, query.days, call.now)
    due = await keep_rules.preview_rule(*asked, kind=query.kind)
    return KeepPreview(query.keep_class, query.days, due)


@calls.on(
    "POST",
    "/api/v1/keeping/rules",
    refusals=("forbidden", "keeping_too_short", "object_store_missing", "retention_count_changed", "command_reused"),
)
async def post_keep_rule(call: Call, body: NewRule) -> Keeping:
    """Period and place of a class, from now on."""
    return await keep_rules.set_rule(
        *(call.site.house, call.principal, body.command),
        keep_class=body.keep_class,
        days=body.days,
        place=body.place,
        reason=body.reason,
        seen=body.seen,
        object_store=call.site.house.object_store,
        now=call.now,
    )


@calls.on("POST", "/api/v1/keeping/kinds", refusals=("forbidden", "retention_count_changed", "command_reused"))
async def post_keep_kind(call: Call, body: NewKind) -> Keeping:
    """The class of recordings of a kind of lesson, from now on."""
    return await keep_rules.set_kind(
        *(call.site.house, call.principal, body.command),
        kind=body.kind,
        keep_class=body.keep_class,
        reason=body.reason,
        seen=body.seen,
        object_store=call.site.house.object_store,
        now=call.now,
    )


@calls.on("GET", "/api/v1/recordings/{recording_id}/keeping", refusals=("recording_not_found",))
async def get_kept(call: Call, recording_id: UUID) -> KeptView:
    """How long a recording stays, or when it was deleted."""
    return await keeping.see_kept(call.site.house, call.principal, str(recording_id), call.now)


@calls.on(
    "POST",
    "/api/v1/recordings/{recording_id}/keeping",
    refusals=("recording_not_found", "forbidden", "recording_deleted", "command_reused"),
)
async def post_keep_class(call: Call, recording_id: UUID, body: NewClass) -> KeptView:
    """Give a recording another class."""
    order = (call.site.house, call.principal, body.command, str(recording_id))
    return await keeping.set_class(*order, keep_class=body.keep_class, reason=body.reason, now=call.now)


@calls.on(
    "POST",
    "/api/v1/recordings/{recording_id}/delete",
    refusals=(
        *("recording_not_found", "forbidden", "recording_deleted", "recording_not_finished", "not_settled"),
        *("recording_held", "recording_needed", "command_reused"),
    ),
)
async def post_delete(call: Call, recording_id: UUID, body: Deletion) -> KeptView:
    """Delete a recording for good; attendance, credit and digests of evidence stay."""
    order = (call.site.house, call.principal, body.command, str(recording_id))
    return await keeping.delete_recording(*order, reason=body.reason, now=call.now)
