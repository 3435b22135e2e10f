"""What clients send, as types. Whatever does not fit is refused as ``invalid_body``, with the fields at fault."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import pydantic
from pydantic import ConfigDict, Field

from server.domain.quiz import MOST_NTH
from server.domain.quiz_answers import LONGEST_TEXT, MOST_PARTS
from server.problems import InvalidBody

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

Model = TypeVar("Model", bound=pydantic.BaseModel)


class Auth(pydantic.BaseModel):
    """What a client connects with. ``catch_up``: it wants to be told all that it missed in one message. ``hidden``: as
    a beat has it, so that a page which comes back while it is put away was not in front for a moment.
    """

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    ticket: str = Field(max_length=4096, repr=False)
    lesson_id: str = Field(min_length=36, max_length=36)
    since: int = Field(default=0, ge=0, le=2**53)
    face: Literal["phone", "venue", "desk", "console", "board"] = "phone"
    batch: bool = False
    catch_up: bool = False
    hidden: bool = False


class Beat(pydantic.BaseModel):
    """``ticket``: it has none for its next dials yet. ``hidden``: the page is put away, with another one in front."""

    model_config = ConfigDict(strict=True, frozen=True)

    ticket: bool = False
    hidden: bool = False


class Since(pydantic.BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    seq: int = Field(ge=0, le=2**53)
    snapshot: bool = False


class Chosen(pydantic.BaseModel):
    """A member's answer. Identifiers in their usual spelling, so that one command has one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    quiz_id: Annotated[str, Field(pattern=_UUID)]
    command_id: Annotated[str, Field(pattern=_UUID)]
    choice: Annotated[
        tuple[Annotated[str, Field(max_length=LONGEST_TEXT)], ...],
        Field(min_length=1, max_length=MOST_PARTS, strict=False),
    ]
    nth: int = Field(default=1, ge=1, le=MOST_NTH)


def parsed(model: type[Model], data: object) -> Model:
    """Raises :class:`InvalidBody`."""
    try:
        return model.model_validate(data)
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        fields = [{"field": ".".join(map(str, each["loc"])), "message": each["msg"]} for each in found[:20]]
        raise InvalidBody(fields) from None
