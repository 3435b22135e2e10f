"""Everything the record promises its users, on SQLite and PostgreSQL."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.access import AccountKind, Reach, Role, RoleGrant
from server.domain.accounts import Account, Session
from server.domain.alarms import Alarm
from server.domain.events import Announcement, Listener
from server.domain.lessons import LessonState
from server.domain.operators import Operator
from server.domain.programme import Programme
from server.domain.recordings import Recording, RecordingFilter, RecordingState, RecordingSummary
from server.domain.refusals import Refusal
from server.domain.streams import Direction, MediaSession
from server.domain.venues import LecturerDesk, LessonVenue, Microphone, Part
from tests.store.samples import DAWN, NOW, TODAY, a_lesson, populate

EVERYWHERE = Reach(frozenset({"root", "b1", "b2"}), "nobody", frozenset())
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
async def filled(records):
    await records.write(populate)
    return records


async def test_the_tree_comes_back_as_it_was_put(filled):
    tree = await filled.read(lambda tx: tx.units.tree())
    assert tree.line("b1", TODAY) == ("b1", "root")
    assert await filled.read(lambda tx: tx.units.names({"root", "b1", "nowhere"}, TODAY)) == {
        "root": "党委",
        "b1": "一支部",
    }


async def test_members_count_where_they_belong_on_that_day(filled):
    assert await filled.read(lambda tx: tx.units.member_counts(TODAY)) == {"b1": 1, "b2": 1}
    assert await filled.read(lambda tx: tx.units.member_counts(TODAY - dt.timedelta(days=1))) == {"b1": 2}
    assert await filled.read(lambda tx: tx.units.member_counts(DAWN - dt.timedelta(days=1))) == {}


async def test_a_principal_stands_in_the_unit_of_its_membership(filled):
    member = await filled.read(lambda tx: tx.accounts.principal("a1", TODAY))
    assert (member.member_id, member.unit_line) == ("m1", ("b2", "root"))
    before = await filled.read(lambda tx: tx.accounts.principal("a1", TODAY - dt.timedelta(days=1)))
    assert before.unit_line == ("b1", "root")


async def test_a_device_and_a_person_with_a_role(filled):
    device = await filled.read(lambda tx: tx.accounts.principal("tv", TODAY))
    assert (device.kind, device.venue_id, device.unit_line) == (AccountKind.DEVICE, "room", ("b1", "root"))
    admin = await filled.read(lambda tx: tx.accounts.principal("admin", TODAY))
    assert admin.grants == (RoleGrant(Role.SCHOOL_ADMIN, "root"),)


async def test_a_disabled_account_is_nobody(filled):
    assert await filled.read(lambda tx: tx.accounts.principal("gone", TODAY)) is None
    teachers = await filled.read(lambda tx: tx.accounts.with_role(Role.LECTURER))
    assert [(who.id, unit) for who, unit in teachers] == [("teacher", "root")]


async def test_many_principals_are_each_as_alone_and_the_disabled_are_left_out(filled):
    asked = ["admin", "teacher", "a1", "gone", "tv", "nobody", *(f"x{n}" for n in range(1200))]
    many = await filled.read(lambda tx: tx.accounts.principals(asked, TODAY))
    assert set(many) == {"admin", "teacher", "a1", "tv"}
    for account_id, principal in many.items():
        assert principal == await filled.read(lambda tx, one=account_id: tx.accounts.principal(one, TODAY))
    assert await filled.read(lambda tx: tx.accounts.principals([], TODAY)) == {}


async def test_operators_of_rooms_come_back_end_and_are_withdrawn(filled):
    day = dt.timedelta(days=1)
    now = Operator("o1", "room", "a1", TODAY - day, None, "admin", NOW)
    until = Operator("o2", "hall", "a1", TODAY, TODAY + day, "admin", NOW)
    coming = Operator("o3", "room", "teacher", TODAY + day, None, "admin", NOW)

    def put(tx):
        tx.operators.lock("room")
        for one in (coming, until, now):
            tx.operators.add(one)

    await filled.write(put)
    assert await filled.read(lambda tx: tx.operators.of_venues(["room", "nowhere"])) == (now, coming)
    assert await filled.read(lambda tx: tx.operators.of_accounts(["a1"])) == (now, until)

    async def rooms(account_id, on):
        alone = await filled.read(lambda tx: tx.accounts.principal(account_id, on))
        assert await filled.read(lambda tx: tx.accounts.principals([account_id], on)) == {account_id: alone}
        return alone.operates

    assert [await rooms("a1", TODAY + n * day) for n in (-2, -1, 0, 1)] == [(), ("room",), ("hall", "room"), ("room",)]
    assert [await rooms("teacher", TODAY + n * day) for n in (0, 1)] == [(), ("room",)]
    assert (await filled.read(lambda tx: tx.accounts.principal("a1", TODAY))).unit_line == ("b2", "root")
    ended = replace(now, until=TODAY, ended_by="admin", ended_at=NOW)
    await filled.write(lambda tx: (tx.operators.end(ended), tx.operators.withdraw("o3")))
    assert await filled.read(lambda tx: tx.operators.of_venues(["room"])) == (ended,)
    assert await rooms("a1", TODAY) == ("hall",)


async def test_an_account_is_a_members_or_a_venues(filled):
    """Else its room's screen would speak for the member, and the room would have nobody to speak for it."""
    screen = Account("s", "screen", "会场设备", AccountKind.DEVICE, unit_id="b1", venue_id="room")
    mixed = Account("x", "mixed", "两用", AccountKind.PERSON, member_id="m2", venue_id="room")
    with pytest.raises(Refusal, match="account_mixed"):
        await filled.write(lambda tx: tx.accounts.add([screen, mixed], []))
    assert await filled.read(lambda tx: (tx.accounts.get("s"), tx.accounts.get("x"))) == (None, None)
    await filled.write(lambda tx: tx.accounts.add([screen], []))
    assert await filled.read(lambda tx: tx.accounts.get("s")) == screen


