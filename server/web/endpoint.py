"""One decorator from a typed handler to a route, its validation and its place in the OpenAPI document.

``async def handler(call, lesson_id: UUID, body: NewLesson, query: Page) -> LessonView``: parameters named ``body`` and
``query`` are pydantic models, every other one is a part of the path; the result is a dataclass, a model or None.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import pydantic
import structlog
from aiohttp import web

from server.domain.refusals import Refusal
from server.problems import InvalidBody
from server.web.call import CALL, Call
from server.web.screens import check_screen
from server.web.trail import audited, leaves_line

Handler = Callable[..., Awaitable[object]]
Access = Literal["public", "session"]

LARGE_BODY_BYTES = 1_048_576
"""For the few calls that carry a list."""
_NOT_FOUND = {
    "lesson_id": "lesson_not_found",
    "unit_id": "unit_not_found",
    "member_id": "member_not_found",
    "group_id": "group_not_found",
    "account_id": "account_not_found",
    "recording_id": "recording_not_found",
    "review_id": "review_not_found",
    "question_id": "question_not_found",
    "bank_id": "bank_question_not_found",
    "quiz_id": "quiz_not_found",
    "make_up_id": "make_up_not_found",
    "attempt_id": "attempt_not_found",
    "hand_id": "hand_not_found",
    "inquiry_id": "inquiry_not_found",
    "chapter_id": "chapter_not_found",
    "help_id": "help_not_found",
    "leave_id": "leave_not_found",
    "letter_id": "letter_not_found",
    "check_id": "check_not_found",
    "correction_id": "correction_not_found",
    "sheet_id": "sheet_not_found",
    "venue_id": "venue_not_found",
    "operator_id": "operator_not_found",
    "bundle_id": "job_not_found",
    "device_id": "device_not_found",
    "pairing_id": "pairing_not_found",
    "notice_id": "notice_not_found",
    "material_id": "material_not_found",
    "job_id": "job_not_found",
    "verification_id": "job_not_found",
    "import_id": "import_not_found",
    "export_id": "job_not_found",
    "data_export_id": "job_not_found",
    "erasure_id": "erasure_not_found",
    "hold_id": "hold_not_found",
    "failover_id": "failover_not_found",
    "preflight_id": "preflight_missing",
    "course_id": "course_not_found",
    "certificate_id": "certificate_not_found",
    "video_id": "micro_not_found",
    "upload_id": "upload_not_found",
    "series_id": "series_not_found",
    "key_id": "venue_key_not_found",
    "study_role_id": "study_role_not_found",
    "outside_id": "outside_not_found",
    "proof_id": "proof_not_found",
    "oversight_id": "oversight_not_found",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the decorator learned from the signature."""

    method: str
    path: str
    handler: Handler
    status: int
    access: Access
    refusals: tuple[str, ...]
    body: type[pydantic.BaseModel] | None
    query: type[pydantic.BaseModel] | None
    answer: Any
    parts: dict[str, Any]
    large: bool = False
    upload: bool = False
    unaudited: str = ""
    audited: bool = False
    enrolling: bool = False
    head: bool = False
    repeatable: bool = False

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def bare(self) -> bool:
        """Whether it answers with nothing but its status."""
        return self.answer in {None, type(None)}

    @property
    def summary(self) -> str:
        return (self.handler.__doc__ or "").strip().split("\n")[0]


@dataclass(slots=True)
class Endpoints:
    """A list that fills itself by decoration; one per module of handlers."""

    listed: list[Endpoint] = field(default_factory=list)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self.listed)

    def on(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        access: Access = "session",
        refusals: tuple[str, ...] = (),
        large: bool = False,
        upload: bool = False,
        unaudited: str = "",
        audited: bool = False,
        enrolling: bool = False,
        head: bool = False,
        repeatable: bool = False,
    ) -> Callable[[Handler], Handler]:
        """``refusals``: the codes that this endpoint may answer with, beyond those that every one may.

        ``large``: its body may be of ``LARGE_BODY_BYTES``. ``upload``: its body is a file, which the handler reads.
        ``unaudited``: why it leaves no line in the audit log although it is no GET. ``audited``: a GET that leaves one.
        ``enrolling``: also for an administrator who has not set up the second factor that the role asks for.
        ``head``: a GET whose headers may be asked for alone. ``repeatable``: the very same request may get the same
        answer, for as long as the handler says by ``call.stands``.
        """

        def add(handler: Handler) -> Handler:
            more: dict[str, Any] = {"large": large, "upload": upload, "unaudited": unaudited, "audited": audited}
            more |= {"enrolling": enrolling, "head": head, "repeatable": repeatable}
            endpoint = _endpoint(method, path, handler, status=status, access=access, refusals=refusals)
            self.listed.append(dataclasses.replace(endpoint, **more))
            return handler

        return add

    def routes(self) -> list[web.RouteDef]:
        heads = [web.route("HEAD", e.path, _serve(e)) for e in self.listed if e.head]
        return [*heads, *(web.route(e.method, e.path, _serve(e)) for e in self.listed)]


