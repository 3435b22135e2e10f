"""The inbox over HTTPS: one's own letters, read and unread."""

import datetime as dt
from dataclasses import replace

from server.services.sending import Sender

from .conftest import own_school, problem_of

school, admin, director, lecturer, member = own_school()


async def test_a_member_is_told_of_a_lesson_and_marks_it_read(school, admin, member):
    lesson = await school.new_lesson(admin, until="scheduled", venues=False)
    house = school.control.house
    now = dt.datetime.fromisoformat(lesson["starts_at"]) - dt.timedelta(days=3)
    await Sender(house.records, "t", {}, replace(house.notices, on=True), lambda: now).step()
    await member.command("/api/v1/inbox/read")  # of the demo's own lesson, too
    letter = next(
        one for one in (await member.get("/api/v1/inbox")).json["items"] if one["lesson"]["id"] == lesson["id"]
    )
    assert (letter["wave"], letter["read"], letter["was"], letter["place"]) == ("invite", True, None, "手机参加")
    problem_of(await admin.command(f"/api/v1/inbox/{letter['id']}/read"), 404, "letter_not_found")
    assert (await member.command(f"/api/v1/inbox/{letter['id']}/read", read=False)).json == {"unread": 1}
    assert (await member.get("/api/v1/inbox/unread")).json == {"unread": 1}
    assert (await member.command(f"/api/v1/inbox/{letter['id']}/read")).json == {"unread": 0}
    assert (await admin.get("/api/v1/inbox")).json == {"items": [], "unread": 0, "next_cursor": None}