async def test_logins_that_ended_have_no_holder(filled):
    def log_in(tx):
        tx.sessions.add(Session("d1", "a1", NOW, NOW + MINUTE))
        tx.sessions.add(Session("d2", "admin", NOW, NOW + 2 * MINUTE))

    await filled.write(log_in)
    asked = ["d1", "d2", *(f"x{n}" for n in range(1200))]
    assert await filled.read(lambda tx: tx.sessions.holders(asked, NOW)) == {"d1": "a1", "d2": "admin"}
    assert await filled.read(lambda tx: tx.sessions.holders(asked, NOW + MINUTE)) == {"d2": "admin"}
    await filled.write(lambda tx: tx.sessions.end("d2"))
    assert await filled.read(lambda tx: tx.sessions.holders(asked, NOW)) == {"d1": "a1"}


async def test_accounts_are_found_by_number(filled):
    assert (await filled.read(lambda tx: tx.accounts.by_number("10001"))).id == "a1"
    assert await filled.read(lambda tx: tx.accounts.by_number("10002")) is None
    assert await filled.read(lambda tx: tx.accounts.count()) == 5


async def test_sessions_end(filled):
    session = Session("digest", "a1", NOW, NOW + MINUTE)
    await filled.write(lambda tx: tx.sessions.add(session))
    assert await filled.read(lambda tx: tx.sessions.get("digest")) == session
    assert await filled.write(lambda tx: tx.sessions.end_expired(NOW)) == 0
    assert await filled.write(lambda tx: tx.sessions.end_expired(NOW + MINUTE)) == 1
    assert await filled.read(lambda tx: tx.sessions.get("digest")) is None


async def test_failed_logins_are_kept_by_number_and_address(filled):
    def fail(tx):
        tx.attempts.add("10001", "192.0.2.1", NOW)
        tx.attempts.add("10001", "192.0.2.1", NOW + MINUTE)
        tx.attempts.add("10001", "192.0.2.2", NOW)
        tx.attempts.add("10002", "192.0.2.1", NOW)

    await filled.write(fail)
    assert await filled.read(lambda tx: tx.attempts.failures("10001", "192.0.2.1", NOW)) == (NOW, NOW + MINUTE)
    assert await filled.read(lambda tx: tx.attempts.failures("10001", "192.0.2.1", NOW + MINUTE)) == (NOW + MINUTE,)
    await filled.write(lambda tx: tx.attempts.clear("10001", "192.0.2.1"))
    assert await filled.read(lambda tx: tx.attempts.failures("10001", "192.0.2.1", NOW)) == ()
    assert await filled.write(lambda tx: tx.attempts.forget_before(NOW + MINUTE)) == 2


async def test_a_lesson_comes_back_as_it_was_put(filled):
    beijing = dt.timezone(dt.timedelta(hours=8))
    lesson = a_lesson(opened_at=NOW.astimezone(beijing), recording_id="r", version=7)
    await filled.write(lambda tx: tx.lessons.add(lesson))
    again = await filled.read(lambda tx: tx.lessons.get(lesson.id))
    assert again == lesson
    assert again.opened_at.utcoffset() == dt.timedelta(0)
    assert await filled.write(lambda tx: tx.lessons.lock(lesson.id)) == lesson
    assert await filled.read(lambda tx: tx.lessons.get("nowhere")) is None


