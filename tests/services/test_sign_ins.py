"""Signing in: one per member, by the server's clock, with its evidence; every trick gets its own answer."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from server.domain.access import Role, RoleGrant
from server.domain.lessons import LessonStep
from server.domain.sign_ins import Claim
from server.seals import SignInSeal
from server.services.assisting import assist, mark_departure
from server.services.demo import demo_id
from server.services.lessons import move_lesson
from server.services.own_attendance import see_attendance
from server.services.sign_in_codes import forget_old_proofs, redeem, see_proof, venue_codes
from server.services.sign_ins import (
    Browser,
    sign_in_by_code,
    sign_in_by_phone,
    sign_in_by_proof,
    sign_in_by_scan,
)
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

SEAL = SignInSeal(b"k" * 32)
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


class Phone:
    """A member's browser in front of a venue's screen."""

    def __init__(self, stage, number, device=None):
        self.stage, self.number, self.device = stage, number, device or f"device of {number}"
        self.secret = None

    @property
    def browser(self):
        return Browser(self.device, "192.0.2.1")

    async def scan(self, token, now=NOW):
        self.secret = f"secret of {self.device} {token}"
        return await redeem(self.stage.house, SEAL, token, self.secret, "192.0.2.1", now=now)

    async def sign_in(self, now=NOW, command=None, **more):
        who = await self.stage.who(self.number)
        return await sign_in_by_proof(
            self.stage.house,
            who,
            command or command_id(),
            secret=more.pop("secret", self.secret),
            browser=self.browser,
            now=now,
            **more,
        )

    async def tap(self, now=NOW):
        who = await self.stage.who(self.number)
        lesson_id = self.stage.lesson_id
        return await sign_in_by_phone(self.stage.house, who, lesson_id, command_id(), browser=self.browser, now=now)

    async def type(self, code, now=NOW, **more):
        who = await self.stage.who(self.number)
        return await sign_in_by_code(
            self.stage.house,
            SEAL,
            who,
            self.stage.lesson_id,
            command_id(),
            code=code,
            browser=self.browser,
            now=now,
            **more,
        )

    async def page_scan(self, token, now=NOW, **more):
        who = await self.stage.who(self.number)
        return await sign_in_by_scan(
            self.stage.house,
            SEAL,
            who,
            self.stage.lesson_id,
            command_id(),
            token=token,
            browser=self.browser,
            now=now,
            **more,
        )


async def shown(stage, by="venue1", venue=None, now=NOW):
    """What the venue's screen shows now."""
    return (await venue_codes(stage.records, SEAL, await stage.who(by), stage.lesson_id, venue=venue, now=now)).codes


async def rows(stage):
    return await stage.records.read(lambda tx: tx.sign_ins.of(stage.lesson_id))


async def flags(stage):
    return [event.data for event in await stage.events() if event.kind == "sign_in.flagged"]


# ---- the screen ------------------------------------------------------------------------------------------


async def test_a_screen_gets_the_present_code_and_the_next_two(opened):
    codes = await shown(opened, now=NOW + 2 * SECOND)
    assert [code.shows_at for code in codes] == [NOW, NOW + 5 * SECOND, NOW + 10 * SECOND]
    assert [code.until for code in codes] == [NOW + 5 * SECOND, NOW + 10 * SECOND, NOW + 15 * SECOND]
    assert len({code.token for code in codes}) == 3
    assert len({code.code for code in codes}) == 1
    assert all(len(code.code) == 6 and code.code.isdecimal() for code in codes)
    assert len({code.code for code in await shown(opened, now=NOW + 22 * SECOND)}) == 2


async def test_a_venue_gets_its_own_codes_and_staff_any(opened):
    lesson = await opened.lesson()
    own, other = lesson.venues[1].id, lesson.venues[2].id
    assert await shown(opened) == await shown(opened, venue=own) == await shown(opened, by="director", venue=own)
    assert await refused(shown(opened, venue=other)) == "forbidden"
    assert await shown(opened, by="director", venue=other) != await shown(opened)
    for by in ("10001", "secretary"):
        assert await refused(shown(opened, by=by, venue=own)) == "forbidden"
    assert await refused(shown(opened, by="director", venue=demo_id("没有"))) == "venue_not_found"


async def test_there_are_no_codes_outside_the_lesson(stage):
    assert await refused(shown(stage)) == "sign_in_closed"
    await stage.step("open", "start", "end")
    assert await refused(shown(stage)) == "sign_in_closed"


# ---- from the scan to the sign-in ------------------------------------------------------------------------


