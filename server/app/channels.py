"""The channels of notices, as the settings have them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping

from server import clock
from server.app import outgoing
from server.app.sms_gateway import SmsAccess, SmsGateway
from server.app.wecom import WeCom, WeComAccess
from server.domain.deliveries import Channel
from server.domain.waves import WaveTimes, quiet_of, time_of
from server.services.notices import NoticeRules, Notifier
from server.settings import Settings


def notice_rules(settings: Settings) -> NoticeRules:
    times = WaveTimes(settings.notice_invite_days, time_of(settings.notice_day_before), settings.notice_minutes_before)
    set_up = {Channel.WECOM: settings.wecom_corp_id, Channel.SMS: settings.sms_url}
    return NoticeRules(
        on=settings.notices,
        times=times,
        quiet=quiet_of(settings.notice_quiet),
        per_minute=settings.notices_per_minute,
        most_tries=settings.notice_tries,
        channels=tuple(channel for channel, value in set_up.items() if value),
        language=settings.language,
        url=settings.public_url.rstrip("/"),
    )


@contextlib.asynccontextmanager
async def notifiers(settings: Settings) -> AsyncIterator[Mapping[Channel, Notifier]]:
    """Those that are set up, as long as they are needed."""
    made: dict[Channel, Notifier] = {}
    async with outgoing.session() as client:
        if settings.wecom_corp_id:
            house = (settings.wecom_url, settings.wecom_corp_id, settings.wecom_agent_id, settings.wecom_secret)
            made[Channel.WECOM] = WeCom(client, WeComAccess(*house), lambda: clock.monotonic_ms() / 1000)
        if settings.sms_url:
            gateway = (settings.sms_url, settings.sms_body, settings.sms_header, settings.sms_success)
            made[Channel.SMS] = SmsGateway(client, SmsAccess(*gateway))
        yield made