def _endpoint(
    method: str, path: str, handler: Handler, *, status: int, access: Access, refusals: tuple[str, ...]
) -> Endpoint:
    hints = typing.get_type_hints(handler)
    names = [name for name in inspect.signature(handler).parameters if name not in {"call", "body", "query"}]
    return Endpoint(
        method=method,
        path=path,
        handler=handler,
        status=status,
        access=access,
        refusals=refusals,
        body=hints.get("body"),
        query=hints.get("query"),
        answer=hints.get("return"),
        parts={name: hints[name] for name in names},
    )


def _serve(endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        call = request[CALL]
        if endpoint.access == "session":
            await call.identify(enrolling=endpoint.enrolling)
        arguments: dict[str, Any] = {name: _part(request, name, hint) for name, hint in endpoint.parts.items()}
        structlog.contextvars.bind_contextvars(**{k: str(v) for k, v in arguments.items() if k.endswith("_id")})
        if endpoint.query is not None:
            arguments["query"] = _valid(lambda model: model.model_validate(_query(request)), endpoint.query)
        if endpoint.body is not None:
            content = await _json_bytes(call, large=endpoint.large)
            arguments["body"] = _valid(lambda model: model.model_validate_json(content), endpoint.body)
        return _response(endpoint, call, await _handled(endpoint, call, arguments))

    serve.__name__ = endpoint.name
    return serve


async def _handled(endpoint: Endpoint, call: Call, arguments: dict[str, Any]) -> object:
    if not leaves_line(endpoint):
        return await _done(endpoint, call, arguments)
    return await audited(endpoint, call, arguments, lambda: _done(endpoint, call, arguments))


async def _done(endpoint: Endpoint, call: Call, arguments: dict[str, Any]) -> object:
    if endpoint.access == "session":
        check_screen(call.principal, endpoint.method, endpoint.path)
    return await endpoint.handler(call, **arguments)


def _part(request: web.Request, name: str, hint: Any) -> object:  # noqa: ANN401 - a type hint
    text = request.match_info[name]
    if hint is not UUID:
        return text
    try:
        return UUID(text)
    except ValueError:
        raise Refusal(_NOT_FOUND.get(name, "no_such_page")) from None


def _query(request: web.Request) -> dict[str, str]:
    """A key that is given twice counts once: the last."""
    return dict(request.query.items())


async def _json_bytes(call: Call, *, large: bool) -> bytes:
    if call.request.content_type != "application/json":
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    most = call.site.settings.body_bytes
    return await call.read(max(most, LARGE_BODY_BYTES) if large else most, "body_too_large")


def _valid(
    validate: Callable[[type[pydantic.BaseModel]], pydantic.BaseModel], model: type[pydantic.BaseModel]
) -> pydantic.BaseModel:
    try:
        return validate(model)
    except pydantic.ValidationError as error:
        raise InvalidBody(_errors(error)) from None


def _errors(error: pydantic.ValidationError) -> list[dict[str, str]]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [{"field": ".".join(map(str, each["loc"])), "message": each["msg"]} for each in found[:20]]


def _response(endpoint: Endpoint, call: Call, result: object) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    if result is None:
        return web.Response(status=endpoint.status, headers=call.headers)
    body = adapter(endpoint.answer).dump_json(result)
    return web.Response(body=body, status=endpoint.status, content_type="application/json", headers=call.headers)


@functools.cache
def adapter(hint: Any) -> pydantic.TypeAdapter[Any]:  # noqa: ANN401 - any type of an answer
    """Built at its first use: the first request pays, not the start."""
    return pydantic.TypeAdapter(hint)
