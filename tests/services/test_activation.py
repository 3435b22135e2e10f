"""The first login: codes that are issued, used once, and guessed at."""

import datetime as dt
import uuid

import pytest

from server.domain.access import Role, RoleGrant
from server.domain.access_codes import CodeKind
from server.domain.accounts import LoginRules
from server.seals import AccessCodeSeal
from server.services.activation import CodeEntry, Gate, enter_by_code, issue_codes
from server.services.commands import command
from server.services.demo import ROOT, demo_id
from server.services.login import authenticate, login
from server.services.operators import assign_operator
from server.services.roles import grant_role
from tests.services.conftest import QuickPasswords, command_id, refused
from tests.store.samples import NOW

PHONE, ELSEWHERE = "192.0.2.7", "198.51.100.7"
NEW = "mop7-lamp4-river"
SEAL = AccessCodeSeal(b"k" * 32)


@pytest.fixture
def gate(stage):
    return Gate(stage.house, SEAL, QuickPasswords(), LoginRules())


async def issued(gate, stage, kind=CodeKind.ACTIVATION, number="10001", *, by="secretary", again=None):
    views = await issue_codes(
        gate, await stage.who(by), again or command_id(), kind=kind, account_ids=[demo_id(number)], now=NOW
    )
    return views[0].code


def entry(code, number="10001", password=None, command=None):
    return CodeEntry(number, code, command or command_id(), password)


async def enter(gate, typed, address=PHONE, now=NOW):
    return await enter_by_code(gate, typed, address=address, now=now)


async def state(stage, number="10001"):
    account = await stage.records.read(lambda tx: tx.accounts.by_number(number))
    sessions = await stage.records.read(lambda tx: tx.sessions.of_account(account.id))
    return account, sessions


async def test_an_activation_code_sets_the_password_and_logs_in(gate, stage):
    code = await issued(gate, stage)
    assert await refused(enter(gate, entry(code))) == "password_needed"
    entered = await enter(gate, entry(f"{code[:4]} {code[4:8]}-{code[8:]}", password=NEW))
    assert entered.me.number == "10001"
    assert (await authenticate(stage.records, entered.token, NOW)).account_id == demo_id("10001")
    again = await login(stage.records, QuickPasswords(), "10001", NEW, address=PHONE, now=NOW)
    assert again.me.password_set


async def test_a_door_code_logs_in_at_once_and_sets_nothing(gate, stage):
    before, _ = await state(stage)
    code = await issued(gate, stage, CodeKind.DOOR)
    assert len(code) == 6
    entered = await enter(gate, entry(code))
    after, sessions = await state(stage)
    assert after.password_hash == before.password_hash
    assert [session.address for session in sessions] == [PHONE]
    assert entered.expires_at == NOW + dt.timedelta(days=30)


@pytest.mark.parametrize("kind", CodeKind)
async def test_a_code_serves_once_but_a_lost_answer_is_given_again(gate, stage, kind):
    code, mine = await issued(gate, stage, kind), command_id()
    await enter(gate, entry(code, password=NEW, command=mine))
    await enter(gate, entry(code, password=NEW, command=mine))
    assert await refused(enter(gate, entry(code, password=NEW))) == "code_wrong"


@pytest.mark.parametrize(
    ("kind", "life"), [(CodeKind.ACTIVATION, dt.timedelta(days=14)), (CodeKind.DOOR, dt.timedelta(minutes=10))]
)
async def test_a_code_expires(gate, stage, kind, life):
    code = await issued(gate, stage, kind)
    late = entry(code, password=NEW)
    assert await refused(enter_by_code(gate, late, address=PHONE, now=NOW + life)) == "code_wrong"
    await enter_by_code(gate, late, address=PHONE, now=NOW + life - dt.timedelta(seconds=1))


