"""Calendars as iCalendar (RFC 5545) at their secret addresses: phones and mail programs fetch them by themselves."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence

import icalendar
from aiohttp import hdrs, web

from server.domain.lessons import LessonState
from server.domain.refusals import Refusal
from server.services.feeds import Appointment, read_feed
from server.web.call import CALL

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_HOUR = dt.timedelta(hours=1)
_SECOND = dt.timedelta(seconds=1)


def routes() -> list[web.RouteDef]:
    return [web.get("/calendar/{token}.ics", serve)]


async def serve(request: web.Request) -> web.Response:
    """Every address is paced as all requests are; one secret besides, wherever it is asked for."""
    call, token = request[CALL], request.match_info["token"]
    if _TOKEN.fullmatch(token) is None:
        raise Refusal("calendar_unknown")
    call.site.pace.calendar(token)
    appointments = await read_feed(call.site.house.records, token, call.now)
    settings = call.site.settings
    told = (appointments, settings.organisation or "党校", settings.zone, call.base_url)
    text = await asyncio.to_thread(calendar_of, *told)  # half a millisecond for each lesson
    headers = {hdrs.CONTENT_DISPOSITION: 'inline; filename="lessons.ics"'}
    return web.Response(body=text, content_type="text/calendar", charset="utf-8", headers=headers)


def calendar_of(appointments: Sequence[Appointment], name: str, zone: dt.tzinfo, base_url: str) -> bytes:
    """The times are the school's, so that a lesson stays at its hour wherever the calendar is read."""
    calendar = icalendar.Calendar()
    for key, value in (("prodid", "-//dangxiao//lessons//ZH"), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(key, value)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _HOUR, parameters={"VALUE": "DURATION"})
    times = [moment for each in appointments for moment in (each.lesson.starts_at, each.lesson.ends_at)]
    if times:
        calendar.add_component(timezone_of(zone, min(times), max(times)))
    for each in appointments:
        calendar.add_component(_event(each, zone, base_url))
    return bytes(calendar.to_ical())


def _event(appointment: Appointment, zone: dt.tzinfo, base_url: str) -> icalendar.Event:
    lesson, event = appointment.lesson, icalendar.Event()
    event.add("uid", f"{lesson.id}@dangxiao")
    event.add("dtstamp", lesson.starts_at)
    event.add("sequence", lesson.version)
    event.add("summary", lesson.full_title)
    for key, moment in (("dtstart", lesson.starts_at), ("dtend", lesson.ends_at)):
        event.add(key, moment.astimezone(zone).replace(tzinfo=None), parameters={"TZID": _name(zone)})
    event.add("status", "CANCELLED" if lesson.state is LessonState.CANCELLED else "CONFIRMED")
    places = "、".join(appointment.places)
    if places:
        event.add("location", places)
    told = (appointment.unit, appointment.lecturer, "" if lesson.media else "现场参加，不带音视频")
    event.add("description", "\n".join(line for line in told if line))
    event.add("url", f"{base_url}/m/{lesson.id}")
    return event


def _name(zone: dt.tzinfo) -> str:
    return str(zone)


def timezone_of(zone: dt.tzinfo, since: dt.datetime, until: dt.datetime) -> icalendar.Timezone:
    """The offsets that hold from one moment to another, and each change between them (RFC 5545, 3.6.5): ``DTSTART`` of
    a change is the wall's time before it.
    """
    found = icalendar.Timezone()
    found.add("tzid", _name(zone))
    first = since.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0) - dt.timedelta(days=1)
    found.add_component(_observance(zone, first, first))
    for before, after in _changes(zone, first, until.astimezone(dt.UTC)):
        found.add_component(_observance(zone, before, after))
    return found


def _changes(zone: dt.tzinfo, since: dt.datetime, until: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The last second before each change of the offset, and the first one after it, in UTC. No zone changes twice in
    an hour.
    """
    hours = (since + number * _HOUR for number in range(int((until - since) / _HOUR) + 2))
    for early, late in itertools.pairwise(hours):
        if early.astimezone(zone).utcoffset() != late.astimezone(zone).utcoffset():
            yield _narrowed(zone, early, late)


def _narrowed(zone: dt.tzinfo, early: dt.datetime, late: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Around the change between them, to the second."""
    former = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == former else (early, middle)
    return early, late


def _observance(
    zone: dt.tzinfo, before: dt.datetime, after: dt.datetime
) -> icalendar.TimezoneStandard | icalendar.TimezoneDaylight:
    there, here = before.astimezone(zone), after.astimezone(zone)
    part = icalendar.TimezoneDaylight() if here.dst() else icalendar.TimezoneStandard()
    offset = there.utcoffset() or dt.timedelta(0)
    part.add("dtstart", (after + offset).replace(tzinfo=None))
    part.add("tzoffsetfrom", offset)
    part.add("tzoffsetto", here.utcoffset() or dt.timedelta(0))
    part.add("tzname", here.tzname() or _name(zone))
    return part