async def test_saving_a_lesson_leaves_what_its_venues_do(filled):
    lesson = a_lesson()
    await filled.write(lambda tx: tx.lessons.add(lesson))
    venue_id = lesson.venues[1].id
    assert await filled.write(lambda tx: tx.lessons.set_venue_online(venue_id, online=True))
    assert not await filled.write(lambda tx: tx.lessons.set_venue_online(venue_id, online=True))
    assert await filled.write(lambda tx: tx.lessons.set_microphone(venue_id, Microphone.READY))
    assert not await filled.write(lambda tx: tx.lessons.set_microphone(venue_id, Microphone.READY))
    await filled.write(lambda tx: tx.lessons.save(replace(lesson, state=LessonState.OPEN)))
    again = await filled.read(lambda tx: tx.lessons.get(lesson.id))
    assert (again.state, again.venues[1].online, again.venues[1].microphone) == (
        LessonState.OPEN,
        True,
        Microphone.READY,
    )


async def test_venues_are_replaced_as_a_whole_and_keep_their_order(filled):
    lesson = a_lesson()
    await filled.write(lambda tx: tx.lessons.add(lesson))
    swapped = replace(lesson, venues=(LessonVenue("new", "room", "分会场", Part.MAIN), lesson.venues[0]))
    await filled.write(lambda tx: tx.lessons.replace_venues(swapped))
    assert (await filled.read(lambda tx: tx.lessons.get(lesson.id))).venues == swapped.venues


