"""The calendar over HTTP: series and their undoing, what is due, iCalendar by a secret address."""

import datetime as dt
import uuid
import zoneinfo

import icalendar
import pytest

from server.domain.lessons import Lesson, LessonState
from server.services.demo import demo_id
from server.services.feeds import Appointment
from server.web.ical import calendar_of, timezone_of

from .conftest import problem_of

ROOT, BRANCH = demo_id("某集团党委"), demo_id("一车间党支部")


def plan(begins="2027-03-05T01:00:00Z", ends="2027-03-05T02:30:00Z", unit=ROOT, **more):
    return {"title": "主题党日", "unit_id": unit, "starts_at": begins, "ends_at": ends, **more}


async def feed_of(person):
    return (await person.command("/api/v1/calendar-feed")).json["path"]


async def read(school, path):
    return await (await school.stranger()).get(path)


# ---- series ----------------------------------------------------------------------------------------------


async def test_a_series_makes_drafts_and_is_undone_but_for_what_was_touched(admin):
    body = plan(every="month", times=4, numbered=True, kind="theme_day", media=False)
    made = (await admin.command("/api/v1/lesson-series", **body)).json
    assert [one["title"] for one in made["lessons"]] == [f"主题党日（第{number}次）" for number in range(1, 5)]
    days = ["2027-03-05", "2027-04-05", "2027-05-05", "2027-06-05"]
    assert [one["starts_at"][:10] for one in made["lessons"]] == days
    assert {(one["state"], one["series_id"], one["media"]) for one in made["lessons"]} == {("draft", made["id"], False)}
    kept, peopled = (each["id"] for each in made["lessons"][1:3])
    await admin.command(f"/api/v1/lessons/{kept}/transitions", event="schedule")
    units = [{"unit_id": made["lessons"][2]["unit"]["id"], "venue_id": None}]
    body = {"command_id": str(uuid.uuid4()), "units": units, "members": []}
    assert (await admin.ask("PUT", f"/api/v1/lessons/{peopled}/assignments", json=body)).status == 200
    undone = (await admin.command(f"/api/v1/lesson-series/{made['id']}/undo")).json
    assert (undone["cancelled"], [one["id"] for one in undone["kept"]]) == (2, [kept, peopled])
    again = (await admin.command(f"/api/v1/lesson-series/{made['id']}/undo")).json
    assert (again["cancelled"], [one["id"] for one in again["kept"]]) == (0, [kept, peopled])


async def test_a_secretary_plans_and_holds_the_own_branchs_meetings_on_the_spot_and_nothing_else(school, admin):
    secretary = await school.person("secretary")
    own = {"unit_id": demo_id("综合党支部"), "kind": "members_meeting", "media": False}
    body = plan(**own, every="month", times=2)
    for other in ({"unit_id": demo_id("财务党支部")}, {"kind": "lecture"}, {"media": True}):
        problem_of(await secretary.command("/api/v1/lesson-series", **{**body, **other}), 403, "forbidden")
        once = {key: value for key, value in {**body, **other}.items() if key not in {"every", "times"}}
        problem_of(await secretary.command("/api/v1/lessons", **once), 403, "forbidden")
    made = (await secretary.command("/api/v1/lesson-series", **body)).json
    held, spare = made["lessons"]
    assert {"edit", "run"} <= set(held["may"])
    assert "settle" not in held["may"]
    path, version = f"/api/v1/lessons/{held['id']}", {"If-Match": f'"{held["version"]}"'}
    for other in ({"media": True}, {"kind": "lecture"}):
        problem_of(await secretary.ask("PATCH", path, json=other, headers=version), 403, "forbidden")
    for event in ("schedule", "open", "start", "end"):
        assert (await secretary.command(f"{path}/transitions", event=event)).status == 200, event
    problem_of(await secretary.command(f"{path}/transitions", event="settle"), 403, "forbidden")
    stranger = await school.person("10021")
    problem_of(await stranger.command(f"/api/v1/lesson-series/{made['id']}/undo"), 404, "series_not_found")
    undone = (await secretary.command(f"/api/v1/lesson-series/{made['id']}/undo")).json
    assert (undone["cancelled"], [one["id"] for one in undone["kept"]]) == (1, [held["id"]])
    assert (await admin.get(f"/api/v1/lessons/{spare['id']}")).json["state"] == "cancelled"


