"""Room kits: who issues their keys, what a key opens, who gives way to whom, and when it is over."""

import datetime as dt

import pytest

from server.domain.kits import is_kit, rehearsal_room, rehearsed
from server.domain.refusals import Refusal
from server.services.commands import Command
from server.services.demo import demo_id
from server.services.following import follow
from server.services.kits import USED, issue_key, list_keys, revoke_key
from server.services.lessons import LessonChange, VenuePlan, change_lesson
from server.services.media import SourceDown
from server.services.operators import assign_operator, end_operator
from server.services.rights import end_lost_streams
from server.services.streams import hang_up, publish
from tests.services.conftest import command_id, refused
from tests.services.media_twin import OFFER
from tests.services.test_streams import publishing, send
from tests.store.samples import NOW

SECOND = dt.timedelta(seconds=1)


class Kit:
    """An encoder in a room: an address and a key."""

    def __init__(self, stage, view):
        self.stage, self.id, self.key = stage, view.id, view.key
        _, _, self.lesson_id, self.source = view.path.split("/")

    async def dial(self, seconds=0, *, source=None, lesson_id=None, key=None):
        return await publish(
            self.stage.house,
            self.stage.signer,
            key or self.key,
            lesson_id=lesson_id or self.lesson_id,
            source=source or self.source,
            offer_sdp=OFFER,
            now=NOW + seconds * SECOND,
        )


async def issue(stage, number="venue1", by="director", command=None):
    who = await stage.who(by)
    source = await stage.source_of(number)
    place = next(venue.id for venue in (await stage.lesson()).venues if venue.source == source)
    return await issue_key(stage.house, who, stage.lesson_id, command or command_id(), lesson_venue_id=place, now=NOW)


async def revoke(stage, kit, by="director"):
    return await revoke_key(stage.house, await stage.who(by), stage.lesson_id, command_id(), key_id=kit.id, now=NOW)


async def listed(stage, by="director"):
    return await list_keys(stage.house, await stage.who(by), stage.lesson_id, NOW)


@pytest.fixture
async def kit(opened):
    return Kit(opened, await issue(opened))


async def test_a_kit_sends_for_its_venue_without_a_page(opened, kit):
    assert [view.sends for view in await listed(opened)] == [False]
    stream = await kit.dial()
    assert set(opened.room.sources) == {kit.source}
    (view,) = await listed(opened)
    assert (view.sends, view.used_at, view.key) == (True, NOW, None)
    await hang_up(opened.house, stream.resource, NOW)
    assert (opened.room.sources, [view.sends for view in await listed(opened)]) == ({}, [False])


async def test_the_key_is_shown_once_and_kept_by_nobody(opened):
    command = command_id()
    first = await issue(opened, command=command)
    assert len(first.key) >= 47
    assert (await issue(opened, command=command)).key is None
    key = await opened.records.read(lambda tx: tx.venue_keys.get(first.id))
    assert first.key not in repr(key)
    told = await opened.records.write(lambda tx: tx.commands.begin(*asked_of(opened, first, key, command), NOW))
    assert first.key not in told


@pytest.mark.parametrize(
    ("by", "code"),
    [("admin", None), ("director", None), ("venue1", None)]
    + [(by, "forbidden") for by in ("venue2", "lecturer", "secretary", "10001")],
)
async def test_who_may_issue_and_revoke(opened, by, code):
    if code is None:
        kit = Kit(opened, await issue(opened, by=by))
        await kit.dial()
        assert [view.id for view in await listed(opened, by)] == [kit.id]
        assert (await revoke(opened, kit, by)).revoked_at == NOW
        return
    assert await refused(issue(opened, by=by)) == code
    kit = Kit(opened, await issue(opened))
    assert await refused(revoke(opened, kit, by)) == code


async def test_a_venue_sees_its_own_keys_and_nobody_else_any(opened, kit):
    await issue(opened, "venue2", by="venue2")
    assert len(await listed(opened, "admin")) == 2
    assert [view.id for view in await listed(opened, "venue1")] == [kit.id]
    for by in ("lecturer", "secretary", "10001"):
        assert await refused(listed(opened, by)) == "forbidden"


async def test_one_key_at_a_time_and_none_for_the_main_venue(opened, kit):
    assert await refused(issue(opened)) == "venue_key_there"
    assert await refused(issue(opened, "venue0")) == "venue_key_main"
    await revoke(opened, kit)
    assert (await issue(opened)).id != kit.id