async def test_a_scan_signs_in_at_the_moment_of_the_scan(opened):
    phone = Phone(opened, "10061")
    token = (await shown(opened))[0].token
    await phone.scan(token, NOW + 3 * SECOND)
    seen = await see_proof(opened.house, phone.secret, NOW + 9 * MINUTE)
    assert (seen.lesson.id, seen.venue.name, seen.redeemed_at) == (opened.lesson_id, "第一分会场", NOW + 3 * SECOND)
    view = await phone.sign_in(NOW + 9 * MINUTE)  # a forgotten password took its time
    assert (view.at, view.way, view.venue_name, view.late) == (NOW + 3 * SECOND, "qr", "第一分会场", False)
    (row,) = await rows(opened)
    assert (row.member_id, row.account_id, row.address) == (demo_id("member 10061"), demo_id("10061"), "192.0.2.1")
    assert row.slot is not None
    assert row.device_digest
    assert row.proof_digest
    assert phone.secret not in repr(row)
    seen = await see_attendance(opened.records, await opened.who("10061"), opened.lesson_id, NOW)
    assert (seen.sign_in, seen.sign_in_open) == (view, True)


async def test_a_retry_gives_the_first_sign_in_whatever_it_says(opened):
    phone = Phone(opened, "10061")
    await phone.scan((await shown(opened))[0].token)
    first = await phone.sign_in(command="00000000-0000-4000-8000-000000000001")
    again = [await phone.sign_in(NOW + MINUTE, command="00000000-0000-4000-8000-000000000001")]
    again += [await phone.sign_in(NOW + MINUTE), await phone.tap(NOW + MINUTE)]
    again += [await phone.type((await shown(opened))[0].code), await Phone(opened, "10061", "other").tap()]
    assert again == [first] * 5
    assert len(await rows(opened)) == 1
    assert await flags(opened) == []


async def test_many_at_once_for_one_member_are_one(opened):
    phone = Phone(opened, "10061")
    await phone.scan((await shown(opened))[0].token)
    views = await asyncio.gather(*(phone.sign_in() if n % 2 else phone.tap() for n in range(12)))
    assert len(set(views)) == 1
    assert len(await rows(opened)) == 1


async def test_the_previous_code_counts_and_the_one_before_it_does_not(opened):
    token = (await shown(opened))[0].token
    await Phone(opened, "10061").scan(token, NOW + 9 * SECOND)
    for age in (10, 30, 24 * 3600):
        stale = Phone(opened, "10062").scan(token, NOW + age * SECOND)
        assert await refused(stale) == "sign_in_code_expired"


async def test_a_code_of_the_future_is_none_of_now(opened):
    """Whoever read a screen's supply of codes ahead of time."""
    codes = await shown(opened)
    assert await refused(Phone(opened, "10061").scan(codes[2].token)) == "sign_in_code_expired"


async def test_a_forged_code_is_none_of_ours(opened):
    lesson = await opened.lesson()
    claim = Claim(lesson.venues[1].id, int(NOW.timestamp()) // 5)
    good = SEAL.token(lesson.id, claim)
    forged = [
        SignInSeal(b"x" * 32).token(lesson.id, claim),
        SEAL.token(demo_id("another lesson"), claim),
        SEAL.token(lesson.id, Claim(demo_id("no venue"), claim.slot)),
        *("", "x", "!" * 43, good + "A", good[:-1], good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1]),
    ]
    for token in forged:
        assert await refused(Phone(opened, "10061").scan(token)) == "sign_in_code_invalid"
    await Phone(opened, "10061").scan(good)


async def test_a_code_of_a_closed_lesson_is_not_redeemed(opened):
    token = (await shown(opened))[0].token
    await opened.step("start", "end")
    assert await refused(Phone(opened, "10061").scan(token)) == "sign_in_closed"


async def test_a_scan_in_time_counts_when_the_lesson_ends_during_the_login(live):
    phone = Phone(live, "10061")
    await phone.scan((await shown(live))[0].token)
    await live.step("end")
    assert (await phone.sign_in(NOW + MINUTE)).at == NOW
    assert await refused(Phone(live, "10062").tap()) == "sign_in_closed"


class Meanwhile:
    """The records, and something that happens after the first reading and before the first writing."""

    def __init__(self, records, happens):
        self._records, self._happens = records, happens

    async def read(self, work):
        return await self._records.read(work)

    async def read_seen(self, work):
        return await self._records.read_seen(work)

    async def write_together(self, work, item):
        happens, self._happens = self._happens, None
        if happens is not None:
            await happens()
        return await self._records.write_together(work, item)