async def test_a_retry_of_a_series_makes_no_second_one(admin):
    body = plan(begins="2028-01-03T01:00:00Z", ends="2028-01-03T02:00:00Z", every="week", times=2)
    command_id = str(uuid.uuid4())
    first = await admin.post("/api/v1/lesson-series", {"command_id": command_id, **body})
    second = await admin.post("/api/v1/lesson-series", {"command_id": command_id, **body})
    assert first.json == second.json
    listed = (await admin.get("/api/v1/lessons?since=2028-01-01T00:00:00Z&until=2028-02-01T00:00:00Z")).json
    assert [one["id"] for one in listed["items"]] == [one["id"] for one in reversed(first.json["lessons"])]


# ---- courses ---------------------------------------------------------------------------------------------


async def test_a_course_holds_lessons_until_it_is_closed(admin, member):
    course = (await admin.command("/api/v1/courses", unit_id=ROOT, title="安全生产系列")).json
    lesson = (await admin.command("/api/v1/lessons", **plan(course_id=course["id"]))).json
    assert lesson["course"] == {"id": course["id"], "name": "安全生产系列"}
    listed = (await admin.get(f"/api/v1/lessons?course={course['id']}")).json["items"]
    assert [one["id"] for one in listed] == [lesson["id"]]
    closed = {"command_id": str(uuid.uuid4()), "title": "安全生产系列", "closed": True}
    path, etag = f"/api/v1/courses/{course['id']}", {"If-Match": f'"{course["version"]}"'}
    assert (await admin.ask("PUT", path, json=closed, headers=etag)).json["lessons"] == 1
    problem_of(await admin.command("/api/v1/lessons", **plan(course_id=course["id"])), 409, "course_closed")
    seen = next(one for one in (await member.get("/api/v1/courses")).json["items"] if one["id"] == course["id"])
    assert (seen["may_edit"], seen["closed"]) == (False, True)
    foreign = {**closed, "command_id": str(uuid.uuid4())}
    problem_of(await member.ask("PUT", path, json=foreign, headers={"If-Match": '"2"'}), 404, "course_not_found")


# ---- what is due -----------------------------------------------------------------------------------------


async def due(person, kind, on=None):
    items = (await person.get("/api/v1/dues" + (f"?on={on}" if on else ""))).json["items"]
    return [one for one in items if one["unit"]["id"] == BRANCH and one["kind"] == kind]


async def test_what_is_planned_above_counts_where_the_rule_says_so(admin):
    begins, ends = "2029-05-10T01:00:00Z", "2029-05-10T02:00:00Z"
    for kind in ("theme_day", "committee_meeting"):
        lesson = (await admin.command("/api/v1/lessons", **plan(begins, ends, kind=kind))).json
        await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="schedule")
    states = {kind: (await due(admin, kind, "2029-05-20"))[-1]["state"] for kind in ("theme_day", "committee_meeting")}
    assert states == {"theme_day": "planned", "committee_meeting": "open"}


async def test_a_rule_holds_for_the_unit_below_from_its_day_on(admin):
    rule = {"unit_id": ROOT, "kind": "theme_day", "every": "month", "day": 15, "above": True}
    problem_of(await admin.command("/api/v1/kind-rules", **rule, since="2020-01-01"), 422, "past_fixed")
    made = (await admin.command("/api/v1/kind-rules", **rule, since="2030-01-01")).json
    assert (made["unit"]["id"], made["holds"]) == (ROOT, False)
    assert [one["due"] for one in await due(admin, "theme_day", "2029-12-05")][-1] == "2029-12-31"
    assert [one["due"] for one in await due(admin, "theme_day", "2030-02-05")][-1] == "2030-02-15"
    assert await due(admin, "party_class", "2030-02-05") == []


