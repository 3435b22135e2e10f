"""Doubtful sign-ins: listed for a person, decided with a reason, never punished; and what a relayed code comes to."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.findings import Outcome
from server.domain.proof import Doubt, Level
from server.services.findings import decide_doubt, list_doubts
from server.services.sign_in_codes import redeem, venue_codes
from server.services.sign_ins import Browser, sign_in_by_proof
from server.services.venue_networks import list_networks, set_network
from server.services.verdicts import own_verdict
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import BEGINS, ENDS, member, move, seen, sign_in, venue_id, venue_seen
from tests.services.test_sign_ins import SEAL
from tests.store.samples import NOW

SECOND = dt.timedelta(seconds=1)
ROOM, MOBILE = "192.168.8.40", "203.0.113.7"
IN_BRANCH = "10061"
"""Of the branch that gathers at venue1; the secretary's people are 10001 and following."""


async def network(stage, number="venue1", **more):
    venue = (await stage.who(number)).venue_id
    wish = {"networks": ["192.168.8.0/24"], "shares_device": False, **more}
    return await set_network(stage.house, await stage.who("admin"), venue, command_id(), **wish, now=NOW)


async def scan(stage, number, *, after, address, device=None):
    """The code that began to show at NOW, used so much later from there."""
    code = (
        await venue_codes(stage.records, SEAL, await stage.who("venue1"), stage.lesson_id, venue=None, now=NOW)
    ).codes
    secret, now = f"secret of {number}", code[0].shows_at + after
    await redeem(stage.house, SEAL, code[0].token, secret, address, now=now)
    browser = Browser(device or f"device of {number}", address)
    who = await stage.who(number)
    return await sign_in_by_proof(stage.house, who, command_id(), secret=secret, browser=browser, now=now)


async def doubted(stage, by="admin"):
    return await list_doubts(stage.records, await stage.who(by), stage.lesson_id, NOW)


async def decide(stage, number, outcome=Outcome.DISMISSED, by="admin", **more):
    wish = {"member_id": member(number), "outcome": outcome, "reason": "现场核对过", "now": NOW, **more}
    return await decide_doubt(stage.house, await stage.who(by), stage.lesson_id, command_id(), **wish)


@pytest.fixture
async def opened(stage):
    await network(stage)
    await move(stage, "open", NOW)
    return stage


@pytest.mark.parametrize(
    ("after_s", "address", "came"),
    [
        (2, MOBILE, Level.FAIR),
        (5, MOBILE, Level.FAIR),
        (9, MOBILE, Level.WEAK),
        (10, MOBILE, "sign_in_code_expired"),
        (20, MOBILE, "sign_in_code_expired"),
        (2, ROOM, Level.STRONG),
        (9, ROOM, Level.STRONG),
    ],
)
async def test_what_comes_of_a_photographed_code(opened, after_s, address, came):
    """Honestly: within its ten seconds it passes from anywhere. What is not from the room is never strong by that,
    and what came at the last moment is listed.
    """
    if not isinstance(came, Level):
        assert await refused(scan(opened, IN_BRANCH, after=after_s * SECOND, address=address)) == came
        return
    await scan(opened, IN_BRANCH, after=after_s * SECOND, address=address)
    await venue_seen(opened, await venue_id(opened, "venue1"))
    await move(opened, "start", BEGINS)
    await move(opened, "end", ENDS)
    await move(opened, "settle", ENDS)
    evidence = (await own_verdict(opened.records, await opened.who(IN_BRANCH), opened.lesson_id, ENDS)).evidence
    assert (evidence.level, evidence.latency_ms, evidence.at_network) == (came, after_s * 1000, address == ROOM)
    assert evidence.doubts == ((Doubt.SENT_ON,) if came is Level.WEAK else ())