async def test_lessons_are_listed_newest_first_page_by_page(filled):
    made = [a_lesson(f"l{n:02}", starts_at=NOW + dt.timedelta(minutes=n // 3)) for n in range(10)]
    await filled.write(lambda tx: [tx.lessons.add(lesson) for lesson in made])
    expected = [lesson.id for lesson in sorted(made, key=lambda one: (one.starts_at, one.id), reverse=True)]
    seen, cursor = [], None
    while chunk := await filled.read(lambda tx, after=cursor: tx.lessons.listed(EVERYWHERE, (), after, 3)):
        seen += [lesson.id for lesson in chunk]
        cursor = (chunk[-1].starts_at, chunk[-1].id)
    assert seen == expected


async def test_lists_hold_only_what_is_in_reach(filled):
    def add(tx):
        tx.lessons.add(a_lesson("theirs", unit_id="b2", lecturer_id=None, venues=()))
        tx.lessons.add(a_lesson("taught", unit_id="b2", venues=()))
        tx.lessons.add(a_lesson("hosted", unit_id="b2", lecturer_id=None))
        tx.lessons.add(a_lesson("own", unit_id="b1", lecturer_id=None, venues=(), state=LessonState.DRAFT))

    await filled.write(add)

    async def listed(reach, states=()):
        return {one.id for one in await filled.read(lambda tx: tx.lessons.listed(reach, states, None, 100))}

    assert await listed(Reach(frozenset({"b1"}), "nobody", frozenset())) == {"own"}
    assert await listed(Reach(frozenset(), "teacher", frozenset())) == {"taught"}
    assert await listed(Reach(frozenset(), "nobody", frozenset({"room"}))) == {"hosted"}
    assert await listed(EVERYWHERE, [LessonState.DRAFT]) == {"own"}
    assert {one.id for one in await filled.read(lambda tx: tx.lessons.in_states([LessonState.DRAFT]))} == {"own"}


async def test_a_programme_is_the_opening_one_until_it_is_saved(filled):
    await filled.write(lambda tx: tx.lessons.add(a_lesson("l")))
    assert await filled.read(lambda tx: tx.programmes.get("l")) == Programme()
    for saved in (
        Programme("venue-1", None, frozenset({"main", "venue-1"}), version=2),
        Programme(None, "screen", frozenset(), recording_paused=True, version=3, desk=LecturerDesk.SPARE),
    ):
        await filled.write(lambda tx, p=saved: tx.programmes.save("l", p))
        assert await filled.read(lambda tx: tx.programmes.get("l")) == saved


async def test_events_are_numbered_per_lesson_and_filtered_by_audience(filled):
    def fill(tx):
        tx.lessons.add(a_lesson("l"))
        tx.lessons.add(a_lesson("other"))
        first = [
            Announcement("a", "everyone", {"字": "汉"}),
            Announcement("b", "staff", {}),
            Announcement("c", "venue:v1", {}),
        ]
        assert tx.events.append("l", first, NOW, "admin") == 3
        assert tx.events.append("other", first[:1], NOW, None) == 1
        assert tx.events.append("l", [Announcement("d", "account:a1", {})], NOW, None) == 4

    await filled.write(fill)

    async def kinds(listener, since=0, limit=100):
        return [event.kind for event in await filled.read(lambda tx: tx.events.since("l", since, listener, limit))]

    assert await kinds(None) == ["a", "b", "c", "d"]
    assert await kinds(Listener("nobody")) == ["a"]
    assert await kinds(Listener("a1")) == ["a", "d"]
    assert await kinds(Listener("x", staff=True)) == ["a", "b"]
    assert await kinds(Listener("x", lesson_venue_id="v1")) == ["a", "c"]
    assert await kinds(None, since=2) == ["c", "d"]
    assert await kinds(None, since=1, limit=2) == ["b", "c"]
    event = (await filled.read(lambda tx: tx.events.since("l", 0, None, 1)))[0]
    assert (event.seq, event.at, event.data, event.actor) == (1, NOW, {"字": "汉"}, "admin")
    assert await filled.read(lambda tx: tx.events.seq("l")) == 4


async def test_an_event_of_no_lesson_is_refused(filled):
    with pytest.raises(Refusal, match="lesson_not_found"):
        await filled.write(lambda tx: tx.events.append("nowhere", [Announcement("a", "everyone", {})], NOW, None))


async def test_a_command_is_begun_once_and_its_result_kept(filled):
    assert await filled.write(lambda tx: tx.commands.begin("c", "a1", "body", NOW)) is None
    await filled.write(lambda tx: tx.commands.finish("c", '{"x": 1}'))
    assert await filled.write(lambda tx: tx.commands.begin("c", "a1", "body", NOW)) == '{"x": 1}'
    for actor, body in (("a1", "other"), ("admin", "body")):
        with pytest.raises(Refusal, match="command_reused"):
            await filled.write(lambda tx, a=actor, b=body: tx.commands.begin("c", a, b, NOW))


async def test_a_refused_command_may_be_tried_again(filled):
    def refused(tx):
        tx.commands.begin("c", "a1", "body", NOW)
        raise Refusal("illegal_transition")

    with pytest.raises(Refusal, match="illegal_transition"):
        await filled.write(refused)
    assert await filled.write(lambda tx: tx.commands.begin("c", "a1", "other body", NOW)) is None


async def test_a_recording_takes_over_what_is_on_disk(filled):
    lesson = a_lesson("l", state=LessonState.LIVE)
    await filled.write(lambda tx: (tx.lessons.add(lesson), tx.recordings.add(Recording("r", "l", RecordingState.OFF))))
    assert await filled.read(lambda tx: tx.recordings.listed(EVERYWHERE, RecordingFilter(), None, 10)) == ()
    await filled.write(lambda tx: tx.recordings.set_state("r", RecordingState.RUNNING))
    ((running, of),) = await filled.read(lambda tx: tx.recordings.unfinished())
    assert (running.state, of.id, of.on_air) == (RecordingState.RUNNING, "l", True)
    summary = RecordingSummary("r", "l", "finished", NOW, 4000, 5_000_000_000, 2, True, 30)
    await filled.write(lambda tx: tx.recordings.save_summary(summary))
    ((finished, _),) = await filled.read(
        lambda tx: tx.recordings.listed(EVERYWHERE, RecordingFilter(lesson_id="l"), None, 10)
    )
    assert finished == Recording("r", "l", RecordingState.FINISHED, NOW, 4000, 5_000_000_000, True, 30)
    assert await filled.read(lambda tx: tx.recordings.unfinished()) == ()
    assert await filled.read(lambda tx: tx.recordings.listed(EVERYWHERE, RecordingFilter(text="x"), None, 10)) == ()
    assert await filled.read(lambda tx: tx.recordings.listed(EVERYWHERE, RecordingFilter(), (NOW, "a"), 10)) == ()


async def test_an_alarm_is_raised_and_cleared_once(filled):
    await filled.write(lambda tx: tx.lessons.add(a_lesson("l")))
    alarm = Alarm("disk_low", "9 GB", NOW)
    assert await filled.write(lambda tx: tx.alarms.raise_("l", alarm))
    assert not await filled.write(lambda tx: tx.alarms.raise_("l", Alarm("disk_low", "8 GB", NOW + MINUTE)))
    assert await filled.read(lambda tx: tx.alarms.active("l")) == (alarm,)
    assert await filled.write(lambda tx: tx.alarms.clear("l", "disk_low"))
    assert not await filled.write(lambda tx: tx.alarms.clear("l", "disk_low"))


async def test_an_alarm_is_of_one_source(filled):
    await filled.write(lambda tx: tx.lessons.add(a_lesson("l")))
    both = (Alarm("silent", "", NOW, "main"), Alarm("silent", "", NOW, "venue-a"))
    for alarm in both:
        assert await filled.write(lambda tx, one=alarm: tx.alarms.raise_("l", one))
    assert await filled.read(lambda tx: tx.alarms.active("l")) == both
    assert await filled.write(lambda tx: tx.alarms.clear("l", "silent", "main"))
    assert await filled.read(lambda tx: tx.alarms.active("l")) == both[1:]


async def test_a_connection_is_found_by_its_resource_until_it_ends(filled):
    def connection(n, name="main", direction=Direction.PUBLISH):
        return MediaSession(f"s{n}", f"d{n}", "l", direction, name, "a1", "tab", NOW + n * MINUTE)

    await filled.write(lambda tx: tx.lessons.add(a_lesson("l")))
    for session in (connection(1), connection(2), connection(3, "screen"), connection(4, direction=Direction.WATCH)):
        await filled.write(lambda tx, one=session: tx.media_sessions.add(one))
    assert await filled.read(lambda tx: tx.media_sessions.by_resource("d1")) == connection(1)
    assert await filled.read(lambda tx: tx.media_sessions.publisher("l", "main")) == connection(2)
    await filled.write(lambda tx: tx.media_sessions.end("s2", NOW))
    assert await filled.read(lambda tx: tx.media_sessions.publisher("l", "main")) == connection(1)
    assert await filled.read(lambda tx: tx.media_sessions.by_resource("d2")) is None
    began = connection(2).started_at
    for source, client, before, there in (
        ("main", "tab", began + MINUTE, True),
        ("main", "tab", connection(1).started_at, False),
        ("main", "another", began + MINUTE, False),
        ("spare", "tab", began + MINUTE, False),
    ):
        asked = (source, client, before)
        told = await filled.read(
            lambda tx, asked=asked: tx.media_sessions.published("l", asked[0], asked[1], before=asked[2])
        )
        assert told is there
    assert await filled.write(lambda tx: tx.media_sessions.end_of_lesson("l", NOW)) == 3
    assert await filled.write(lambda tx: tx.media_sessions.end_of_lesson("l", NOW)) == 0
    assert await filled.read(lambda tx: tx.media_sessions.publisher("l", "main")) is None


async def test_connections_left_over_by_lessons_off_the_air_are_ended(filled):
    def connect(tx):
        for name, state in (("l", LessonState.ENDED), ("live", LessonState.LIVE)):
            tx.lessons.add(a_lesson(name, state=state))
            tx.media_sessions.add(MediaSession(name, name, name, Direction.WATCH, "programme", "a1", "tab", NOW))

    def left(tx):
        return [len(tx.media_sessions.open_of_lesson(lesson)) for lesson in ("l", "live")]

    await filled.write(connect)
    await filled.write(lambda tx: tx.media_sessions.end_left_over(NOW - dt.timedelta(hours=1), NOW))
    assert await filled.read(left) == [1, 1]  # too young: its goodbye may still come
    await filled.write(lambda tx: tx.media_sessions.end_left_over(NOW + dt.timedelta(hours=1), NOW))
    assert await filled.read(left) == [0, 1]


async def test_open_connections_are_found_by_lesson_and_by_login(filled):
    def connect(tx):
        tx.lessons.add(a_lesson("l"))
        tx.lessons.add(a_lesson("other"))
        for n, lesson_id, login in ((1, "l", "d1"), (2, "l", None), (3, "other", "d1"), (4, "l", "d2")):
            at = NOW + n * MINUTE
            stream = MediaSession(
                f"s{n}", f"r{n}", lesson_id, Direction.WATCH, "programme", "a1", "tab", at, None, login
            )
            tx.media_sessions.add(stream)
        tx.media_sessions.end("s4", NOW + 5 * MINUTE)

    await filled.write(connect)

    async def ids(ask):
        return [stream.session_id for stream in await filled.read(lambda tx: ask(tx.media_sessions))]

    assert await ids(lambda shelf: shelf.open_of_lesson("l")) == ["s2", "s1"]
    assert await ids(lambda shelf: shelf.open_of_login("d1")) == ["s3", "s1"]
    assert await ids(lambda shelf: shelf.open_of_login("d2")) == []


async def test_a_time_without_zone_is_our_bug_and_never_stored(filled):
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(Exception, match="without zone"):
        await filled.write(lambda tx: tx.lessons.add(a_lesson("l", starts_at=naive)))
    assert await filled.read(lambda tx: tx.lessons.get("l")) is None
