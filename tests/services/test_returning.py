"""A viewer comes back by the ticket it was given for that: every right is looked at again."""

import asyncio
import datetime as dt

import pytest

from server.domain.access import Role
from server.domain.refusals import Refusal
from server.domain.tickets import LONGEST_RETURN, check_return
from server.services.demo import demo_id
from server.services.streams import publish, watch
from server.services.tickets import issue_watch_ticket
from tests.services.conftest import refused
from tests.services.media_twin import OFFER
from tests.services.test_rights import disable, log_in, take_role
from tests.store.samples import NOW

MINUTES = dt.timedelta(minutes=30)


async def ticket_of(stage, number, view="programme", login=None):
    who = await stage.who(number)
    given = await issue_watch_ticket(
        stage.records, stage.signer, who, stage.lesson_id, view=view, client_id="tab", login=login, now=NOW
    )
    return given.return_token


async def come(stage, token, *, view="programme", lesson_id=None, now=NOW + MINUTES):
    lesson_id = lesson_id or stage.lesson_id
    return await watch(stage.house, stage.signer, token, lesson_id=lesson_id, view=view, offer_sdp=OFFER, now=now)


async def test_it_is_good_again_and_again_long_after_the_minute_of_a_ticket(opened):
    token = await ticket_of(opened, "10001")
    first, second = await come(opened, token), await come(opened, token)
    assert first.account_id == demo_id("10001")
    assert first.resource != second.resource


async def test_a_hall_comes_back_at_once_and_each_has_a_connection_of_its_own(opened):
    tokens = [await ticket_of(opened, "10001"), await ticket_of(opened, "10002"), await ticket_of(opened, "director")]
    back = await asyncio.gather(*(come(opened, token) for token in tokens))
    assert [each.account_id for each in back] == [demo_id(number) for number in ("10001", "10002", "director")]
    open_ones = await opened.records.read(lambda tx: tx.media_sessions.open_of_lesson(opened.lesson_id))
    assert len(open_ones) == len({each.session_id for each in open_ones}) == 3


async def test_who_lost_the_right_is_refused_while_others_beside_it_come_in(opened):
    gone, wall = await ticket_of(opened, "10001"), await ticket_of(opened, "director", "sources:main")
    stays = await ticket_of(opened, "10002")
    await disable(opened, "10001")
    await take_role(opened, "director", Role.DIRECTOR)
    answers = await asyncio.gather(
        come(opened, gone), come(opened, wall, view="sources:main"), come(opened, stays), return_exceptions=True
    )
    assert isinstance(answers[0], Refusal)
    assert answers[0].code == "ticket_invalid"
    assert isinstance(answers[1], Refusal)
    assert answers[1].code in {"forbidden", "lesson_not_found"}
    assert answers[2].account_id == demo_id("10002")


async def test_it_ends_with_the_login_that_asked_for_it(opened):
    login = await log_in(opened, "10001")
    token = await ticket_of(opened, "10001", login=login)
    await come(opened, token)
    await opened.records.write(lambda tx: tx.sessions.end(login))
    assert await refused(come(opened, token)) == "ticket_invalid"


async def test_it_ends_with_its_time_and_a_lesson_that_is_no_more_is_not_found(opened):
    token = await ticket_of(opened, "10001")
    assert await refused(come(opened, token, now=NOW + LONGEST_RETURN)) == "ticket_expired"
    assert await refused(
        come(opened, opened.signer.sign(_of(opened, token, "no such lesson")), lesson_id="no such lesson")
    ) == ("lesson_not_found")


async def test_it_ends_with_its_lesson(opened):
    token = await ticket_of(opened, "10001")
    for step in ("start", "end"):
        await opened.step(step)
    assert await refused(come(opened, token)) == "lesson_not_on_air"


@pytest.mark.parametrize(("lesson", "view"), [("other", "programme"), (None, "sources:main")])
async def test_it_is_for_one_lesson_and_one_view(opened, lesson, view):
    token = await ticket_of(opened, "10001")
    assert await refused(come(opened, token, lesson_id=lesson, view=view)) == "ticket_foreign"


async def test_it_publishes_nothing(opened):
    token = await ticket_of(opened, "director")
    asked = publish(
        opened.house, opened.signer, token, lesson_id=opened.lesson_id, source="main", offer_sdp=OFFER, now=NOW
    )
    assert await refused(asked) == "ticket_foreign"


def _of(stage, token, lesson_id):
    """The same for another lesson, as only the server could have sealed it."""
    ticket = stage.signer.read(token)
    changed = type(ticket)(lesson_id, ticket.view, ticket.account_id, ticket.client_id, ticket.expires_at)
    check_return(changed, lesson_id, ticket.view, NOW)
    return changed