async def test_a_key_opens_nothing_else(opened, kit):
    other = await opened.source_of("venue2")
    assert await refused(kit.dial(source=other)) == "ticket_foreign"
    assert await refused(kit.dial(source="main")) == "ticket_foreign"
    assert await refused(kit.dial(lesson_id="another")) == "ticket_foreign"
    assert await refused(kit.dial(key=kit.key + "x")) == "ticket_invalid"
    assert await refused(kit.dial(key="kit_")) == "ticket_invalid"
    assert opened.room.sources == {}


async def test_a_kit_pushes_its_venues_page_out_and_is_never_pushed_out_by_it(opened, kit):
    await send(opened, "venue1", kit.source, client="page")
    await kit.dial(1)
    held = opened.room.sources[kit.source]
    for by, force in (("venue1", False), ("director", True), ("admin", True)):
        for later in (2, 59):
            ticket = await publishing(opened, by, kit.source, "page", replace=force)
            with pytest.raises(Refusal) as told:
                await publish(
                    opened.house,
                    opened.signer,
                    ticket.token,
                    lesson_id=opened.lesson_id,
                    source=kit.source,
                    offer_sdp=OFFER,
                    now=NOW + later * SECOND,
                )
            assert (told.value.code, told.value.retry_after_s) == ("source_taken", 5)
    assert opened.room.sources[kit.source] == held


async def test_the_page_is_back_when_the_kit_is_gone(opened, kit):
    await kit.dial()
    gone = opened.room.sources.pop(kit.source)
    await follow(opened.house, SourceDown(opened.lesson_id, kit.source, gone, "consent_expired"), NOW)
    await send(opened, "venue1", kit.source, client="page")
    assert kit.source in opened.room.sources


async def test_a_kit_that_restarts_takes_its_own_place(opened, kit):
    await kit.dial()
    held = opened.room.sources[kit.source]
    await kit.dial(1)
    assert opened.room.sources[kit.source] != held


async def test_no_page_may_call_itself_a_kit(opened, kit):
    assert is_kit(f"kit-{kit.id}")
    assert await refused(publishing(opened, "venue1", kit.source, f"kit-{kit.id}")) == "invalid_body"


async def test_revoking_hangs_the_kit_up_and_nobody_else(opened, kit):
    await kit.dial()
    await revoke(opened, kit)
    assert opened.room.sources == {}
    assert await refused(kit.dial(1)) == "ticket_invalid"
    assert await listed(opened) == ()
    assert (await revoke(opened, kit)).revoked_at == NOW
    fresh = Kit(opened, await issue(opened))
    await send(opened, "venue1", fresh.source, client="page")
    await revoke(opened, fresh)
    assert set(opened.room.sources) == {fresh.source}, "the page has its own right"


async def test_a_key_is_worth_what_its_issuers_right_is(opened, kit):
    await kit.dial()
    assert await end_lost_streams(opened.house, NOW) == 0
    director = (await opened.who("director")).account_id
    await opened.records.write(lambda tx: tx.accounts.set_disabled(director, disabled=True))
    assert await end_lost_streams(opened.house, NOW) == 1
    assert await refused(kit.dial(1)) == "ticket_invalid"


async def test_a_person_who_operates_the_room_keeps_its_kit_until_that_ends(opened):
    admin = await opened.who("admin")
    room = (await opened.who("venue1")).venue_id
    asked = {"account_id": demo_id("10001"), "since": None, "until": None, "now": NOW}
    seen = await assign_operator(opened.house, admin, room, command_id(), **asked)
    kit = Kit(opened, await issue(opened, by="10001"))
    assert await refused(issue(opened, "venue2", by="10001")) == "forbidden"
    await kit.dial()
    assert await end_lost_streams(opened.house, NOW) == 0
    gone = {"operator_id": seen.items[0].id, "until": None, "now": NOW}
    await end_operator(opened.house, admin, room, command_id(), **gone)
    assert await end_lost_streams(opened.house, NOW) == 1
    assert await refused(kit.dial(1)) == "ticket_invalid"


async def test_a_stream_that_slipped_in_while_its_key_was_revoked_ends(opened, kit):
    await kit.dial()
    key = await opened.records.read(lambda tx: tx.venue_keys.get(kit.id))
    await opened.records.write(lambda tx: tx.venue_keys.save(type(key)(**{**fields(key), "revoked_at": NOW})))
    assert await end_lost_streams(opened.house, NOW) == 1
    assert opened.room.sources == {}


async def test_a_dial_does_not_undo_the_revocation_beside_it(opened, kit):
    await revoke(opened, kit)  # of another process, after this one has read the key and before it writes its use
    assert not await opened.records.write(lambda tx: tx.venue_keys.use(kit.id, NOW))
    key = await opened.records.read(lambda tx: tx.venue_keys.get(kit.id))
    assert (key.used_at, key.revoked_at) == (None, NOW)


