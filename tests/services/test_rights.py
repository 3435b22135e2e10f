"""Who was let in once is looked at again: rights live as long as they are held."""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from server.domain.access import Role
from server.domain.accounts import Session
from server.domain.events import Hint, Listener, ended_login, login_ended
from server.domain.tickets import LONGEST_RETURN, SocketTicket
from server.services.admitting import Entry, admit_all, admit_socket, socket_return
from server.services.demo import demo_id
from server.services.following import follow
from server.services.login import Holder, logout
from server.services.media import NeverLive
from server.services.rights import end_lost_streams, end_streams_of, readmit
from server.services.streams import publish, watch
from server.services.tickets import issue_publish_ticket, issue_socket_ticket, issue_watch_ticket
from server.store.schema import accounts, role_grants
from tests.services.conftest import refused
from tests.services.media_twin import OFFER
from tests.store.samples import NOW

HOUR = dt.timedelta(hours=1)


async def log_in(stage, number, *, until=NOW + HOUR):
    """The digest of a login of this account."""
    login = uuid.uuid4().hex
    await stage.records.write(lambda tx: tx.sessions.add(Session(login, demo_id(number), NOW, until)))
    return login


async def change(stage, statement):
    await stage.records._database.write(lambda connection: connection.execute(statement))


async def disable(stage, number):
    await change(stage, sa.update(accounts).where(accounts.c.id == demo_id(number)).values(disabled=True))


async def take_role(stage, number, role):
    gone = sa.delete(role_grants).where(role_grants.c.account_id == demo_id(number), role_grants.c.role == role.value)
    await change(stage, gone)


async def look(stage, *holders, now=NOW):
    verdicts = await readmit(stage.records, stage.lesson_id, holders, now)
    return [verdicts[holder] for holder in holders]


async def send(stage, number, source, *, replace=False):
    who, login = await stage.who(number), await log_in(stage, number)
    ticket = await issue_publish_ticket(
        stage.records,
        stage.signer,
        who,
        stage.lesson_id,
        source=source,
        client_id=number,
        replace=replace,
        login=login,
        now=NOW,
    )
    await publish(
        stage.house, stage.signer, ticket.token, lesson_id=stage.lesson_id, source=source, offer_sdp=OFFER, now=NOW
    )
    return login


async def view(stage, number, name="programme", *, now=NOW):
    who, login = await stage.who(number), await log_in(stage, number)
    ticket = await issue_watch_ticket(
        stage.records, stage.signer, who, stage.lesson_id, view=name, client_id=number, login=login, now=NOW
    )
    await watch(stage.house, stage.signer, ticket.token, lesson_id=stage.lesson_id, view=name, offer_sdp=OFFER, now=now)
    return login


# ---- sockets -----------------------------------------------------------------------------------------------


async def test_who_still_holds_the_right_hears_what_it_heard(opened):
    member = Holder(demo_id("10001"), await log_in(opened, "10001"))
    director = Holder(demo_id("director"))
    assert await look(opened, member, director) == [
        Listener(demo_id("10001")),
        Listener(demo_id("director"), staff=True),
    ]


async def test_a_login_that_ended_or_ran_out_is_no_login(opened):
    login = await log_in(opened, "10001")
    holder, other = Holder(demo_id("10001"), login), Holder(demo_id("10001"), await log_in(opened, "10001"))
    stolen = Holder(demo_id("10002"), login)
    await opened.records.write(lambda tx: tx.sessions.end(login))
    assert await look(opened, holder, stolen) == ["not_logged_in", "not_logged_in"]
    assert await look(opened, other) == [Listener(demo_id("10001"))]
    assert await look(opened, other, now=NOW + HOUR) == ["not_logged_in"]


async def test_a_login_is_good_for_its_own_account_only(opened):
    assert await look(opened, Holder(demo_id("10002"), await log_in(opened, "10001"))) == ["not_logged_in"]


async def test_a_disabled_account_and_a_lost_role_count_at_the_next_look(opened):
    await disable(opened, "10001")
    await take_role(opened, "director", Role.DIRECTOR)
    assert await look(opened, Holder(demo_id("10001")), Holder(demo_id("director"))) == [
        "not_logged_in",
        "lesson_not_found",
    ]


async def test_a_lesson_that_is_gone_lets_nobody_stay(opened):
    holder = Holder(demo_id("10001"))
    assert await readmit(opened.records, "nowhere", [holder], NOW) == {holder: "lesson_not_found"}