async def test_a_secretary_sees_what_is_overdue_in_the_own_branch_alone(school):
    items = (await (await school.person("secretary")).get("/api/v1/dues?on=2026-07-01")).json["items"]
    assert {one["unit"]["name"] for one in items} == {"综合党支部"}
    before, *_ = [one for one in items if one["kind"] == "members_meeting"]
    assert (before["since"], before["due"], before["state"]) == ("2026-04-01", "2026-06-30", "overdue")


async def test_days_outside_the_calendar_are_refused(admin):
    for day in ("0001-01-01", "9999-12-31"):
        problem_of(await admin.get(f"/api/v1/dues?on={day}"), 422, "invalid_body")
    last = plan(begins="9999-11-30T01:00:00Z", ends="9999-11-30T02:00:00Z", every="month", times=3)
    problem_of(await admin.command("/api/v1/lesson-series", **last), 422, "invalid_body")


async def test_members_have_no_list_of_what_is_due(member):
    problem_of(await member.get("/api/v1/dues"), 403, "forbidden")


# ---- iCalendar -------------------------------------------------------------------------------------------


async def test_a_calendar_tells_what_its_account_may_see_and_no_more(school, admin, member):
    shown = await school.new_lesson(admin, until="scheduled")
    hidden = await school.new_lesson(admin, until="draft")
    foreign = await school.new_lesson(admin, unit="一车间党支部", until="scheduled", venues=False)
    stranger = await school.person("10010")
    answer = await read(school, await feed_of(stranger))
    assert answer.headers["Content-Type"].startswith("text/calendar")
    uids = {str(event["uid"]) for event in icalendar.Calendar.from_ical(answer.text).walk("VEVENT")}
    assert f"{shown['id']}@dangxiao" in uids
    assert not uids & {f"{hidden['id']}@dangxiao", f"{foreign['id']}@dangxiao"}


async def test_an_address_is_revoked_replaced_and_never_shown_again(school, member):
    first = await feed_of(member)
    second = await feed_of(member)
    problem_of(await read(school, first), 404, "calendar_unknown")
    assert (await read(school, second)).status == 200
    seen = (await member.get("/api/v1/calendar-feed")).json["feed"]
    assert seen["path"] is None
    assert seen["used_at"] is not None
    assert (await member.ask("DELETE", "/api/v1/calendar-feed")).status == 204
    problem_of(await read(school, second), 404, "calendar_unknown")
    assert (await member.get("/api/v1/calendar-feed")).json == {"feed": None}
    problem_of(await read(school, "/calendar/made-up.ics"), 404, "calendar_unknown")


async def test_an_address_is_paced(school, member, time_stands):
    path = await feed_of(member)
    answers = [(await read(school, path)).status for _ in range(13)]
    assert answers == [200] * 12 + [429]


@pytest.mark.parametrize("name", ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "UTC"])
def test_a_calendars_zone_tells_every_hour_right(name):
    """Read back by the rules of RFC 5545: of the observances begun, the one that began last holds."""
    zone = zoneinfo.ZoneInfo(name)
    since = dt.datetime(2026, 1, 10, 5, tzinfo=dt.UTC)
    until = since + dt.timedelta(days=500)
    parts = timezone_of(zone, since, until).subcomponents
    begun = sorted((part["dtstart"].dt - part["tzoffsetfrom"].td, part["tzoffsetto"].td) for part in parts)
    for hours in range(0, 500 * 24, 7):
        moment = since + dt.timedelta(hours=hours)
        offset = [to for at, to in begun if at <= moment.replace(tzinfo=None)][-1]
        assert offset == moment.astimezone(zone).utcoffset()


def test_words_of_a_lesson_are_no_lines_of_the_calendar():
    at = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)
    title = "安全,生产;\nEND:VEVENT\nBEGIN:VEVENT"
    lesson = Lesson("l", title, "u", None, LessonState.SCHEDULED, at, at + dt.timedelta(hours=1), recorded=True)
    told = [Appointment(lesson, "党委", "讲师甲", ("主会场",))]
    text = calendar_of(told, "党校", zoneinfo.ZoneInfo("Asia/Shanghai"), "https://x")
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert str(event["summary"]) == title
    assert (event["dtstart"].dt.hour, event["dtstart"].params["TZID"]) == (9, "Asia/Shanghai")