async def test_a_kit_that_cannot_be_hung_up_at_once_ends_at_the_next_look(opened, kit):
    await kit.dial()
    opened.media.away = True
    await revoke(opened, kit)
    opened.media.away = False
    assert set(opened.room.sources) == {kit.source}
    assert await end_lost_streams(opened.house, NOW) == 1
    assert opened.room.sources == {}


async def test_a_rehearsal_that_cannot_be_hung_up_at_once_ends_at_the_next_look(stage, monkeypatch):
    kit = Kit(stage, await issue(stage))
    await kit.dial()

    async def away(_session_id):
        raise Refusal("media_unavailable")

    with monkeypatch.context() as lost:
        lost.setattr(stage.media, "end_session", away)
        await stage.step("open")
    assert await end_lost_streams(stage.house, NOW) == 1
    assert stage.media.rooms[rehearsal_room(stage.lesson_id)].sources == {}


def asked_of(stage, view, key, command_id):
    body = {"lesson_id": stage.lesson_id, "venue": view.lesson_venue_id}
    asked = Command(command_id, key.account_id, "issue_key", body)
    return asked.id, asked.actor, asked.digest


def fields(key):
    return {name: getattr(key, name) for name in key.__slots__}


async def test_before_the_opening_a_kit_rehearses_and_dials_again_when_the_lesson_opens(stage):
    kit = Kit(stage, await issue(stage, by="venue1"))
    await kit.dial()
    room = rehearsal_room(stage.lesson_id)
    first = stage.media.rooms[room].sources[kit.source]
    await kit.dial(1)
    await follow(stage.house, SourceDown(room, kit.source, first, "replaced"), NOW)
    assert set(stage.media.rooms) == {room}
    assert stage.media.attached == {}, "nothing is recorded"
    assert [view.sends for view in await listed(stage)] == [True]
    await stage.step("open")
    assert stage.media.rooms[room].sources == {}
    assert [view.sends for view in await listed(stage)] == [False]
    await kit.dial(2)
    assert set(stage.room.sources) == {kit.source}


async def test_a_rehearsal_that_ends_by_itself_is_noted(stage):
    kit = Kit(stage, await issue(stage))
    await kit.dial()
    room = rehearsal_room(stage.lesson_id)
    gone = stage.media.rooms[room].sources.pop(kit.source)
    await follow(stage.house, SourceDown(room, kit.source, gone, "room_closed"), NOW)
    assert (
        await stage.records.read(lambda tx: tx.media_sessions.publisher(stage.lesson_id, rehearsed(kit.source))) is None
    )


async def test_revoking_ends_a_rehearsal(stage):
    kit = Kit(stage, await issue(stage))
    await kit.dial()
    await revoke(stage, kit)
    assert stage.media.rooms[rehearsal_room(stage.lesson_id)].sources == {}


async def test_after_the_lesson_the_key_is_nothing(live):
    kit = Kit(live, await issue(live))
    await live.step("end")
    assert await refused(kit.dial()) == "lesson_not_on_air"
    assert await refused(issue(live, "venue2")) == "lesson_not_on_air"


async def test_a_lesson_without_media_has_no_kits(stage):
    kit = Kit(stage, await issue(stage))
    lesson = await stage.lesson()
    who = await stage.who("admin")
    await change_lesson(stage.records, who, lesson.id, LessonChange(media=False), version=lesson.version, now=NOW)
    assert await refused(kit.dial()) == "no_media"
    assert await refused(issue(stage, "venue2")) == "no_media"


async def test_a_venue_that_is_no_longer_planned_takes_its_key_along(stage):
    kit = Kit(stage, await issue(stage))
    lesson = await stage.lesson()
    plans = tuple(VenuePlan(v.venue_id, v.part) for v in lesson.venues if v.source != kit.source)
    who = await stage.who("admin")
    await change_lesson(stage.records, who, lesson.id, LessonChange(venues=plans), version=lesson.version, now=NOW)
    assert await listed(stage) == ()
    assert await refused(kit.dial()) == "ticket_invalid"


async def test_the_first_use_leaves_a_line_in_the_audit_log(opened, kit):
    async def lines():
        rows = await opened.records.read(lambda tx: tx.audit.after(0, 1000))
        return [row for row in rows if row.action == USED]

    assert await lines() == []
    await kit.dial()
    await kit.dial(1)
    (line,) = await lines()
    assert (line.actor, line.about) == (None, f"lesson/{opened.lesson_id}")
    assert kit.id in line.detail
    assert kit.key not in line.detail