async def test_a_scan_that_settling_overtakes_is_refused_not_lost(live):
    """Whoever is told of a sign-in has a verdict that knows it."""
    phone, late = Phone(live, "10061"), Phone(live, "10062")
    token = (await shown(live))[0].token
    await phone.scan(token)
    await late.scan(token)
    await live.step("end")
    at = (await phone.sign_in(NOW + MINUTE)).at
    house = live.house
    live.house = replace(house, records=Meanwhile(house.records, lambda: settle_by(live, house)))
    assert await refused(late.sign_in(NOW + MINUTE)) == "sign_in_closed"
    lesson_id, members = live.lesson_id, [demo_id(f"member {number}") for number in ("10061", "10062")]
    verdicts = await house.records.read(lambda tx: [tx.verdicts.get(lesson_id, each)[0] for each in members])
    assert [verdict.evidence.signed_in_at for verdict in verdicts] == [at, None]
    signed_in = await house.records.read(lambda tx: tx.sign_ins.of(lesson_id))
    assert [row.member_id for row in signed_in] == members[:1]


async def test_a_tap_that_end_and_settling_overtake_is_refused_not_lost(live):
    """When its lesson was read it was on the air; when the sign-in is written it is no more."""
    house = live.house

    async def over():
        await move_lesson(house, await live.who("director"), live.lesson_id, command_id(), step=LessonStep.END, now=NOW)
        await settle_by(live, house)

    live.house = replace(house, records=Meanwhile(house.records, over))
    assert await refused(Phone(live, "10002").tap()) == "sign_in_closed"
    assert await house.records.read(lambda tx: tx.sign_ins.of(live.lesson_id)) == ()


async def test_a_tap_that_the_end_overtakes_counts(live):
    house = live.house
    end = {"step": LessonStep.END, "now": NOW}
    admin = await live.who("director")
    ending = Meanwhile(house.records, lambda: move_lesson(house, admin, live.lesson_id, command_id(), **end))
    live.house = replace(house, records=ending)
    assert (await Phone(live, "10002").tap()).member_id == demo_id("member 10002")


async def settle_by(stage, house):
    await move_lesson(house, await stage.who("admin"), stage.lesson_id, command_id(), step=LessonStep.SETTLE, now=NOW)


async def test_a_proof_is_good_for_ten_minutes(opened):
    phone = Phone(opened, "10061")
    await phone.scan((await shown(opened))[0].token)
    for secret in (None, "guessed"):
        assert await refused(phone.sign_in(secret=secret)) == "proof_missing"
    assert await refused(phone.sign_in(NOW + 10 * MINUTE)) == "proof_missing"
    assert await refused(see_proof(opened.house, phone.secret, NOW + 10 * MINUTE)) == "proof_missing"
    await forget_old_proofs(opened.records, NOW + 2 * 24 * 60 * MINUTE)
    assert await refused(see_proof(opened.house, phone.secret, NOW)) == "proof_missing"


async def test_a_replayed_proof_signs_in_nobody_else(opened):
    phone, thief = Phone(opened, "10061"), Phone(opened, "10062")
    await phone.scan((await shown(opened))[0].token)
    await phone.sign_in()
    assert await refused(thief.sign_in(secret=phone.secret)) == "proof_used"
    assert [row.member_id for row in await rows(opened)] == [demo_id("member 10061")]
    assert await flags(opened) == [{"reason": "proof_used", "member_name": "学员丁02", "venue": "第一分会场"}]


async def test_one_device_signs_in_one_person_of_three(opened):
    token = (await shown(opened))[0].token
    people = [Phone(opened, number, "one phone") for number in ("10061", "10062", "10063")]
    for n, person in enumerate(people):
        await person.scan(token)
        person.secret, _ = f"fresh {n}", await redeem(opened.house, SEAL, token, f"fresh {n}", "", now=NOW)
    await people[0].sign_in()
    for other in people[1:]:
        assert await refused(other.sign_in()) == "device_taken"
        assert await refused(other.tap()) == "device_taken"
    assert len(await rows(opened)) == 1
    said = await flags(opened)
    assert [each["member_name"] for each in said] == ["学员丁02", "学员丁03"]
    assert {each["reason"] for each in said} == {"device_taken"}


async def test_another_venue_must_be_meant(opened):
    phone = Phone(opened, "10061")
    await phone.scan((await shown(opened, by="venue2"))[0].token)
    assert await refused(phone.sign_in()) == "another_venue"
    assert await rows(opened) == ()
    assert (await phone.sign_in(elsewhere=True)).venue_name == "第二分会场"


