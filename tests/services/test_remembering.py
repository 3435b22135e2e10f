"""What many ask again is answered without the record, and never otherwise than the record would."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import events
from server.domain.access import Role, RoleGrant
from server.domain.accounts import LoginRules
from server.services.demo import ROOT, demo_id
from server.services.entered import Doorway
from server.services.login import RULES, authenticate, digest, login, logout
from server.services.logins import end_sessions_of
from server.services.remembering import Memory
from server.services.roles import grant_role, set_disabled
from server.services.sign_in_codes import forget_old_proofs, redeem, see_proof
from server.services.uses import Uses
from tests.services.conftest import QuickPasswords, command_id, refused
from tests.services.test_failovers import move, places
from tests.services.test_sign_ins import MINUTE, SEAL, Phone, rows, shown
from tests.store.samples import NOW

SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


class Counting:
    """The records, and how often they were read from."""

    def __init__(self, records):
        self._records, self.reads, self.asked = records, 0, asyncio.Event()

    async def read(self, fn):
        self.reads += 1
        return await self._records.read(fn)

    async def read_seen(self, fn):
        self.reads += 1
        self.asked.set()
        return await self._records.read_seen(fn)

    def __getattr__(self, name):
        return getattr(self._records, name)


class Still:
    """Something read, which holds until it is told otherwise."""

    holding = True

    def holds(self):
        return self.holding


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["keep", "get", "spoil"])), max_size=60))
def test_a_memory_is_bounded_and_gives_what_was_kept_last_and_holds(steps):
    memory, model = Memory(4), {}
    for key, step in steps:
        if step == "keep":
            model[key] = Still()
            memory.keep(key, model[key], model[key])
        elif step == "spoil" and key in model:
            model[key].holding = False
        else:
            got = memory.get(key)
            assert got is None or (got is model[key] and got.holding)
        assert len(memory) <= 4


def test_where_nothing_can_be_told_nothing_is_kept():
    memory = Memory()
    memory.keep("a", 1, None)
    assert memory.get("a") is None


# ---- who asks --------------------------------------------------------------------------------------------


class Browser:
    """Somebody's login, as a control process knows it again."""

    def __init__(self, stage, token, rules=RULES):
        self.records, self.token, self.rules = Counting(stage.records), token, rules
        self.callers, self.uses = Memory(), Uses()

    @classmethod
    async def enter(cls, stage, number="10001", rules=RULES):
        entered = await login(
            stage.records, QuickPasswords(), number, "dangxiao", address="192.0.2.1", now=NOW, rules=rules
        )
        browser = cls(stage, entered.token, rules)
        assert (await browser.ask()).number == number
        return browser

    async def ask(self, now=NOW):
        return await authenticate(self.records, self.token, now, self.uses, self.rules, callers=self.callers)


@pytest.fixture
def sqlite(database_url):
    if not database_url.startswith("sqlite"):
        pytest.skip("elsewhere others write, too")


async def test_who_asks_again_is_known_without_reading(stage, sqlite):
    browser = await Browser.enter(stage)
    before, known = browser.records.reads, await browser.ask()
    await Browser.enter(stage, "10002")  # other people's logins make no difference
    assert await browser.ask(NOW + MINUTE) == known
    assert browser.records.reads == before


async def test_writing_down_when_logins_were_used_lets_nobody_be_forgotten(stage, sqlite):
    browser = await Browser.enter(stage)
    browser.uses.touch(digest(browser.token), NOW + MINUTE)
    assert await browser.uses.write(stage.records) == 1
    before = browser.records.reads
    await browser.ask(NOW + MINUTE)
    assert browser.records.reads == before


async def test_who_was_in_use_as_only_the_record_knows_is_let_in(stage):
    """Here it was forgotten, with those who were used longer ago."""
    desk = await Browser.enter(stage, "secretary", LoginRules(staff_idle=30 * MINUTE))
    desk.uses.touch(digest(desk.token), NOW + 20 * MINUTE)
    await desk.uses.write(stage.records)
    desk.uses = Uses()
    assert (await desk.ask(NOW + 49 * MINUTE)).number == "secretary"
    assert await refused(desk.ask(NOW + 51 * MINUTE)) == "not_logged_in"


