"""A room kit on the wire: an address, a key, and no cookie."""

import pytest

from .conftest import problem_of
from .offers import offer
from .test_director_calls import path_of, place_of

SDP = {"Content-Type": "application/sdp"}


@pytest.fixture
async def venue(school):
    return await school.person("venue1")


async def dial(kit, view, key=None):
    headers = {**SDP, "Authorization": f"Bearer {key or view['key']}"}
    return await kit.ask("POST", view["path"], origin=None, data=(await offer()).encode(), headers=headers)


async def test_a_kit_sends_by_its_key_until_it_is_revoked(school, admin, director):
    lesson = await school.new_lesson(admin, until="open")
    keys, place = path_of(lesson, "venue-keys"), place_of(lesson)
    issued = await director.command(keys, lesson_venue_id=place)
    assert issued.status == 201, issued.text
    view, kit = issued.json, await school.stranger()
    assert view["path"] == f"/whip/{lesson['id']}/venue-{place}"
    problem_of(await dial(kit, view, view["key"][:-1]), 401, "ticket_invalid")
    answer = await dial(kit, view)
    assert answer.status == 201, answer.text
    (listed,) = (await director.get(keys)).json["items"]
    assert (listed["sends"], listed["key"], bool(listed["used_at"])) == (True, None, True)
    revoked = await director.command(f"{keys}/{view['id']}/revoke")
    assert (revoked.status, revoked.json["sends"]) == (200, False)
    gone = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}
    hung_up = await kit.ask("PATCH", answer.headers["Location"], origin=None, data=b"a=x", headers=gone)
    problem_of(hung_up, 404, "session_unknown")
    problem_of(await dial(kit, view), 401, "ticket_invalid")


async def test_a_kit_rehearses_before_the_lesson_is_open(school, admin, venue):
    lesson = await school.new_lesson(admin, until="scheduled")
    issued = await venue.command(path_of(lesson, "venue-keys"), lesson_venue_id=place_of(lesson))
    kit = await school.stranger()
    answer = await dial(kit, issued.json)
    assert answer.status == 201, answer.text
    await admin.command(path_of(lesson, "transitions"), event="open")
    fragment = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}
    ended = await kit.ask("PATCH", answer.headers["Location"], origin=None, data=b"a=x", headers=fragment)
    problem_of(ended, 404, "session_unknown")
    assert (await dial(kit, issued.json)).status == 201
