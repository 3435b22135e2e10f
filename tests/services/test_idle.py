"""How long a login may go unused, what counts as use, one's own logins."""

import datetime as dt
from types import SimpleNamespace

import pytest

from server.domain.access import Role, RoleGrant
from server.services.demo import demo_id
from server.services.login import RULES, authenticate, digest, login
from server.services.logins import (
    NewPassword,
    end_session,
    end_sessions_of,
    idle_of,
    list_sessions,
    list_sessions_of,
    set_password,
)
from server.services.rights import end_lost_streams
from server.services.uses import Uses
from server.web.call import Call
from tests.services.conftest import QuickPasswords, refused
from tests.services.test_rights import send
from tests.store.samples import NOW

PHONE = "192.0.2.7"


def after(**passed):
    return NOW + dt.timedelta(**passed)


async def enter(stage, number, now=NOW):
    return await login(stage.records, QuickPasswords(), number, "dangxiao", address=PHONE, device="Android", now=now)


async def known(stage, entered, now):
    return (await authenticate(stage.records, entered.token, now, stage.house.uses)).number


async def test_staff_is_logged_out_after_half_an_hour_without_use(stage):
    entered = await enter(stage, "secretary")
    assert await known(stage, entered, after(minutes=29, seconds=59)) == "secretary"
    assert await refused(known(stage, entered, after(minutes=30))) == "not_logged_in"


async def test_use_keeps_a_login_and_outlives_the_process(stage):
    entered = await enter(stage, "secretary")
    stage.house.uses.touch(digest(entered.token), after(minutes=20))
    assert await known(stage, entered, after(minutes=45)) == "secretary"
    assert await stage.house.uses.write(stage.records) == 1
    assert (await authenticate(stage.records, entered.token, after(minutes=45), Uses())).number == "secretary"
    assert await refused(authenticate(stage.records, entered.token, after(minutes=50), Uses())) == "not_logged_in"
    assert await stage.house.uses.write(stage.records) == 0


async def test_an_earlier_use_written_late_changes_nothing(stage):
    entered = await enter(stage, "secretary")
    login_id = digest(entered.token)
    for at in (after(minutes=20), after(minutes=5)):
        await stage.records.write(lambda tx, at=at: tx.sessions.use({login_id: at}))
    session = await stage.records.read(lambda tx: tx.sessions.get(login_id))
    assert session.used_at == after(minutes=20)


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
async def test_the_three_administrators_have_a_quarter_of_an_hour(stage, role):
    grant = RoleGrant(role, demo_id("某集团党委"))
    await stage.records.write(lambda tx: tx.accounts.add([], [(demo_id("lecturer"), grant)]))
    entered = await enter(stage, "lecturer")
    assert await known(stage, entered, after(minutes=14, seconds=59)) == "lecturer"
    assert await refused(known(stage, entered, after(minutes=15))) == "not_logged_in"


@pytest.mark.parametrize("number", ["10001", "venue1"])
async def test_a_phone_and_a_hall_are_not_asked_for_use(stage, number):
    entered = await enter(stage, number)
    assert await known(stage, entered, after(days=29)) == number
    who = await stage.who(number)
    assert (await idle_of(stage.house, who, digest(entered.token), NOW)).left_s is None


async def test_a_stream_is_use(live):
    login_id = await send(live, "venue1", await live.source_of("venue1"))
    await end_lost_streams(live.house, after(minutes=25))
    assert live.house.uses.last(login_id) == after(minutes=25)


async def test_a_film_that_plays_on_brings_no_login_back_that_went_unused_for_too_long(stage):
    """Its grant lets it in, whatever cookie comes along."""
    entered = await enter(stage, "secretary")
    uses = stage.house.uses

    async def watch(token, now):
        site = SimpleNamespace(house=stage.house, login_rules=RULES)
        await Call.watches(SimpleNamespace(token=token, now=now, site=site))
        return uses.last(digest(token))

    assert await watch(entered.token, after(minutes=29)) == after(minutes=29)
    assert await watch(entered.token, after(minutes=50)) == after(minutes=50)
    assert await watch(entered.token, after(minutes=80)) == after(minutes=50)
    assert await watch("nobody's", NOW) is None


async def test_asking_what_is_left_is_no_use(stage):
    entered = await enter(stage, "secretary")
    who = await stage.who("secretary")
    left = [(await idle_of(stage.house, who, digest(entered.token), after(minutes=m))).left_s for m in (0, 10, 29, 40)]
    assert left == [1800, 1200, 60, 0]


async def test_uses_are_bounded(monkeypatch):
    monkeypatch.setattr("server.services.uses.MOST", 3)
    uses = Uses()
    uses.touch_all(["a", "b", "c", None, "a", "d"], NOW)
    assert [uses.last(name) for name in "abcd"] == [NOW, None, NOW, NOW]


async def test_own_logins_are_listed_and_ended_and_nobody_elses(stage):
    one, two, other = (
        await enter(stage, "10001"),
        await enter(stage, "10001", after(minutes=1)),
        await enter(stage, "10002"),
    )
    who = await stage.who("10001")
    listed = await list_sessions(stage.house, who, digest(one.token), after(minutes=2))
    assert [(view.current, view.device, view.address) for view in listed] == [
        (True, "Android", PHONE),
        (False, "Android", PHONE),
    ]
    await end_session(stage.house, who, digest(other.token)[:32])
    await end_session(stage.house, who, listed[1].id)
    assert await refused(known(stage, two, after(minutes=2))) == "not_logged_in"
    assert await known(stage, one, after(minutes=2)) == "10001"
    assert await known(stage, other, after(minutes=2)) == "10002"


async def test_others_logins_are_the_security_administrators_business(stage):
    entered, account = await enter(stage, "10001"), demo_id("10001")
    for number in ("admin", "secretary", "10001"):
        assert await refused(list_sessions_of(stage.house, await stage.who(number), account, NOW)) == "forbidden"
        assert await refused(end_sessions_of(stage.house, await stage.who(number), account, NOW)) == "forbidden"
    grant = RoleGrant(Role.SECURITY_ADMIN, demo_id("某集团党委"))
    await stage.records.write(lambda tx: tx.accounts.add([], [(demo_id("lecturer"), grant)]))
    security = await stage.who("lecturer")
    assert len(await list_sessions_of(stage.house, security, account, NOW)) == 1
    await end_sessions_of(stage.house, security, account, NOW)
    assert await refused(known(stage, entered, NOW)) == "not_logged_in"


async def change(stage, login_id, new, old="dangxiao", number="10001"):
    who = await stage.who(number)
    wanted = NewPassword(old, new)
    await set_password(stage.house, QuickPasswords(), who, wanted, login=login_id, address=PHONE, now=NOW)


async def test_a_changed_password_ends_every_other_login(stage):
    here, elsewhere = await enter(stage, "10001"), await enter(stage, "10001")
    await change(stage, digest(here.token), "mop7-lamp4")
    assert await known(stage, here, NOW) == "10001"
    assert await refused(known(stage, elsewhere, NOW)) == "not_logged_in"
    assert (
        await login(stage.records, QuickPasswords(), "10001", "mop7-lamp4", address=PHONE, now=NOW)
    ).me.number == "10001"


async def test_the_old_password_is_asked_for_and_guesses_lock(stage):
    here = await enter(stage, "10001")
    assert await refused(change(stage, digest(here.token), "12345678")) == "password_common"
    for _ in range(5):
        assert await refused(change(stage, digest(here.token), "mop7-lamp4", old="guess")) == "bad_credentials"
    assert await refused(change(stage, digest(here.token), "mop7-lamp4")) == "locked_out"