async def test_a_hall_of_two_thousand_is_a_few_statements(opened):
    holders = [Holder(demo_id(number)) for number in ("10001", "director")]
    holders += [Holder(f"nobody-{n}", f"login-{n}") for n in range(2000)]
    statements = []

    def count(tx):
        sa.event.listen(tx._connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        return tx

    class Counting:
        async def read(self, fn):
            return await opened.records.read(lambda tx: fn(count(tx)))

    verdicts = await readmit(Counting(), opened.lesson_id, holders, NOW)
    assert sum(isinstance(verdict, Listener) for verdict in verdicts.values()) == 2
    assert 0 < len(statements) <= 30


async def test_a_ticket_is_worth_nothing_after_its_login_ended(opened):
    login = await log_in(opened, "10001")
    who = await opened.who("10001")
    ticket = await issue_socket_ticket(opened.records, opened.signer, who, opened.lesson_id, login=login, now=NOW)
    admission = await admit_socket(opened.house.admissions, opened.signer, ticket.ticket, opened.lesson_id, NOW)
    assert admission.holder == Holder(demo_id("10001"), login)
    await opened.records.write(lambda tx: tx.sessions.end(login))
    again = admit_socket(opened.house.admissions, opened.signer, ticket.ticket, opened.lesson_id, NOW)
    assert await refused(again) == "ticket_invalid"


async def test_who_joined_needs_no_further_ticket_until_the_login_ends(opened):
    login = await log_in(opened, "10001", until=NOW + 2 * LONGEST_RETURN)
    holder = Holder(demo_id("10001"), login)
    again = socket_return(opened.signer, holder, opened.lesson_id, NOW)
    late = NOW + LONGEST_RETURN - dt.timedelta(seconds=1)

    async def admit(lesson_id=opened.lesson_id, now=late):
        return await admit_socket(opened.house.admissions, opened.signer, again.ticket, lesson_id, now)

    assert (await admit(now=NOW)).holder == holder
    assert await refused(admit("another", NOW)) == "ticket_foreign"
    assert await refused(admit(now=NOW + LONGEST_RETURN)) == "ticket_expired"
    await opened.records.write(lambda tx: tx.sessions.end(login))
    assert await refused(admit(now=NOW)) == "ticket_invalid"
    assert socket_return(opened.signer, Holder(demo_id("10001")), opened.lesson_id, NOW) is None


async def test_a_ticket_that_was_kept_brings_no_login_back_that_went_unused_for_too_long(opened):
    """A desk that slept through the time that its login may go unused: its page comes by the login page."""
    staff, member = [Holder(demo_id(number), await log_in(opened, number)) for number in ("director", "10001")]
    rules, minutes = opened.house.login_rules, dt.timedelta(minutes=1)

    async def admit(holder, now):
        again = socket_return(opened.signer, holder, opened.lesson_id, NOW)
        return await admit_socket(opened.house.admissions, opened.signer, again.ticket, opened.lesson_id, now)

    assert (await admit(staff, NOW + rules.staff_idle - minutes)).holder == staff
    assert await refused(admit(staff, NOW + rules.staff_idle)) == "ticket_invalid"
    assert (await admit(member, NOW + rules.staff_idle)).holder == member
    opened.house.uses.touch(staff.login, NOW + 20 * minutes)
    assert (await admit(staff, NOW + rules.staff_idle)).holder == staff


async def test_a_hall_that_joins_at_once_is_a_few_statements_and_each_gets_its_own_answer(opened):
    until = NOW + dt.timedelta(minutes=1)
    people = [demo_id(number) for number in ("10001", "director")] + [f"nobody-{n}" for n in range(200)]
    entries = [Entry(SocketTicket(opened.lesson_id, person, until), NOW) for person in people]
    entries.append(Entry(SocketTicket("another", people[0], until), NOW))
    statements = []

    def look(tx):
        sa.event.listen(tx._connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        return admit_all(tx, entries)

    member, director, *nobodies, elsewhere = await opened.records.read(look)
    assert (member.listener.staff, director.listener.staff) == (False, True)
    assert (member.principal, member.seq) == (await opened.who("10001"), 3)
    assert {one.code for one in nobodies} == {"ticket_invalid"}
    assert elsewhere.code == "lesson_not_found"
    assert 0 < len(statements) <= 30


# ---- streams -----------------------------------------------------------------------------------------------


async def test_streams_of_those_who_still_may_go_on(opened):
    await send(opened, "lecturer", "main")
    await view(opened, "10001")
    await view(opened, "director", "sources:main")
    assert await end_lost_streams(opened.house, NOW) == 0
    assert (len(opened.room.sources), len(opened.room.viewers)) == (1, 2)


async def test_a_disabled_publisher_and_a_viewer_without_its_login_are_hung_up(opened):
    await send(opened, "lecturer", "main")
    login = await view(opened, "10001")
    await view(opened, "10002")
    await disable(opened, "lecturer")
    await opened.records.write(lambda tx: tx.sessions.end(login))
    assert await end_lost_streams(opened.house, NOW) == 2
    assert (len(opened.room.sources), len(opened.room.viewers)) == (0, 1)
    assert await opened.records.read(lambda tx: tx.media_sessions.publisher(opened.lesson_id, "main")) is None
    assert len(await opened.records.read(lambda tx: tx.media_sessions.open_of_lesson(opened.lesson_id))) == 1
    assert await end_lost_streams(opened.house, NOW) == 0


async def test_a_forced_source_ends_with_the_directors_role(opened):
    await send(opened, "director", "main", replace=True)
    await view(opened, "director", "sources:main")
    assert await end_lost_streams(opened.house, NOW) == 0
    await take_role(opened, "director", Role.DIRECTOR)
    assert await end_lost_streams(opened.house, NOW) == 2
    assert (opened.room.sources, opened.room.viewers) == ({}, {})


async def test_a_stream_without_a_login_ends_with_its_account_only(opened):
    who = await opened.who("10001")
    ticket = await issue_watch_ticket(
        opened.records, opened.signer, who, opened.lesson_id, view="programme", client_id="kit", now=NOW
    )
    lesson_id = opened.lesson_id
    await watch(
        opened.house, opened.signer, ticket.token, lesson_id=lesson_id, view="programme", offer_sdp=OFFER, now=NOW
    )
    assert await end_lost_streams(opened.house, NOW + 100 * HOUR) == 0
    await disable(opened, "10001")
    assert await end_lost_streams(opened.house, NOW) == 1


async def test_what_another_media_process_carries_is_left_to_it(opened):
    login = await view(opened, "10001")
    opened.room.viewers.clear()
    await opened.records.write(lambda tx: tx.sessions.end(login))
    assert await end_lost_streams(opened.house, NOW) == 0
    assert len(await opened.records.read(lambda tx: tx.media_sessions.open_of_login(login))) == 1


async def test_a_media_process_that_is_away_is_asked_again_at_the_next_look(opened):
    login = await view(opened, "10001")
    await opened.records.write(lambda tx: tx.sessions.end(login))
    opened.media.away = True
    assert await end_lost_streams(opened.house, NOW) == 0
    opened.media.away = False
    assert await end_lost_streams(opened.house, NOW) == 1


async def test_logging_out_ends_the_streams_of_that_login_alone(opened):
    mine = await view(opened, "10001")
    other = await view(opened, "10001")
    assert await end_streams_of(opened.house, mine, NOW) == 0, "a hint alone ends nothing"
    await opened.records.write(lambda tx: tx.sessions.end(mine))
    assert await end_streams_of(opened.house, mine, NOW) == 1
    assert [
        one.login for one in await opened.records.read(lambda tx: tx.media_sessions.open_of_lesson(opened.lesson_id))
    ] == [other]


async def test_a_ticket_opens_no_stream_after_its_login_ended(opened):
    login = await log_in(opened, "10001")
    ticket = await issue_watch_ticket(
        opened.records,
        opened.signer,
        await opened.who("10001"),
        opened.lesson_id,
        view="programme",
        client_id="tab",
        login=login,
        now=NOW,
    )
    await opened.records.write(lambda tx: tx.sessions.end(login))
    opening = watch(
        opened.house,
        opened.signer,
        ticket.token,
        lesson_id=opened.lesson_id,
        view="programme",
        offer_sdp=OFFER,
        now=NOW,
    )
    assert await refused(opening) == "ticket_invalid"
    assert opened.room.viewers == {}


async def test_a_connection_that_never_went_live_is_noted_as_ended(opened):
    login = await view(opened, "10001")
    [session_id] = opened.room.viewers
    await follow(opened.house, NeverLive(opened.lesson_id, session_id, "consent_expired"), NOW)
    assert await opened.records.read(lambda tx: tx.media_sessions.open_of_login(login)) == ()


# ---- hints -------------------------------------------------------------------------------------------------


async def test_logging_out_is_told_to_every_process(stage):
    async with stage.house.fanout.subscribe(None) as hints:
        await logout(stage.records, stage.house.fanout, "a token")
        hint = await hints.next()
    assert ended_login(hint) is not None
    assert "a token" not in hint.lesson_id


@pytest.mark.parametrize("hint", [Hint("lesson", 3), Hint("", resync=True)])
def test_other_hints_are_about_no_login(hint):
    assert ended_login(hint) is None
    assert ended_login(login_ended("digest")) == "digest"
