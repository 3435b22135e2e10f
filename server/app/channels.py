"""The channels of notices, as the settings have them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping

from server.domain.deliveries import Channel
from server.domain.waves import WaveTimes, quiet_of, time_of
from server.services.notices import NoticeRules, Notifier
from server.settings import Settings


def notice_rules(settings: Settings) -> NoticeRules:
    times = WaveTimes(settings.notice_invite_days, time_of(settings.notice_day_before), settings.notice_minutes_before)
    return NoticeRules(
        on=settings.notices,
        times=times,
        quiet=quiet_of(settings.notice_quiet),
        per_minute=settings.notices_per_minute,
        most_tries=settings.notice_tries,
        language=settings.language,
        url=settings.public_url.rstrip("/"),
    )


@contextlib.asynccontextmanager
async def notifiers(_settings: Settings) -> AsyncIterator[Mapping[Channel, Notifier]]:
    """Those that are set up, as long as they are needed."""
    yield {}
