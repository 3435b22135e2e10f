"""A demonstration organisation, with invented names only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Role
from server.services.login import Passwords
from server.services.records import Records


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A login to print. ``face`` is the path of the page that the role works on."""

    number: str
    name: str
    password: str
    role: Role
    face: str


async def make_demo(records: Records, passwords: Passwords, now: dt.datetime) -> tuple[DemoAccount, ...]:
    """Makes it when there are no accounts at all; in any case sees to it that today has a scheduled demo lesson.

    Returns the accounts to print; () when the database is somebody's real one.
    """
    raise NotImplementedError