async def test_a_new_code_takes_the_place_of_the_old_one(gate, stage):
    old = await issued(gate, stage)
    new = await issued(gate, stage)
    assert await refused(enter(gate, entry(old, password=NEW))) == "code_wrong"
    await enter(gate, entry(new, password=NEW))


async def test_a_retry_of_issuing_shows_the_same_codes_and_none_is_in_the_record(gate, stage, records):
    once = command_id()
    first = await issued(gate, stage, again=once)
    assert await issued(gate, stage, again=once) == first
    kept = await records.read(lambda tx: tx.access_codes.get(demo_id("10001"), CodeKind.ACTIVATION))
    assert first not in repr(kept)
    asked = command(
        await stage.who("secretary"), once, "issue_codes", kind="activation", accounts=[demo_id("10001")], members=[]
    )
    told = await records.write(lambda tx: tx.commands.begin(once, asked.actor, asked.digest, NOW))
    assert "10001" in told
    assert first not in told


async def test_a_new_password_ends_every_other_login(gate, stage):
    old = await login(stage.records, QuickPasswords(), "10001", "dangxiao", address=ELSEWHERE, now=NOW)
    await enter(gate, entry(await issued(gate, stage), password=NEW))
    assert await refused(authenticate(stage.records, old.token, NOW)) == "not_logged_in"
    assert (
        await refused(login(stage.records, QuickPasswords(), "10001", "dangxiao", address=PHONE, now=NOW))
        == "bad_credentials"
    )


async def test_a_weak_password_costs_neither_the_code_nor_a_try(gate, stage):
    code = await issued(gate, stage)
    for password, why in (
        ("short", "password_short"),
        ("12345678", "password_common"),
        ("学员甲01学员甲01", "password_common"),
    ):
        for _ in range(4):
            assert await refused(enter(gate, entry(code, password=password))) == why
    await enter(gate, entry(code, password=NEW))


async def test_a_thousand_guesses_are_locked_out_and_change_nothing(gate, stage):
    code = await issued(gate, stage)
    before = await state(stage)
    answers = [await refused(enter(gate, entry(f"{n:012}", password=NEW))) for n in range(1000)]
    assert answers[:5] == ["code_wrong"] * 5
    assert set(answers[5:]) == {"locked_out"}
    assert await refused(enter(gate, entry(code, password=NEW))) == "locked_out"
    assert await state(stage) == before
    await enter(gate, entry(code, password=NEW), address=ELSEWHERE)


async def test_answers_do_not_tell_whether_a_number_exists(gate, stage):
    await issued(gate, stage)
    known = [await refused(enter(gate, entry(f"{n:012}", password=NEW))) for n in range(7)]
    unknown = [await refused(enter(gate, entry(f"{n:012}", "nobody", NEW))) for n in range(7)]
    without_code = [await refused(enter(gate, entry(f"{n:012}", "10002", NEW))) for n in range(7)]
    assert known == unknown == without_code


async def test_a_door_code_is_used_up_by_guesses_from_many_addresses(gate, stage):
    code = await issued(gate, stage, CodeKind.DOOR)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for n in range(10):
        assert await refused(enter(gate, entry(wrong), address=f"203.0.113.{n}")) == "code_wrong"
    assert await refused(enter(gate, entry(code))) == "code_wrong"
    await enter(gate, entry(await issued(gate, stage, CodeKind.DOOR)))


async def test_who_forgot_the_password_and_is_locked_out_comes_in_by_a_door_code(gate, stage):
    for _ in range(5):
        await refused(login(stage.records, QuickPasswords(), "10001", "?", address=PHONE, now=NOW))
    assert (
        await refused(login(stage.records, QuickPasswords(), "10001", "dangxiao", address=PHONE, now=NOW))
        == "locked_out"
    )
    await enter(gate, entry(await issued(gate, stage, CodeKind.DOOR)))


