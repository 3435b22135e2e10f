"""A certificate from the last video of its course to its check and its end, on SQLite and PostgreSQL."""

import asyncio
from dataclasses import asdict

import pytest

from server.domain.micro_studies import MicroStudy
from server.domain.micro_terms import MicroTerms
from server.services import course_certificates as certificates
from server.services.demo import ROOT, demo_id
from server.services.erasures import erase
from server.store.records import SqlTransaction
from tests.services.conftest import command_id, refused
from tests.services.test_micro_studies import MEMBER, NOW, Player, at, film, shown  # noqa: F401 - a fixture


async def own(stage, number=MEMBER):
    return await certificates.own_certificates(stage.records, await stage.who(number))


async def claim(stage, number=MEMBER):
    who = await stage.who(number)
    return await certificates.claim_certificate(stage.records, who, stage.course_id, command_id(), at(200))


async def listed(stage, number, limit=50, cursor=None):
    who = await stage.who(number)
    return await certificates.list_certificates(
        stage.records, who, stage.course_id, limit=limit, cursor=cursor, now=at(200)
    )


async def check(stage, number):
    return await certificates.check_certificate(stage.records, number)


async def done(stage, number, seconds=0):
    """As if the video had been watched."""
    who = await stage.who(number)
    study = MicroStudy(
        *(command_id(), stage.video_id, who.member_id, who.unit_id, MicroTerms(), None),
        *(25, 0, False, NOW),
        progress=100,
        done_at=NOW,
    )
    await stage.records.write(lambda tx: tx.studies.add(study))
    return await certificates.claim_certificate(stage.records, who, stage.course_id, command_id(), at(seconds))


async def test_the_last_video_of_a_course_brings_its_certificate_once(shown):  # noqa: F811
    first, second = shown.video_id, await film(shown, "火场逃生", position=2)
    await Player(shown).watch()
    assert await own(shown) == ()
    assert await refused(claim(shown)) == "certificate_not_earned"
    shown.video_id = second
    await Player(shown).watch()
    (one,) = await own(shown)
    assert (one.course.name, one.videos, one.tests, one.hundredths, one.state) == ("消防安全微课", 2, 0, 50, "genuine")
    assert (await claim(shown)).id == one.id
    shown.video_id = await film(shown, "急救", position=3)
    assert await own(shown) == (one,), "what was earned stays"
    assert first != second


async def test_two_claims_at_once_are_one_certificate(shown):  # noqa: F811
    await Player(shown).watch()
    made = await asyncio.gather(*(claim(shown) for _ in range(4)))
    assert len({each.number for each in made}) == len(await own(shown)) == 1


async def test_whoever_has_the_number_is_told_as_little_as_proves_it(shown):  # noqa: F811
    await Player(shown).watch()
    (one,) = await own(shown)
    told = await check(shown, one.number.lower())
    assert (told.state, told.course, told.issuer, told.number) == ("genuine", "消防安全微课", ROOT, one.number)
    assert "＊" in str(told.name)
    assert told.name != one.member.name
    for typed in ("", "x", "0" * 15 + "1", one.number[:-1], "7" * 5000):
        unknown = await check(shown, typed)
        assert {**asdict(unknown), "number": ""} == {**dict.fromkeys(asdict(unknown)), "state": "unknown", "number": ""}


async def test_the_school_withdraws_and_whoever_checks_is_told(shown):  # noqa: F811
    await Player(shown).watch()
    (one,) = await own(shown)

    async def withdraw(number):
        who = await shown.who(number)
        return await certificates.withdraw_certificate(
            shown.records, who, one.id, command_id(), reason="代学", now=at(300)
        )

    assert await refused(withdraw(MEMBER)) == "forbidden"
    assert await refused(withdraw("10002")) in {"certificate_not_found", "forbidden"}
    assert (await withdraw("admin")).state == "withdrawn"
    assert await refused(withdraw("admin")) == "certificate_withdrawn"
    told = await check(shown, one.number)
    assert (told.state, told.name, told.course, told.withdrawn_at) == ("withdrawn", None, None, at(300))
    printed = certificates.printable_certificate(shown.records, await shown.who(MEMBER), one.id, at(400))
    assert await refused(printed) == "certificate_withdrawn"
    assert (await claim(shown)).state == "withdrawn", "it is not earned a second time"


async def test_a_list_holds_those_whom_one_answers_for_page_by_page(shown):  # noqa: F811
    made = [await done(shown, number, seconds) for seconds, number in enumerate(("10001", "10002", "10003"))]
    whole = await listed(shown, "admin")
    assert [each.id for each in whole.items] == [each.id for each in reversed(made)]
    assert (whole.may_withdraw, whole.next_cursor) == (True, None)
    first = await listed(shown, "admin", limit=2)
    rest = await listed(shown, "admin", limit=2, cursor=first.next_cursor)
    assert (*first.items, *rest.items) == whole.items
    assert await refused(listed(shown, MEMBER)) == "forbidden"
    assert await refused(listed(shown, "secadmin")) in {"course_not_found", "forbidden"}
    theirs = await listed(shown, "secretary")
    assert not theirs.may_withdraw
    assert set(theirs.items) <= set(whole.items)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_secretary_prints_for_the_own_branch_and_nobody_for_another(shown):  # noqa: F811
    one = await done(shown, MEMBER)

    async def prints(number):
        who = await shown.who(number)
        return await certificates.printable_certificate(shown.records, who, one.id, at(200))

    for number in (MEMBER, "admin"):
        assert (await prints(number)).id == one.id
    for number in ("10002", "lecturer", "secadmin", "auditor"):
        assert await refused(prints(number)) == "certificate_not_found"


async def test_of_who_is_erased_it_says_withdrawn_and_no_name(shown):  # noqa: F811
    one = await done(shown, MEMBER)
    await erase(
        *(shown.house, await shown.who("secadmin"), demo_id(MEMBER), command_id()),
        reason="本人申请",
        confirm=MEMBER,
        now=at(300),
    )
    told = await check(shown, one.number)
    assert (told.state, told.name, told.course) == ("withdrawn", None, None)

    def name(tx: SqlTransaction):
        return tx.certificates.get(one.id).name

    assert one.member.name not in await shown.records.read(name)
