"""Events by frames: how often, made how many times, and what a phone far behind is told."""

import datetime as dt
import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from server.domain.events import EVERYONE, STAFF, Announcement, Event, to_account
from server.live.cadence import EVERY_MS, MOST_A_SECOND, WINDOW_MS, Cadence
from server.live.frames import Frames, heard
from server.live.outbox import Outbox, frame, message
from server.services.events import PAGE

from .test_sockets import Socket, ticket

TIME = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
ARRIVALS = st.lists(st.tuples(st.floats(0, 400), st.booleans()), max_size=60)


@given(ARRIVALS)
def test_no_second_has_more_frames_than_its_bound_and_what_can_wait_waits_for_the_pace(arrivals):
    cadence, now, sent = Cadence(), 0.0, []
    for gap, urgent in arrivals:
        now += gap
        wait = cadence.wait_ms(now, urgent=urgent)
        assert 0 <= wait <= WINDOW_MS
        now += wait
        cadence.sent(now)
        if sent and not urgent:
            assert now - sent[-1] >= EVERY_MS - 0.001
        sent.append(now)
    for first, last in zip(sent, sent[MOST_A_SECOND:], strict=False):
        assert last - first >= 1000 - 0.001


def test_the_first_frame_and_an_urgent_one_go_at_once():
    cadence = Cadence()
    assert cadence.wait_ms(0, urgent=False) == 0
    cadence.sent(0)
    assert cadence.wait_ms(10, urgent=False) > 0
    assert cadence.wait_ms(10, urgent=True) == 0


def events_to(*audiences):
    return heard(Event(seq, TIME, "x", audience, {}, None) for seq, audience in enumerate(audiences, 1))


def test_who_hears_the_same_shares_one_text():
    frames = Frames(events_to(EVERYONE, STAFF, to_account("a"), EVERYONE))
    phones = [frozenset({EVERYONE, to_account(f"p{n}")}) for n in range(3)]
    shared = {id(frames.of(phone)) for phone in phones}
    assert len(shared) == 1
    assert [each["seq"] for each in json.loads(frames.of(phones[0]).text)[1]] == [1, 4]
    assert [each["seq"] for each in json.loads(frames.of(frozenset({EVERYONE, to_account("a")})).text)[1]] == [1, 3, 4]
    assert frames.of(frozenset({to_account("nobody")})) is None


def test_who_owes_the_questions_is_not_pushed_what_is_right():
    known = {"quiz_id": "q", "number": 1, "answered": 2, "correct": ["a"], "explanation": "因为", "right": 1}
    kinds = ("quiz.closed", "quiz.remarked", "lesson.changed")
    items = heard(Event(seq, TIME, kind, EVERYONE, known, None) for seq, kind in enumerate(kinds, 1))
    frames, phone = Frames(items), frozenset({EVERYONE})

    def said(**who):
        return [set(each["data"]) for each in json.loads(frames.of(phone, **who).text)[1]]

    assert said() == [set(known)] * 3
    assert said(owes=True) == [{"quiz_id", "number", "answered"}] * 2 + [set(known)]
    alone = [json.loads(item.message(owes=True).text)[1]["data"] for item in items]
    assert [set(each) for each in alone] == said(owes=True)
    quiet = Frames(events_to(EVERYONE))
    assert quiet.of(phone, owes=True) is quiet.of(phone)


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=5), max_size=8))
def test_frames_that_wait_go_as_one_in_order(waiting):
    outbox = Outbox(most_bytes=1_000_000)
    for numbers in waiting:
        outbox.put(frame([str(number) for number in numbers]))
    outbox.put(message("resync", {"seq": 1}))
    said = list(iter(outbox.next, None))
    assert outbox.bytes == 0
    assert [json.loads(item.text)[0] for item in said] == ["events"] * bool(waiting) + ["resync"]
    told = [number for item in said[:-1] for number in json.loads(item.text)[1]]
    assert told == list(itertools.chain(*waiting))


class Framed(Socket):
    """Takes events by frames."""

    def frames(self):
        return [data for name, data in self.heard if name == "events"]

    def seqs(self):
        return [event["seq"] for frame in self.frames() for event in frame]


async def append(school, lesson, count, audience=EVERYONE):
    house, now = school.control.house, school.control.site.now()
    said = [Announcement("x.said", audience, {"n": n}) for n in range(count)]
    return await house.records.write(lambda tx: tx.events.append(lesson["id"], said, now, None))


async def test_what_happens_together_comes_in_one_frame(school, admin, member):
    lesson = await school.new_lesson(admin, until="open")
    start = (await member.get(f"/api/v1/lessons/{lesson['id']}/events")).json["seq"]
    phone = Framed(school)
    auth = {"ticket": await ticket(member, lesson), "lesson_id": lesson["id"], "since": start, "face": "phone"}
    async with phone.joined(**auth, batch=True):
        await append(school, lesson, 40)
        await append(school, lesson, 1, STAFF)
        end = await append(school, lesson, 1)
        school.control.live.audience.hint(lesson["id"])
        await phone.until(lambda name, data: name == "events" and data[-1]["seq"] == end)
        assert phone.seqs() == [*range(start + 1, start + 41), end]
        assert len(phone.frames()) <= 2
        assert phone.kinds() == []


async def test_more_than_a_page_behind_is_told_to_fetch_snapshots(school, admin, member):
    lesson = await school.new_lesson(admin, until="open")
    path = f"/api/v1/lessons/{lesson['id']}"
    start = (await member.get(f"{path}/events")).json["seq"]
    end = await append(school, lesson, PAGE + 1)
    phone = Framed(school)
    auth = {"ticket": await ticket(member, lesson), "lesson_id": lesson["id"], "since": start, "face": "phone"}
    async with phone.joined(**auth, batch=True):
        assert await phone.until(lambda name, data: name == "resync") == {"seq": end}
        answer = await phone.ask("since", {"seq": start, "snapshot": True})
        assert answer == {"events": [], "seq": end, "behind": True}
        # The snapshot stands at some seq, and the tail goes on from there.
        stage = (await member.get(f"{path}/stage")).json
        assert (await phone.ask("since", {"seq": stage["seq"], "snapshot": True}))["events"] == []
        end = await append(school, lesson, 1)
        school.control.live.audience.hint(lesson["id"])
        await phone.until(lambda name, data: name == "events" and data[-1]["seq"] == end)
        assert phone.seqs() == [end]
    asked = {"since": str(start), "snapshot": "true"}
    assert (await member.get(f"{path}/events", params=asked)).json == {"events": [], "seq": end, "behind": True}


async def test_others_events_put_nobody_behind(school, admin, member):
    lesson = await school.new_lesson(admin, until="open")
    path = f"/api/v1/lessons/{lesson['id']}"
    start = (await member.get(f"{path}/events")).json["seq"]
    end = await append(school, lesson, PAGE + 1, STAFF)
    answer = (await member.get(f"{path}/events", params={"since": str(start), "snapshot": "true"})).json
    assert answer == {"events": [], "seq": end, "behind": False}


async def test_the_newest_of_some_nouns(school, admin, member):
    lesson = await school.new_lesson(admin, until="live")
    await append(school, lesson, 30)
    path = f"/api/v1/lessons/{lesson['id']}/events"
    newest = (await member.get(path, params={"last": "2", "nouns": "lesson,stage"})).json["events"]
    everything = (await member.get(path)).json["events"]
    assert newest == [each for each in everything if each["kind"].startswith(("lesson.", "stage."))][-2:]
    assert [each["kind"] for each in (await member.get(path, params={"last": "3"})).json["events"]] == ["x.said"] * 3
