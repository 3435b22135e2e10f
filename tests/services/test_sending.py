"""Notices in three waves: made once, sent once, stopped once done; on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.audit import AuditQuery
from server.domain.deliveries import LEASE, Channel, DeliveryState, Fate, Outcome
from server.domain.lessons import LessonState
from server.domain.waves import ORDER, Quiet, Wave
from server.services import waves
from server.services.call_list import see_call_list
from server.services.demo import demo_id
from server.services.inbox import count_unread, mark_letters, see_inbox
from server.services.leaves import ask_leave
from server.services.notices import NoticeRules
from server.services.sending import Sender
from server.services.wave_views import list_troubled, retry_troubled, see_waves
from server.store.schema import members
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

START = NOW + dt.timedelta(days=3)
DAY_BEFORE = START - dt.timedelta(hours=15)  # 18:00 in the school; the lesson is at 09:00
HOUR_BEFORE = START - dt.timedelta(hours=1)
FIRST = "00000000-0000-4000-8000-000000000000"
NEVER = Quiet(dt.time(), dt.time())
RULES = NoticeRules(channels=(Channel.SMS,), quiet=NEVER, per_minute=10_000, most_tries=3)
EVERYBODY = 120
SENT = Outcome(Fate.SENT)


class Gateway:
    """A channel that notes what it is given, and answers as it is told."""

    at_once = 50
    repeats_safely = False

    def __init__(self, answer=None):
        self.letters = []
        self.answer = answer or (lambda _letter: SENT)

    async def send(self, letters):
        self.letters += letters
        await asyncio.sleep(0)
        return [self.answer(letter) for letter in letters]


class Dying(Gateway):
    async def send(self, letters):
        self.letters += letters
        raise asyncio.CancelledError


class Post:
    """A sender with a clock to turn."""

    def __init__(self, stage, gateway=None, rules=RULES, name="one"):
        self.now = START - dt.timedelta(days=2)
        self.gateway = gateway or Gateway()
        channels = {Channel.SMS: self.gateway}
        self.sender = Sender(stage.records, name, channels, rules, lambda: self.now, look_s=0)

    async def all(self):
        while await self.sender.step():
            pass

    async def at(self, now):
        self.now = now
        await self.all()


@pytest.fixture
async def coming(stage, database):
    """The demo's lesson, in three days; just ten members have a mobile number."""

    def change(tx):
        lesson = tx.lessons.lock(stage.lesson_id)
        tx.lessons.save(replace(lesson, starts_at=START, ends_at=START + dt.timedelta(hours=1)))

    await stage.records.write(change)
    ten = [demo_id(str(number)) for number in range(10001, 10011)]
    await give_phones(stage, database, ten)
    return stage


async def give_phones(stage, database, accounts):
    def give(connection):
        connection.execute(sa.update(members).values(phone=None))
        for position, account in enumerate(accounts):
            member = sa.text("SELECT member_id FROM accounts WHERE id = :account")
            member_id = connection.execute(member, {"account": account}).scalar_one()
            change = sa.update(members).where(members.c.id == member_id)
            connection.execute(change.values(phone=f"1380000{position:04}"))

    await database.write(give)


async def rows(stage, **wanted):
    found = await stage.records.read(lambda tx: tx.deliveries.listed(stage.lesson_id, list(DeliveryState), None, 999))
    return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]


async def tallies(stage):
    found = await stage.records.read(lambda tx: tx.deliveries.tallies(stage.lesson_id))
    return {(one.round, one.wave, one.channel, one.state): one.count for one in found}


async def move(stage, **changes):
    def change(tx):
        tx.lessons.save(replace(tx.lessons.lock(stage.lesson_id), **changes))

    await stage.records.write(change)


async def test_three_waves_each_once_to_everybody_who_is_expected(coming):
    post = Post(coming)
    for now in (post.now, post.now, DAY_BEFORE, DAY_BEFORE, HOUR_BEFORE, START - dt.timedelta(minutes=5)):
        await post.at(now)
    expected = {
        (1, wave, channel, DeliveryState.SENT): count
        for wave in ORDER
        for channel, count in ((Channel.PORTAL, EVERYBODY), (Channel.SMS, 10))
    }
    assert await tallies(coming) == expected
    assert len({letter.id for letter in post.gateway.letters}) == len(post.gateway.letters) == 30
    assert {letter.address for letter in post.gateway.letters} == {f"1380000{n:04}" for n in range(10)}


async def test_every_wave_leaves_a_line_in_the_audit_log(coming):
    await Post(coming).all()
    lines = await coming.records.read(lambda tx: tx.audit.page(AuditQuery(what="notices.wave"), None, 10))
    assert [(line.actor, line.about, line.detail) for line in lines] == [
        (None, f"lesson/{coming.lesson_id}", '{"members":120,"round":1,"wave":"invite"}')
    ]


