"""Which calls leave a line in the audit log, and what stands in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

import pydantic
import structlog

from server import clock
from server.domain.audit import detail_of
from server.domain.refusals import Refusal
from server.services.audit import Doing, doing, note
from server.web.call import Call

log = structlog.get_logger()

T = TypeVar("T")

_MATTERS = frozenset({401, 403, 404})
_GUESSES = frozenset({"locked_out", "code_wrong"})
_NEVER = frozenset({"not_logged_in", "too_fast"})
_LONGEST_TEXT = 120
_LONGEST_DETAIL = 2000


class Described(Protocol):
    """What is asked of an endpoint here."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def access(self) -> str: ...
    @property
    def parts(self) -> dict[str, Any]: ...
    @property
    def unaudited(self) -> str: ...
    @property
    def audited(self) -> bool: ...


def leaves_line(endpoint: Described) -> bool:
    return not endpoint.unaudited and (endpoint.audited or endpoint.method != "GET")


async def audited(endpoint: Described, call: Call, arguments: Mapping[str, Any], work: Callable[[], Awaitable[T]]) -> T:
    """``work()``, whose writing leaves lines; what it did beside the record, or was refused, is written afterwards."""
    described = call.doing = _doing(endpoint, call, arguments)
    records = call.site.house.records
    try:
        with doing(described):
            result = await work()
    except Refusal as refusal:
        if _is_told(refusal):
            await _note_refusal(call, described, refusal)
        raise
    by_nobody = endpoint.access == "public" and described.actor is None  # a stranger who logs out a thousand times
    if not described.written and not by_nobody:
        await note(records, described)
    return result


def _is_told(refusal: Refusal) -> bool:
    matters = refusal.meaning.status in _MATTERS or refusal.code in _GUESSES
    return matters and refusal.code not in _NEVER


async def _note_refusal(call: Call, described: Doing, refusal: Refusal) -> None:
    """The answer does not depend on it: a database that is away still refuses."""
    left_out = call.site.refusals.admit(described.actor or call.address, clock.monotonic_ms())
    if left_out is None:
        return
    if left_out:
        described.detail = detail_of(left_out_before=left_out)
    try:
        await note(call.site.house.records, described, refusal.code)
    except Refusal as error:
        log.warning("audit.refusal_not_written", code=refusal.code, because=error.code)


def _doing(endpoint: Described, call: Call, arguments: Mapping[str, Any]) -> Doing:
    login = (call.login or "")[:16]
    late = endpoint.access == "public" or endpoint.method == "GET"
    parts = {name: writable(str(arguments[name])) for name in endpoint.parts}
    about = next((f"{name.removesuffix('_id')}/{value}" for name, value in parts.items()), "")
    return Doing(
        *(call.now, call.account_id, call.address, login, call.request_id, _action(endpoint), about),
        detail=_detail(parts, arguments),
        late=late,
    )


def _action(endpoint: Described) -> str:
    """``POST /lessons/{lesson_id}/cut``: stable, and in the protocol document."""
    return f"{endpoint.method} {endpoint.path.removeprefix('/api/v1')}"


def _detail(parts: Mapping[str, str], arguments: Mapping[str, Any]) -> str:
    said: dict[str, object] = dict(parts)
    for model in (arguments.get("query"), arguments.get("body")):
        if isinstance(model, pydantic.BaseModel):
            said |= _shown(model)
    text = detail_of(**said)
    if len(text) <= _LONGEST_DETAIL:
        return text
    short = {name: value for name, value in said.items() if not isinstance(value, list | dict)}
    short["shortened"] = True
    return detail_of(**short)


def _shown(model: pydantic.BaseModel) -> dict[str, object]:
    """No secrets (``repr=False``), no long texts: those stand where they belong."""
    fields = type(model).model_fields
    hidden = {name for name, field in fields.items() if not field.repr} | {"command_id"}
    return {name: _shortened(value) for name, value in model.model_dump(mode="json", exclude=hidden).items()}


def writable(text: str) -> str:
    """A part of a path may be anything. What no database takes (a NUL, bytes that are no text) would undo the whole
    batch in which the line is written, with everybody else's work.
    """
    plain = text[:_LONGEST_TEXT].encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() else "?" for sign in plain)


def _shortened(value: object) -> object:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return value[:_LONGEST_TEXT] + "…"
    return value