async def test_who_is_expected_by_phone_may_come_to_any_venue(opened):
    phone = Phone(opened, "10021")
    await phone.scan((await shown(opened))[0].token)
    assert (await phone.sign_in()).venue_name == "第一分会场"


# ---- the page's own scanner ------------------------------------------------------------------------------


async def test_the_pages_scanner_redeems_at_once_so_that_the_question_may_take_its_time(opened):
    phone = Phone(opened, "10061")
    token = (await shown(opened, by="venue2"))[0].token
    assert await refused(phone.page_scan(token)) == "another_venue"
    view = await phone.page_scan(token, NOW + 5 * MINUTE, elsewhere=True)
    assert (view.at, view.way, view.venue_name) == (NOW, "qr", "第二分会场")
    other = Phone(opened, "10062").page_scan(token, NOW + 5 * MINUTE)
    assert await refused(other) == "sign_in_code_expired"


# ---- six digits ------------------------------------------------------------------------------------------


async def test_the_digits_of_the_screen_sign_in(opened):
    code = (await shown(opened))[0].code
    view = await Phone(opened, "10061").type(code, NOW + 59 * SECOND)
    assert (view.way, view.venue_name) == ("code", "第一分会场")
    assert await refused(Phone(opened, "10062").type(code, NOW + 60 * SECOND)) == "sign_in_code_expired"
    elsewhere = (await shown(opened, by="venue2"))[0].code
    assert await refused(Phone(opened, "10063").type(elsewhere)) == "another_venue"
    assert (await Phone(opened, "10063").type(elsewhere, elsewhere=True)).venue_name == "第二分会场"


def wrong(codes):
    return next(f"{n:06}" for n in range(1000) if f"{n:06}" not in codes)