async def test_two_processes_send_each_message_once(coming):
    gateway = Gateway()
    gateway.at_once = 3
    posts = [Post(coming, gateway, name=name) for name in ("one", "two")]
    await asyncio.gather(*(post.all() for post in posts))
    assert len(gateway.letters) == 10
    assert len({letter.id for letter in gateway.letters}) == 10
    assert (await tallies(coming))[1, Wave.INVITE, Channel.PORTAL, DeliveryState.SENT] == EVERYBODY


async def test_who_signed_in_or_is_on_leave_gets_nothing_more(coming):
    away = await coming.who("secretary")
    whose = (await coming.who("10001")).member_id
    post = Post(coming, Gateway(lambda _letter: Outcome(Fate.LATER, "away")))
    await post.all()
    asked = {"reason": "出差", "member_id": whose, "now": NOW}
    await ask_leave(coming.house, away, coming.lesson_id, command_id(), **asked)
    post.gateway.answer = lambda _letter: SENT
    await post.at(post.now + dt.timedelta(hours=1))
    assert [one.code for one in await rows(coming, state=DeliveryState.STOPPED)] == ["on_leave"]
    await post.at(DAY_BEFORE)
    assert (await tallies(coming))[1, Wave.DAY, Channel.PORTAL, DeliveryState.SENT] == EVERYBODY - 1


async def test_a_cancelled_lesson_stops_what_waits_also_in_quiet_hours(coming):
    post = Post(coming, rules=replace(RULES, quiet=Quiet(dt.time(0), dt.time(23, 59))))
    await post.all()
    assert len(await rows(coming, state=DeliveryState.QUEUED)) == 10
    await move(coming, state=LessonState.CANCELLED)
    await post.all()
    assert {one.code for one in await rows(coming, state=DeliveryState.STOPPED)} == {"cancelled"}
    assert post.gateway.letters == []


async def test_nothing_goes_out_in_quiet_hours_and_all_of_it_afterwards(coming):
    post = Post(coming, rules=replace(RULES, quiet=Quiet(dt.time(22), dt.time(7))))
    await post.at(dt.datetime(2026, 11, 23, 22, 59, tzinfo=dt.UTC))  # 06:59
    assert post.gateway.letters == []
    assert (await tallies(coming))[1, Wave.INVITE, Channel.PORTAL, DeliveryState.SENT] == EVERYBODY
    await post.at(dt.datetime(2026, 11, 23, 23, 0, tzinfo=dt.UTC))
    assert len(post.gateway.letters) == 10


async def test_a_moved_lesson_is_told_anew_with_both_times(coming):
    post = Post(coming)
    await post.all()
    await move(coming, starts_at=START + dt.timedelta(days=30), ends_at=START + dt.timedelta(days=30, hours=1))
    await post.all()
    assert post.gateway.letters[-1].text.startswith("改期通知：原定11月25日（周三）09:00的课改期")
    assert (await tallies(coming))[2, Wave.INVITE, Channel.SMS, DeliveryState.SENT] == 10
    inbox = await see_inbox(coming.records, await coming.who("10001"), cursor=None, limit=10, now=NOW)
    assert [(letter.was, letter.starts_at) for letter in inbox.items] in (
        [(START, START + dt.timedelta(days=30)), (None, START)],
        [(None, START), (START, START + dt.timedelta(days=30))],  # both at the same moment of this clock
    )


async def test_a_pace_holds_for_all_processes_together(coming):
    gateway, slow = Gateway(), replace(RULES, per_minute=4)
    posts = [Post(coming, gateway, slow, name) for name in ("one", "two")]
    await asyncio.gather(*(post.all() for post in posts))
    assert len(gateway.letters) == 4
    for post in posts:
        post.now += dt.timedelta(seconds=61)
    await posts[1].all()
    assert len(gateway.letters) == 8


async def test_failures_are_tried_again_with_longer_waits_and_given_up(coming):
    post = Post(coming, Gateway(lambda _letter: Outcome(Fate.LATER, "gateway_away")))
    for minutes in (0, 1, 5, 20, 60):
        await post.at(START - dt.timedelta(days=2) + dt.timedelta(minutes=minutes))
    assert len(post.gateway.letters) == 3 * 10
    assert {(one.state, one.code) for one in await rows(coming)} == {(DeliveryState.FAILED, "gateway_away")}


async def test_what_a_killed_process_had_begun_is_not_sent_twice(coming):
    with pytest.raises(asyncio.CancelledError):
        await Post(coming, Dying()).all()
    other = Post(coming, name="two")
    other.now += LEASE - dt.timedelta(seconds=1)
    await other.all()
    assert other.gateway.letters == []
    other.now += dt.timedelta(seconds=2)
    await other.all()
    assert other.gateway.letters == []
    assert {(one.state, one.code) for one in await rows(coming)} == {(DeliveryState.UNKNOWN, "interrupted")}


