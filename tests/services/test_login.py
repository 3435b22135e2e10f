"""Logging in, the lock-out, sessions."""

import asyncio
import datetime as dt
import hashlib

import pytest

from server.domain.access import Role
from server.domain.accounts import LoginRules
from server.services.login import authenticate, forget_old, login, logout, whoami
from server.store.passwords import Argon2Passwords
from tests.services.conftest import QuickPasswords, refused
from tests.store.samples import NOW

HALL, HOME = "192.0.2.1", "192.0.2.2"


async def enter(stage, number="10001", password="dangxiao", *, address=HALL, now=NOW):
    return await login(stage.records, QuickPasswords(), number, password, address=address, now=now)


def after(**span):
    return NOW + dt.timedelta(**span)


async def test_who_logs_in_is_known_until_the_session_ends(stage):
    entered = await enter(stage)
    assert (entered.me.name, entered.me.unit.name, entered.me.home) == ("学员甲01", "综合党支部", "/")
    assert entered.expires_at == after(days=30)
    principal = await authenticate(stage.records, entered.token, after(days=30, seconds=-1))
    assert principal.number == "10001"
    assert await whoami(stage.records, principal, NOW) == entered.me
    assert await refused(authenticate(stage.records, entered.token, after(days=30))) == "not_logged_in"


async def test_who_works_for_others_stays_logged_in_for_less_long_than_a_phone_or_a_hall(stage):
    lasting = {number: (await enter(stage, number)).expires_at - NOW for number in ("10001", "venue1", "secretary")}
    assert [lasted.days for lasted in lasting.values()] == [30, 30, 7]


async def test_each_role_starts_on_its_page(stage):
    assert (await enter(stage, "admin")).me.home == "/manage"
    venue = (await enter(stage, "venue1")).me
    assert (venue.kind.value, venue.venue.name, venue.roles[0].role) == ("device", "第一分会场", Role.VENUE_OPERATOR)


async def test_logging_out_ends_the_session_and_may_be_repeated(stage):
    entered = await enter(stage)
    for _ in range(2):
        await logout(stage.records, stage.house.fanout, entered.token)
    assert await refused(authenticate(stage.records, entered.token, NOW)) == "not_logged_in"


async def test_tokens_are_long_different_and_kept_as_digests_only(stage):
    one, two = await enter(stage), await enter(stage)
    assert one.token != two.token
    assert len(one.token) >= 43
    digest = hashlib.sha256(one.token.encode()).hexdigest()
    assert await stage.records.read(lambda tx: tx.sessions.get(digest)) is not None
    assert await stage.records.read(lambda tx: tx.sessions.get(one.token)) is None


async def test_a_wrong_password_and_an_unknown_number_look_the_same(stage):
    assert await refused(enter(stage, password="wrong")) == "bad_credentials"
    assert await refused(enter(stage, number="99999")) == "bad_credentials"


async def test_five_failures_lock_for_five_minutes_even_with_the_right_password(stage):
    for second in range(5):
        assert await refused(enter(stage, password="wrong", now=after(seconds=second))) == "bad_credentials"
    with pytest.raises(Exception, match="locked_out") as locked:
        await enter(stage, now=after(seconds=10))
    assert locked.value.retry_after_s == 294
    assert await refused(enter(stage, now=after(seconds=303))) == "locked_out"
    assert (await enter(stage, now=after(seconds=304))).me.number == "10001"


async def test_the_lock_holds_for_that_account_at_that_address_only(stage):
    for _ in range(5):
        await refused(enter(stage, password="wrong"))
    assert await refused(enter(stage)) == "locked_out"
    assert (await enter(stage, number="10002")).me.number == "10002"  # the hall's other phones
    assert (await enter(stage, address=HOME)).me.number == "10001"


async def test_an_unknown_number_is_locked_like_a_known_one(stage):
    for _ in range(5):
        await refused(enter(stage, number="99999"))
    assert await refused(enter(stage, number="99999")) == "locked_out"


async def test_a_success_forgets_the_failures(stage):
    for _ in range(3):
        for _ in range(4):
            await refused(enter(stage, password="wrong"))
        await enter(stage)


async def test_guesses_sent_at_once_are_counted_one_by_one(stage):
    codes = await asyncio.gather(*(refused(enter(stage, password=f"guess {n}")) for n in range(20)))
    assert (codes.count("bad_credentials"), codes.count("locked_out")) == (5, 15)


async def test_an_attempt_during_the_lock_does_not_lengthen_it(stage):
    for _ in range(5):
        await refused(enter(stage, password="wrong"))
    await refused(enter(stage, now=after(seconds=299)))
    assert (await enter(stage, now=after(seconds=300))).me.number == "10001"


async def test_the_rules_are_settings(stage):
    rules = LoginRules(failures=1, lock=dt.timedelta(seconds=10), session=dt.timedelta(days=1))
    wrong = login(stage.records, QuickPasswords(), "10001", "wrong", address=HALL, now=NOW, rules=rules)
    assert await refused(wrong) == "bad_credentials"
    again = login(stage.records, QuickPasswords(), "10001", "dangxiao", address=HALL, now=NOW, rules=rules)
    assert await refused(again) == "locked_out"


async def test_what_no_longer_counts_is_forgotten(stage):
    entered = await enter(stage)
    await refused(enter(stage, password="wrong"))
    await forget_old(stage.records, after(days=31))
    digest = hashlib.sha256(entered.token.encode()).hexdigest()
    assert await stage.records.read(lambda tx: tx.sessions.get(digest)) is None
    assert await stage.records.read(lambda tx: tx.attempts.failures("10001", HALL, NOW)) == ()


async def test_passwords_are_argon2id_at_nineteen_mebibytes():
    passwords = Argon2Passwords()
    hashed = await passwords.hash("dangxiao")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(hashed, "dangxiao")
    assert not await passwords.verify(hashed, "dangxiao ")
    assert not await passwords.verify(None, "dangxiao")
    assert not await passwords.verify("not a hash", "dangxiao")
    long = "x" * 300
    assert not await passwords.verify(await passwords.hash(long), long)
