"""What people are asked to agree to before they use the house: a text in versions, the newest in force."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

TEXT_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class ConsentText:
    """Never changed: another wording is another version. ``text_en`` may be empty. ``by``: the account."""

    version: int
    text: str
    text_en: str
    since: dt.datetime
    by: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who agreed to what, when, and from where: ``device`` is what the browser calls itself."""

    account_id: str
    version: int
    at: dt.datetime
    address: str
    device: str