async def test_a_channel_that_shows_a_repetition_once_sends_it_again(coming):
    dying = Dying()
    dying.repeats_safely = True
    with pytest.raises(asyncio.CancelledError):
        await Post(coming, dying).all()
    gateway = Gateway()
    gateway.repeats_safely = True
    other = Post(coming, gateway, name="two")
    other.now += LEASE + dt.timedelta(seconds=1)
    await other.all()
    await other.at(other.now + dt.timedelta(minutes=1))
    assert {letter.id for letter in gateway.letters} == {letter.id for letter in dying.letters}
    assert len(await rows(coming, state=DeliveryState.SENT)) == 10


async def test_what_may_have_gone_out_is_left_to_a_person_after_a_night_of_quiet_hours(coming):
    gateway = Gateway(lambda _letter: Outcome(Fate.UNKNOWN, "wecom_no_answer"))
    gateway.repeats_safely = True
    post = Post(coming, gateway, replace(RULES, quiet=Quiet(dt.time(22), dt.time(7))))
    await post.at(dt.datetime(2026, 11, 22, 13, 59, 50, tzinfo=dt.UTC))  # 21:59:50
    assert len(await rows(coming, state=DeliveryState.QUEUED)) == len(gateway.letters) == 10
    await post.at(dt.datetime(2026, 11, 22, 23, 0, tzinfo=dt.UTC))
    assert len(gateway.letters) == 10
    assert {(one.state, one.code) for one in await rows(coming)} == {(DeliveryState.UNKNOWN, "wecom_no_answer")}
    asked = {"unknown": True, "now": post.now}
    admin = await coming.who("admin")
    assert (await retry_troubled(coming.house, admin, coming.lesson_id, command_id(), **asked)).queued == 10
    gateway.answer = lambda _letter: SENT
    await post.all()
    assert len(await rows(coming, state=DeliveryState.SENT)) == 10


async def test_a_lesson_whose_wave_cannot_be_made_holds_up_no_other(coming, monkeypatch):
    def copy(tx):
        lesson = tx.lessons.get(coming.lesson_id)
        tx.lessons.add(replace(lesson, id=FIRST, venues=()))

    await coming.records.write(copy)
    whom = waves._whom

    def stumbling(tx, lesson, now):
        if lesson.id == FIRST:
            raise RuntimeError("a bug")
        return whom(tx, lesson, now)

    monkeypatch.setattr(waves, "_whom", stumbling)
    post = Post(coming)
    assert await waves.make_due(coming.records, RULES, post.now) == 1
    assert (await tallies(coming))[1, Wave.INVITE, Channel.PORTAL, DeliveryState.SENT] == EVERYBODY


async def test_a_channel_that_fails_with_a_bug_is_unknown_and_the_sender_goes_on(coming):
    class Broken(Gateway):
        async def send(self, letters):
            raise RuntimeError("a bug")

    await Post(coming, Broken()).all()
    assert {(one.state, one.code) for one in await rows(coming)} == {(DeliveryState.UNKNOWN, "channel_failed")}


async def test_a_channel_that_hangs_holds_up_no_other(coming):
    class Hanging(Gateway):
        async def send(self, letters):
            await asyncio.Event().wait()

    class Telling(Gateway):
        async def send(self, letters):
            outcomes = await super().send(letters)
            told.set()
            return outcomes

    told, gateway = asyncio.Event(), Telling()
    rules = replace(RULES, channels=(Channel.WECOM, Channel.SMS))
    channels = {Channel.WECOM: Hanging(), Channel.SMS: gateway}
    now = START - dt.timedelta(days=2)
    running = asyncio.create_task(Sender(coming.records, "one", channels, rules, lambda: now, look_s=0.05).run())
    await told.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(gateway.letters) == 10


async def test_an_inbox_counts_what_is_unread_and_is_ones_own(coming):
    post = Post(coming)
    await post.all()
    await post.at(DAY_BEFORE)
    me, other = await coming.who("10001"), await coming.who("10002")
    inbox = await see_inbox(coming.records, me, cursor=None, limit=1, now=NOW)
    assert (inbox.unread, inbox.items[0].wave, inbox.items[0].read) == (2, Wave.DAY, False)
    older = await see_inbox(coming.records, me, cursor=inbox.next_cursor, limit=1, now=NOW)
    assert ([letter.wave for letter in older.items], older.next_cursor) == ([Wave.INVITE], None)
    mine = inbox.items[0].id
    assert await refused(mark_letters(coming.records, other, mine, command_id(), read=True, now=NOW)) == (
        "letter_not_found"
    )
    assert (await mark_letters(coming.records, me, mine, command_id(), read=True, now=NOW)).unread == 1
    assert (await mark_letters(coming.records, me, mine, command_id(), read=False, now=NOW)).unread == 2
    assert (await mark_letters(coming.records, me, None, command_id(), read=True, now=NOW)).unread == 0
    assert (await count_unread(coming.records, other)).unread == 2
    assert (await count_unread(coming.records, await coming.who("director"))).unread == 0