async def test_five_wrong_codes_within_five_minutes_and_no_more_even_at_once(opened):
    phone, right = Phone(opened, "10061"), (await shown(opened))[0].code
    venues = (await opened.lesson()).venues
    slots = range(int(NOW.timestamp()) // 30 - 12, int(NOW.timestamp()) // 30 + 20)
    every = {SEAL.digits(opened.lesson_id, Claim(venue.id, slot)) for venue in venues for slot in slots}
    codes = await asyncio.gather(*(refused(phone.type(wrong(every))) for _ in range(8)))
    assert sorted(codes) == ["sign_in_code_wrong"] * 5 + ["too_fast"] * 3
    assert await refused(phone.type(right)) == "too_fast"
    assert (await Phone(opened, "10062").type(right)).way == "code"
    later = NOW + 5 * MINUTE + SECOND
    assert (await phone.type((await shown(opened, now=later))[0].code, later)).way == "code"


# ---- who and when ----------------------------------------------------------------------------------------


async def test_one_tap_signs_in_who_watches_elsewhere(opened):
    view = await Phone(opened, "10021").tap()
    assert (view.way, view.lesson_venue_id, view.venue_name, view.at) == ("phone", None, None, NOW)


@pytest.mark.parametrize("by", ["director", "venue1", "secretary"])
async def test_who_is_not_on_the_roster_does_not_sign_in(opened, by):
    assert await refused(Phone(opened, by).tap()) == "not_on_roster"
    phone = Phone(opened, by)
    await phone.scan((await shown(opened))[0].token)
    assert await refused(phone.sign_in()) == "not_on_roster"
    assert await rows(opened) == ()


async def test_signing_in_is_open_from_the_opening_to_the_end(stage):
    assert await refused(Phone(stage, "10021").tap()) == "not_on_roster"  # nothing is frozen yet
    await stage.step("open")
    await Phone(stage, "10021").tap()
    await stage.step("start")
    await Phone(stage, "10022").tap()
    await stage.step("end")
    assert await refused(Phone(stage, "10023").tap()) == "sign_in_closed"


async def test_late_after_the_grace_period(live):
    begins = (await live.lesson()).starts_at
    assert not (await Phone(live, "10021").tap(begins + 10 * MINUTE)).late
    assert (await Phone(live, "10022").tap(begins + 10 * MINUTE + SECOND)).late


# ---- 协助签到 and leaving ---------------------------------------------------------------------------------


async def help_in(stage, by, number, venue=None, *, now=NOW, command=None):
    return await assist(
        stage.house,
        await stage.who(by),
        stage.lesson_id,
        command or command_id(),
        member_id=demo_id(f"member {number}"),
        lesson_venue_id=venue,
        now=now,
    )


async def leave(stage, by, number, now=NOW, command=None, **more):
    who, member_id = await stage.who(by), demo_id(f"member {number}")
    command = command or command_id()
    return await mark_departure(stage.house, who, stage.lesson_id, command, member_id=member_id, now=now, **more)


async def test_a_venue_helps_those_in_its_room(opened):
    view = await help_in(opened, "venue1", 10001)
    assert (view.way, view.venue_name, view.at) == ("assisted", "第一分会场", NOW)
    assert await help_in(opened, "venue1", 10001, now=NOW + MINUTE) == view
    assert (await rows(opened))[0].account_id == demo_id("venue1")
    other = (await opened.lesson()).venues[2].id
    assert await refused(help_in(opened, "venue1", 10002, other)) == "forbidden"
    assert await refused(help_in(opened, "10001", 10002)) == "forbidden"


async def test_a_secretary_helps_the_people_of_his_own_units_anywhere(opened):
    room = (await opened.lesson()).venues[2].id
    assert (await help_in(opened, "secretary", 10001, room)).lesson_venue_id == room
    assert (await help_in(opened, "secretary", 10002)).lesson_venue_id is None
    assert await refused(help_in(opened, "secretary", 10041)) == "forbidden"


async def test_nobody_vouches_for_the_own_attendance(opened):
    grant, room = RoleGrant(Role.SECRETARY, demo_id("综合党支部")), (await opened.lesson()).venues[2].id
    await opened.records.write(lambda tx: tx.accounts.add([], [(demo_id("10001"), grant)]))
    assert await refused(help_in(opened, "10001", 10001, room)) == "forbidden"
    assert (await help_in(opened, "10001", 10002, room)).lesson_venue_id == room
    await help_in(opened, "venue1", 10001)
    await leave(opened, "venue1", 10001)
    assert await refused(leave(opened, "10001", 10001, left=False)) == "forbidden"


async def test_one_command_helps_one_member(opened):
    command = command_id()
    view = await help_in(opened, "venue1", 10001, command=command)
    assert await refused(help_in(opened, "venue1", 10002, command=command)) == "command_reused"
    assert await refused(help_in(opened, "director", 10001, command=command)) == "command_reused"
    assert [row.member_id for row in await rows(opened)] == [view.member_id]
    await opened.step("start", "end")
    assert await help_in(opened, "venue1", 10001, command=command) == view


async def test_a_late_retry_of_leaving_does_not_undo_the_coming_back(opened):
    await help_in(opened, "venue1", 10061)
    left, back = command_id(), command_id()
    await leave(opened, "venue1", 10061, command=left)
    await leave(opened, "venue1", 10061, command=back, left=False)
    await leave(opened, "venue1", 10061, command=left)
    assert (await rows(opened))[0].left_at is None
    assert await refused(leave(opened, "venue1", 10061, command=back)) == "command_reused"


async def test_staff_help_anybody_on_the_roster_anywhere(opened):
    hall = (await opened.lesson()).venues[0].id
    assert (await help_in(opened, "director", 10061, hall)).venue_name == "主会场"
    assert (await help_in(opened, "director", 10062)).lesson_venue_id is None
    assert await refused(help_in(opened, "director", 10999)) == "member_not_found"
    assert await refused(help_in(opened, "director", 10063, demo_id("没有"))) == "venue_not_found"
    await opened.step("start", "end")
    assert await refused(help_in(opened, "director", 10064)) == "sign_in_closed"


async def test_one_operator_helps_many_with_one_device(opened):
    for number in (10061, 10062, 10063):
        await help_in(opened, "venue1", number)
    assert len(await rows(opened)) == 3


async def test_a_venue_marks_who_left_its_room_and_takes_it_back(opened):
    await help_in(opened, "venue1", 10061)
    await leave(opened, "venue1", 10061, NOW + MINUTE)
    await leave(opened, "venue1", 10061, NOW + 2 * MINUTE)
    (row,) = await rows(opened)
    assert (row.left_at, row.left_by) == (NOW + MINUTE, demo_id("venue1"))
    await leave(opened, "venue1", 10061, left=False)
    assert (await rows(opened))[0].left_at is None
    assert await refused(leave(opened, "venue2", 10061)) == "member_not_found"
    assert await refused(leave(opened, "venue1", 10062)) == "member_not_found"
    await leave(opened, "director", 10061)
    assert await refused(leave(opened, "10061", 10061)) == "forbidden"