async def test_whose_login_ends_is_out_at_once(stage):
    browser = await Browser.enter(stage)
    await logout(stage.records, stage.house.fanout, browser.token)
    assert await refused(browser.ask()) == "not_logged_in"
    browser = await Browser.enter(stage)
    await end_sessions_of(stage.house, await stage.who("secadmin"), demo_id("10001"), NOW)
    assert await refused(browser.ask()) == "not_logged_in"


async def test_who_is_disabled_is_out_and_who_gets_a_role_has_it_at_once(stage):
    browser, security = await Browser.enter(stage), await stage.who("secadmin")
    grant = RoleGrant(Role.DIRECTOR, demo_id(ROOT))
    await grant_role(stage.house, security, demo_id("10001"), command_id(), grant=grant, now=NOW)
    assert grant in (await browser.ask()).grants
    await set_disabled(stage.house, security, demo_id("10001"), command_id(), disabled=True, now=NOW)
    assert await refused(browser.ask()) == "not_logged_in"


async def test_a_login_that_runs_out_or_goes_unused_is_over_though_it_was_known(stage):
    phone = await Browser.enter(stage)
    assert (await phone.ask(NOW + 30 * DAY - SECOND)).number == "10001"
    assert await refused(phone.ask(NOW + 30 * DAY)) == "not_logged_in"
    desk = await Browser.enter(stage, "secretary", LoginRules(staff_idle=30 * MINUTE))
    assert await refused(desk.ask(NOW + 31 * MINUTE)) == "not_logged_in"
    desk.uses.touch(digest(desk.token), NOW + 20 * MINUTE)
    assert (await desk.ask(NOW + 49 * MINUTE)).number == "secretary"
    assert await refused(desk.ask(NOW + 51 * MINUTE)) == "not_logged_in"


async def test_another_day_is_read_anew(stage):
    browser = await Browser.enter(stage)
    before = browser.records.reads
    await browser.ask(NOW + DAY)
    assert browser.records.reads == before + 1


# ---- who signs in again ----------------------------------------------------------------------------------


@pytest.fixture
def counted(live):
    live.house = replace(live.house, records=Counting(live.house.records))
    return live


async def scanned(stage, number="10061"):
    phone = Phone(stage, number)
    await phone.scan((await shown(stage))[0].token)
    return phone


async def reads_of(stage, work):
    """Beside those that find out who asks."""
    before = stage.house.records.reads
    answer = await work
    return answer, stage.house.records.reads - before - 1


async def by_link(stage, secret, token, now=NOW):
    """As the code's address does: the secret is made for it."""
    return await redeem(stage.house, SEAL, token, secret, "192.0.2.1", now=now, first=True)


async def test_a_hall_s_scans_and_looks_read_once(counted, sqlite):
    token = (await shown(counted))[0].token
    first = await by_link(counted, "a", token)
    before = counted.house.records.reads
    assert (await by_link(counted, "b", token)).lesson_id == first.lesson_id
    seen = await see_proof(counted.house, "a", NOW)
    assert (seen.redeemed_at, seen.venue.id) == (first.redeemed_at, first.lesson_venue_id)
    assert counted.house.records.reads == before
    stored = await counted.house.records.read(lambda tx: tx.proofs.get(first.digest))
    assert stored == first


async def test_a_scan_after_the_lesson_s_end_is_refused_though_its_place_was_known(counted):
    token = (await shown(counted))[0].token
    await by_link(counted, "a", token)
    await counted.step("end")
    assert await refused(by_link(counted, "b", token)) == "sign_in_closed"