async def test_the_school_sees_what_failed_and_tries_it_again(coming):
    admin, house = await coming.who("admin"), coming.house
    post = Post(coming, Gateway(lambda _letter: Outcome(Fate.NEVER, "sms_http_400")))
    await post.all()
    seen = await see_waves(house, admin, coming.lesson_id, post.now)
    assert [(one.channel, one.state, one.count) for one in seen.waves[0].counts] == [
        (Channel.PORTAL, DeliveryState.SENT, EVERYBODY),
        (Channel.SMS, DeliveryState.FAILED, 10),
    ]
    assert (seen.waves[0].members, seen.waves[1].made_at, seen.told) == (EVERYBODY, None, START)
    page = await list_troubled(house, admin, coming.lesson_id, cursor=None, limit=6, now=post.now)
    rest = await list_troubled(house, admin, coming.lesson_id, cursor=page.next_cursor, limit=6, now=post.now)
    assert [len(page.items), len(rest.items), rest.next_cursor] == [6, 4, None]
    assert {one.code for one in page.items} == {"sms_http_400"}
    post.gateway.answer = lambda _letter: SENT
    retry = {"unknown": False, "now": post.now}
    assert (await retry_troubled(house, admin, coming.lesson_id, command_id(), **retry)).queued == 10
    await post.all()
    assert len(await rows(coming, state=DeliveryState.SENT)) == 10
    retry["now"] = START
    assert await refused(retry_troubled(house, admin, coming.lesson_id, command_id(), **retry)) == "delivery_over"
    for nobody in ("director", "secretary", "10001"):
        assert await refused(see_waves(house, await coming.who(nobody), coming.lesson_id, post.now)) == "forbidden"


async def test_what_may_have_gone_out_is_tried_again_only_when_somebody_says_so(coming):
    admin = await coming.who("admin")
    post = Post(coming, Gateway(lambda _letter: Outcome(Fate.UNKNOWN, "sms_no_answer")))
    await post.all()
    for unknown, queued in ((False, 0), (True, 10)):
        asked = {"unknown": unknown, "now": post.now}
        done = await retry_troubled(coming.house, admin, coming.lesson_id, command_id(), **asked)
        assert done.queued == queued


async def test_of_several_waves_that_failed_only_the_last_is_tried_again(coming):
    post = Post(coming, Gateway(lambda _letter: Outcome(Fate.NEVER, "sms_http_400")))
    await post.all()
    await post.at(DAY_BEFORE)
    assert len(await rows(coming, state=DeliveryState.FAILED)) == 20
    order = coming.house, await coming.who("admin"), coming.lesson_id, command_id()
    assert (await retry_troubled(*order, unknown=True, now=post.now)).queued == 10
    assert {one.wave for one in await rows(coming, state=DeliveryState.QUEUED)} == {Wave.DAY}


async def test_the_secretary_calls_whom_nothing_reached_and_nobody_else(coming):
    secretary = await coming.who("secretary")
    post = Post(coming, Gateway(lambda letter: SENT if letter.address == "13800000000" else Outcome(Fate.NEVER, "x")))
    await post.all()
    reader = await coming.who("10011")
    letter = (await see_inbox(coming.records, reader, cursor=None, limit=1, now=NOW)).items[0]
    await mark_letters(coming.records, reader, letter.id, command_id(), read=True, now=post.now)
    listed = await see_call_list(coming.records, secretary, coming.lesson_id, post.now)
    called = {one.member.id: one for one in listed.items}
    texted = (await coming.who("10001")).member_id
    failed = called[(await coming.who("10002")).member_id]
    assert (failed.phone, failed.why) == ("13800000001", "not_reached")
    assert called[(await coming.who("10012")).member_id].why == "no_channel"
    assert not {texted, reader.member_id} & called.keys()
    assert {one.unit.id for one in listed.items} == {secretary.unit_id}
    everybody = await see_call_list(coming.records, await coming.who("admin"), coming.lesson_id, post.now)
    assert len(everybody.items) == EVERYBODY - 2
    for nobody in ("director", "10001"):
        asked = see_call_list(coming.records, await coming.who(nobody), coming.lesson_id, post.now)
        assert await refused(asked) == "forbidden"