async def test_a_doubtful_sign_in_stands_and_waits_for_a_person(opened):
    await scan(opened, IN_BRANCH, after=9 * SECOND, address=MOBILE)
    await scan(opened, "10062", after=9 * SECOND, address=ROOM)
    (view,) = await doubted(opened)
    assert (view.member.id, view.level, view.open, view.finding) == (member(IN_BRANCH), Level.WEAK, True, None)
    assert [(d.code, d.text) for d in view.doubts] == [(Doubt.SENT_ON, "不在会场网络，且签到码快失效时才使用")]
    decided = await decide(opened, IN_BRANCH)
    assert (decided.open, decided.finding.outcome, decided.finding.by) == (False, Outcome.DISMISSED, "管理员")
    said = next(e for e in await opened.events() if e.kind == "sign_in.looked_at")
    assert (said.audience, said.data["outcome"]) == ("staff", "dismissed")
    again = await decide(opened, IN_BRANCH, Outcome.CONFIRMED, reason="本人承认不在会场", now=NOW + SECOND)
    assert (again.finding.outcome, again.finding.reason) == (Outcome.CONFIRMED, "本人承认不在会场")
    kept = await opened.records.read(lambda tx: tx.findings.of(opened.lesson_id))
    assert [each.outcome for each in kept] == [Outcome.DISMISSED, Outcome.CONFIRMED]
    assert await opened.records.read(lambda tx: tx.sign_ins.get(opened.lesson_id, member(IN_BRANCH))) is not None


async def test_a_phone_that_served_another_one_is_listed_without_a_sign_in(opened):
    await scan(opened, IN_BRANCH, after=SECOND, address=ROOM, device="one phone")
    assert await refused(scan(opened, "10062", after=2 * SECOND, address=ROOM, device="one phone")) == "device_taken"
    (view,) = await doubted(opened)
    assert (view.member.id, view.signed_in_at, view.level) == (member("10062"), None, None)
    assert [each.code for each in view.doubts] == [Doubt.DEVICE_TAKEN]


async def test_where_the_venue_shares_its_device_one_signs_in_after_the_other(opened):
    await network(opened, shares_device=True)
    for number in (IN_BRANCH, "10062", "10063"):
        await scan(opened, number, after=SECOND, address=ROOM, device="the room's tablet")
    assert await doubted(opened) == ()
    rows = await opened.records.read(lambda tx: tx.sign_ins.of(opened.lesson_id))
    assert [row.device_digest for row in rows] == [None] * 3


async def test_sixty_behind_one_address_all_pass_and_none_is_doubted(opened):
    for number in range(10061, 10081):
        await scan(opened, str(number), after=2 * SECOND, address=MOBILE)
    assert await doubted(opened) == ()


async def test_after_the_lesson_presence_and_checks_speak_too(opened):
    await sign_in(opened, "10001", "10002")
    await move(opened, "start", BEGINS)
    await seen(opened, "10001", until=ENDS)
    await seen(opened, "10002", until=BEGINS + dt.timedelta(minutes=5))
    assert await doubted(opened) == ()
    await move(opened, "end", ENDS)
    (view,) = await doubted(opened, by="secretary")
    assert (view.member.id, [each.code for each in view.doubts]) == (member("10002"), [Doubt.NOT_THERE])
    assert view.present_percent == 5


async def test_who_decides_is_responsible_for_the_member_and_another_one(opened):
    await scan(opened, IN_BRANCH, after=9 * SECOND, address=MOBILE)
    assert await doubted(opened, by="secretary") == ()
    assert await refused(decide(opened, IN_BRANCH, by="secretary")) == "forbidden"
    assert await refused(decide(opened, IN_BRANCH, by="director")) == "forbidden"
    assert await refused(decide(opened, "10062")) == "doubt_not_found"
    admin = replace(await opened.who("admin"), member_id=member(IN_BRANCH))
    asked = decide_doubt(
        *(opened.house, admin, opened.lesson_id, command_id()),
        **{"member_id": member(IN_BRANCH), "outcome": Outcome.DISMISSED, "reason": "是我", "now": NOW},
    )
    assert await refused(asked) == "doubt_own"


async def test_networks_are_set_by_who_plans_there(stage):
    view = await network(stage, networks=["192.168.8.9/24", "10.1.0.0/16"])
    assert view.networks == ("10.1.0.0/16", "192.168.8.0/24")
    listed = await list_networks(stage.records, await stage.who("admin"), NOW)
    assert {each.name: each.networks for each in listed}["第一分会场"] == view.networks
    venue = (await stage.who("venue1")).venue_id
    for by in ("secretary", "venue1", "director"):
        asked = set_network(
            stage.house, await stage.who(by), venue, command_id(), networks=[], shares_device=False, now=NOW
        )
        assert await refused(asked) == "forbidden"
