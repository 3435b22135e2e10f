"""The second factor at the login, set up and lifted."""

import base64
import datetime as dt

import pytest

from server.domain.access import Role, RoleGrant
from server.domain.access_codes import CodeKind
from server.domain.accounts import LoginRules
from server.domain.second_factor import STEP, code_of, step_at
from server.seals import AccessCodeSeal, SecretSeal
from server.services.activation import CodeEntry, Gate, enter_by_code, issue_codes
from server.services.demo import demo_id
from server.services.login import login, whoami
from server.services.logins import lift_factor
from server.services.second_factors import Given, check_enrolled, confirm, enrol, remove, see_factor
from tests.services.conftest import QuickPasswords, command_id, refused
from tests.store.samples import NOW

SEAL, RULES = SecretSeal(b"s" * 32), LoginRules()


def code_at(secret, now):
    return code_of(base64.b32decode(secret), step_at(now))


@pytest.fixture
async def enrolled(stage):
    """The lecturer's secret, and the recovery codes."""
    who = await stage.who("lecturer")
    shown = await enrol(stage.records, SEAL, who, "党校", NOW)
    codes = await confirm(stage.records, SEAL, who, code_at(shown.secret, NOW), NOW)
    return shown.secret, codes


async def enter(stage, second, now=NOW + STEP, *, password="dangxiao", address="192.0.2.7"):
    given = Given(SEAL, second)
    return await login(stage.records, QuickPasswords(), "lecturer", password, address=address, second=given, now=now)


async def test_who_has_one_is_asked_after_the_right_password_only(stage, enrolled):
    secret, _ = enrolled
    assert await refused(enter(stage, None)) == "second_factor_needed"
    assert await refused(enter(stage, None, password="wrong")) == "bad_credentials"
    assert (await enter(stage, code_at(secret, NOW + STEP))).me.number == "lecturer"


async def test_a_code_counts_once(stage, enrolled):
    secret, _ = enrolled
    assert await refused(enter(stage, code_at(secret, NOW))) == "second_factor_wrong"
    code = code_at(secret, NOW + STEP)
    await enter(stage, code)
    assert await refused(enter(stage, code)) == "second_factor_wrong"


async def test_a_recovery_code_counts_once(stage, enrolled):
    _, codes = enrolled
    assert len(set(codes)) == 10
    await enter(stage, codes[3])
    assert await refused(enter(stage, codes[3])) == "second_factor_wrong"
    view = await see_factor(stage.records, await stage.who("lecturer"), RULES)
    assert (view.enabled, view.required, view.recovery_left) == (True, False, 9)


async def test_guesses_lock_it_from_wherever_they_come(stage, enrolled):
    secret, _ = enrolled
    for n in range(5):
        assert await refused(enter(stage, "000000", address=f"192.0.2.{n}")) == "second_factor_wrong"
    assert await refused(enter(stage, code_at(secret, NOW + STEP), address="198.51.100.1")) == "locked_out"
    later = NOW + dt.timedelta(minutes=6)
    await enter(stage, code_at(secret, later), later)


async def test_codes_for_a_first_login_do_not_go_round_it(stage, enrolled):
    secret, _ = enrolled
    gate = Gate(stage.house, AccessCodeSeal(b"k" * 32), QuickPasswords(), RULES)
    admin = await stage.who("admin")
    account = [demo_id("lecturer")]
    code = (await issue_codes(gate, admin, command_id(), kind=CodeKind.ACTIVATION, account_ids=account, now=NOW))[
        0
    ].code
    now, mine = NOW + STEP, command_id()

    async def typed(second):
        entry = CodeEntry("lecturer", code, mine, "mop7-lamp4", Given(SEAL, second))
        return await enter_by_code(gate, entry, address="192.0.2.7", now=now)

    assert await refused(typed(None)) == "second_factor_needed"
    before = await stage.records.read(lambda tx: tx.accounts.get(demo_id("lecturer")))
    assert before.password_hash == "hash of dangxiao"
    assert (await typed(code_at(secret, now))).me.number == "lecturer"


async def test_what_is_not_confirmed_is_not_asked_for(stage):
    who = await stage.who("lecturer")
    shown = await enrol(stage.records, SEAL, who, "党校", NOW)
    await enter(stage, None)
    assert await refused(confirm(stage.records, SEAL, who, "000000", NOW)) == "second_factor_wrong"
    await confirm(stage.records, SEAL, who, code_at(shown.secret, NOW), NOW)
    assert await refused(enrol(stage.records, SEAL, who, "党校", NOW)) == "second_factor_set"


async def test_its_secret_is_sealed_in_the_record(stage, enrolled):
    secret, codes = enrolled
    kept = await stage.records.read(lambda tx: tx.second_factors.get(demo_id("lecturer")))
    assert base64.b32decode(secret) not in base64.b64decode(kept.secret)
    assert not set(codes) & set(kept.recovery)


async def test_it_is_turned_off_by_a_code_but_not_where_the_role_asks_for_it(stage, enrolled):
    secret, _ = enrolled
    now, who = NOW + STEP, await stage.who("lecturer")
    assert await refused(remove(stage.records, SEAL, who, "000000", now=now, rules=RULES)) == "second_factor_wrong"
    grant = RoleGrant(Role.AUDIT_ADMIN, demo_id("某集团党委"))
    await stage.records.write(lambda tx: tx.accounts.add([], [(demo_id("lecturer"), grant)]))
    code = code_at(secret, now)
    auditor = await stage.who("lecturer")
    assert await refused(remove(stage.records, SEAL, auditor, code, now=now, rules=RULES)) == "second_factor_required"
    await remove(stage.records, SEAL, who, code, now=now, rules=RULES)
    await enter(stage, None)


async def test_an_administrator_without_one_gets_no_further(stage, enrolled):
    security = await stage.who("secadmin")
    assert await refused(check_enrolled(stage.records, security, RULES)) == "second_factor_required"
    told = await whoami(stage.records, security, NOW, RULES)
    assert (told.second_factor_due, told.home) == (True, "/account")
    await check_enrolled(stage.records, security, LoginRules(second_factor=False))
    await check_enrolled(stage.records, await stage.who("admin"), RULES)
    shown = await enrol(stage.records, SEAL, security, "党校", NOW)
    await confirm(stage.records, SEAL, security, code_at(shown.secret, NOW), NOW)
    await check_enrolled(stage.records, security, RULES)


async def test_the_security_administrator_lifts_it_for_who_lost_the_phone(stage, enrolled):
    assert await refused(lift_factor(stage.house, await stage.who("admin"), demo_id("lecturer"), NOW)) == "forbidden"
    await lift_factor(stage.house, await stage.who("secadmin"), demo_id("lecturer"), NOW)
    await enter(stage, None)