async def test_a_proof_that_was_deleted_or_ran_out_is_none_though_it_was_known(counted):
    token = (await shown(counted))[0].token
    await by_link(counted, "a", token)
    assert await refused(see_proof(counted.house, "a", NOW + DAY)) == "proof_missing"
    assert await refused(see_proof(counted.house, "another", NOW)) == "proof_missing"
    await forget_old_proofs(counted.house.records, NOW + 3 * DAY)
    assert await refused(see_proof(counted.house, "a", NOW)) == "proof_missing"


async def test_a_forged_code_of_a_known_place(counted):
    token = (await shown(counted))[0].token
    await by_link(counted, "a", token)
    assert (
        await refused(by_link(counted, "b", token[:-2] + ("AA" if token[-2:] != "AA" else "BB")))
        == "sign_in_code_invalid"
    )


async def test_a_repetition_is_answered_alike_without_reading(counted, sqlite):
    phone, tapping = await scanned(counted), Phone(counted, "10001")
    first, tapped = await phone.sign_in(), await tapping.tap()
    await (await scanned(counted, "10062")).sign_in()  # others who come make no difference
    await Phone(counted, "10002").tap()
    assert await reads_of(counted, phone.sign_in()) == (first, 0)
    assert await reads_of(counted, tapping.tap()) == (tapped, 0)
    assert len(await rows(counted)) == 4


async def test_what_goes_on_in_the_lesson_makes_no_difference(counted, sqlite):
    tapping = Phone(counted, "10001")
    tapped = await tapping.tap()
    lesson_id = tapped.lesson_id
    said = events.sign_in_flagged("device_taken", "somebody", None)
    await counted.house.records.write(lambda tx: tx.events.append(lesson_id, [said], NOW, None))
    assert await reads_of(counted, tapping.tap()) == (tapped, 0)


async def test_the_answer_is_of_the_member_who_asks(counted):
    """Another account with the same browser, and so with the same proof."""
    phone = await scanned(counted)
    first = await phone.sign_in()
    phone.number = "10062"
    assert await refused(phone.sign_in()) in {"proof_used", "device_taken"}
    phone.number = "10061"
    assert await phone.sign_in() == first


async def test_a_proof_that_ran_out_is_none_though_it_was_known(counted):
    phone = await scanned(counted)
    await phone.sign_in()
    assert await refused(phone.sign_in(NOW + DAY)) == "proof_missing"


async def test_who_was_moved_since_is_told_so(counted):
    phone = await scanned(counted)
    assert (await phone.sign_in()).arriving is None
    _, broken, target = await places(counted)
    await move(counted, broken, target)
    doorway = Doorway(demo_id("10061"), secret=phone.secret)
    if counted.house.entered.known(doorway, NOW) is not None:
        pytest.fail("an answer from before the move")
    assert await refused(phone.sign_in()) == "another_venue"


async def test_a_venue_s_new_name_and_a_lesson_s_end_are_seen_at_once(counted):
    tapping = Phone(counted, "10001")
    first = await tapping.tap()
    await counted.step("end")
    assert await tapping.tap() == first  # as by the record
    assert await refused(Phone(counted, "10002").tap()) == "sign_in_closed"


async def test_the_same_request_twice_at_once_is_one(counted):
    phone, command = await scanned(counted), command_id()
    answers = await asyncio.gather(*(phone.sign_in(command=command) for _ in range(5)))
    assert len(set(answers)) == 1
    assert len(await rows(counted)) == 1
    assert not counted.house.entered._going


async def test_whose_twin_went_away_asks_for_itself(counted):
    phone, command = await scanned(counted), command_id()
    first = asyncio.create_task(phone.sign_in(command=command))
    await counted.house.records.asked.wait()
    second = asyncio.create_task(phone.sign_in(command=command))
    first.cancel()
    assert (await second).member_id is not None
    await asyncio.gather(first, return_exceptions=True)
    assert len(await rows(counted)) == 1


async def test_who_is_refused_together_is_refused_each(counted):
    phone, command = Phone(counted, "10061"), command_id()
    phone.secret = "no such proof"
    refusals = await asyncio.gather(*(refused(phone.sign_in(command=command)) for _ in range(3)))
    assert refusals == ["proof_missing"] * 3
