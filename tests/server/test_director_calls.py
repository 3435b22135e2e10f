"""The director's instruments over HTTPS: roll call and its sheet, the right to speak, calls for help, notices."""

import uuid

import pytest

from .conftest import problem_of


@pytest.fixture
async def opened(school, admin):
    return await school.new_lesson(admin, until="open")


def path_of(lesson, rest):
    return f"/api/v1/lessons/{lesson['id']}/{rest}"


def place_of(lesson):
    return next(venue["id"] for venue in lesson["venues"] if venue["part"] == "branch")


async def test_a_roll_call_from_the_first_key_to_the_sheet(school, director, opened):
    problem_of(await director.get(path_of(opened, "roll-call.csv")), 409, "roll_call_over")
    stage = await director.command(path_of(opened, "roll-calls"))
    assert (stage.status, stage.json["roll_call"]["called"]) == (201, place_of(opened))
    while called := stage.json["roll_call"]["called"]:
        stage = await director.command(path_of(opened, "roll-call/result"), lesson_venue_id=called, result="answered")
    assert (await director.command(path_of(opened, "roll-call/finish"))).json["roll_call"]["running"] is False
    sheet = await director.get(path_of(opened, "roll-call.csv"))
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in sheet.headers["Content-Disposition"]
    head, first = sheet.body.decode("utf-8-sig").splitlines()[:2]
    assert head.startswith("序号,会场,结果")
    assert "在线应答" in first
    (kept,) = (await director.get(path_of(opened, "roll-calls"))).json["items"]
    assert kept["counts"]["answered"] == len(kept["entries"])


async def test_a_result_that_is_none_of_the_four_is_refused(director, opened):
    await director.command(path_of(opened, "roll-calls"))
    place = place_of(opened)
    wrong = await director.command(path_of(opened, "roll-call/result"), lesson_venue_id=place, result="sleeping")
    problem_of(wrong, 422, "invalid_body")
    nowhere = await director.command(
        path_of(opened, "roll-call/result"), lesson_venue_id=str(uuid.uuid4()), result="absent"
    )
    problem_of(nowhere, 404, "venue_not_found")


async def test_a_member_neither_calls_nor_reads_nor_lets_speak(member, director, opened):
    await director.command(path_of(opened, "roll-calls"))
    for rest in ("roll-calls", "roll-call.csv", "helps", "notices"):
        problem_of(await member.get(path_of(opened, rest)), 403, "forbidden")
    speech = await member.command(path_of(opened, "speech"), lesson_venue_id=place_of(opened), speech="speaking")
    problem_of(speech, 403, "forbidden")


async def test_a_call_for_help_and_a_notice_with_their_limits(school, director, opened):
    venue = await school.person("venue1")
    long = await venue.command(path_of(opened, "helps"), urgency="urgent", text="长" * 201)
    problem_of(long, 422, "invalid_body")
    called = await venue.command(path_of(opened, "helps"), urgency="urgent", text="<b>没有声音</b>")
    assert (called.status, called.json["text"]) == (201, "<b>没有声音</b>")
    answered = await director.command(path_of(opened, f"helps/{called.json['id']}/answer"), text="马上来")
    assert answered.json["state"] == "answered"
    problem_of(await director.command(path_of(opened, f"helps/{uuid.uuid4()}/close")), 404, "help_not_found")
    sent = await director.command(path_of(opened, "notices"), text="请检查话筒")
    assert (sent.status, sent.json["read"]) == (201, 0)
    assert (await venue.command(path_of(opened, f"notices/{sent.json['id']}/read"))).json["mine"] is True
    assert (await director.get(path_of(opened, "notices"))).json["items"][0]["read"] == 1