async def test_sixty_people_behind_one_address_all_come_in(gate, stage):
    numbers = [str(10001 + n) for n in range(60)]
    for number in numbers:
        code = await issued(gate, stage, CodeKind.DOOR, number, by="admin")
        await refused(enter(gate, entry("000000" if code != "000000" else "111111", number)))
        assert (await enter(gate, entry(code, number))).me.number == number


async def test_members_are_named_by_member_or_by_account(gate, stage):
    secretary = await stage.who("secretary")
    views = await issue_codes(
        gate,
        secretary,
        command_id(),
        kind=CodeKind.ACTIVATION,
        member_ids=[demo_id("member 10002")],
        account_ids=[demo_id("10001")],
        now=NOW,
    )
    assert [(view.number, view.unit.name) for view in views] == [("10001", "综合党支部"), ("10002", "综合党支部")]
    assert all(len(view.code) == 12 for view in views)


@pytest.mark.parametrize("number", ["10021", "director", "secretary", "nobody"])
async def test_a_secretary_issues_nothing_for_others(gate, stage, number):
    secretary = await stage.who("secretary")
    asked = issue_codes(gate, secretary, command_id(), kind=CodeKind.DOOR, account_ids=[demo_id(number)], now=NOW)
    assert await refused(asked) == "account_not_found"


async def test_one_foreign_person_in_a_list_and_nobody_gets_a_code(gate, stage):
    asked = issue_codes(
        gate,
        await stage.who("secretary"),
        command_id(),
        kind=CodeKind.ACTIVATION,
        account_ids=[demo_id("10001"), demo_id("10021")],
        now=NOW,
    )
    assert await refused(asked) == "account_not_found"
    assert await stage.records.read(lambda tx: tx.access_codes.get(demo_id("10001"), CodeKind.ACTIVATION)) is None
    unknown = issue_codes(
        gate,
        await stage.who("secretary"),
        command_id(),
        kind=CodeKind.ACTIVATION,
        member_ids=[str(uuid.uuid4())],
        now=NOW,
    )
    assert await refused(unknown) == "account_not_found"


@pytest.mark.parametrize("number", ["10001", "lecturer", "venue1"])
async def test_who_has_no_such_role_issues_nothing(gate, stage, number):
    asked = issue_codes(
        gate, await stage.who(number), command_id(), kind=CodeKind.DOOR, account_ids=[demo_id("10002")], now=NOW
    )
    assert await refused(asked) == "forbidden"


@pytest.mark.parametrize("kind", CodeKind)
async def test_a_code_does_not_open_what_its_issuer_is_not_trusted_with(gate, stage, kind):
    """A secretary's code waits, and the member becomes director: the secretary may have kept it."""
    outgrown, enough = await issued(gate, stage, kind), await issued(gate, stage, kind, "10002", by="admin")
    director = RoleGrant(Role.DIRECTOR, demo_id(ROOT))
    for number in ("10001", "10002"):
        who = (await stage.who("secadmin"), demo_id(number), command_id())
        await grant_role(stage.house, *who, grant=director, now=NOW)
    assert await refused(enter(gate, entry(outgrown, password=NEW))) == "code_wrong"
    assert (await enter(gate, entry(enough, "10002", password=NEW))).me.number == "10002"


async def operating(stage):
    """10001 of the secretary's branch, at a room of another one."""
    admin, asked = await stage.who("admin"), {"account_id": demo_id("10001"), "since": None, "until": None, "now": NOW}
    await assign_operator(stage.house, admin, demo_id("第一分会场"), command_id(), **asked)


async def test_a_secretary_issues_no_code_for_who_operates_a_room_of_another_unit(gate, stage):
    waiting = await issued(gate, stage, CodeKind.DOOR)
    await operating(stage)
    for kind in CodeKind:
        assert await refused(issued(gate, stage, kind)) == "account_not_found"
    assert await refused(enter(gate, entry(waiting))) == "code_wrong"
    assert await issued(gate, stage, CodeKind.DOOR, by="admin")
