"""Secret addresses of calendars."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar's secret address, of which only the digest is kept; one of an account."""

    id: str
    account_id: str
    token_digest: str
    created_at: dt.datetime
    used_at: dt.datetime | None = None
