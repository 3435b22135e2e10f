"""What bodies and queries are made of: strict pydantic models, so that one value has one spelling."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import pydantic
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

# Neither databases nor logs nor screens want control characters; rare hanzi beyond the BMP are welcome.
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]
# What is looked for; PostgreSQL takes no NUL even there.
Searched = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
# Paragraphs, for what is explained.
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9:,._-]+$")]


def _in_utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("a time outside the calendar") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


def _of_the_calendar(day: dt.date) -> dt.date:
    """With room for the days before and after it that are asked about, too."""
    if not 1900 <= day.year <= 2999:
        raise ValueError("a day outside the calendar")
    return day


Day = Annotated[dt.date, AfterValidator(_of_the_calendar)]
MostItems = Annotated[int, Field(ge=1, le=200)]


class Form(pydantic.BaseModel):
    """A JSON body: unknown fields are refused, numbers are numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Command(Form):
    """A body that changes something; a retry with the same id and body is harmless."""

    command_id: UUID

    @property
    def command(self) -> str:
        return str(self.command_id)


class Query(pydantic.BaseModel):
    """Query parameters: all text, hence not strict; unknown ones are ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Paged(Query):
    cursor: Annotated[str, StringConstraints(max_length=400, pattern=r"^[A-Za-z0-9_=.:+-]*$")] | None = None
    limit: MostItems = 50
