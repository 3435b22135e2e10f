"""Who comes in with a hall is read as if alone: the login, the door, the proof."""

import datetime as dt

from server.domain.refusals import Refusal
from server.seals import SignInSeal
from server.services.callers import CallerLook, caller_of, look_up_callers
from server.services.demo import demo_id
from server.services.doorways import Knock, door_of, knock_all
from server.services.login import digest, login, logout
from server.services.sign_in_codes import held_proof, redeem, venue_codes
from tests.services.conftest import QuickPasswords
from tests.store.samples import NOW

SEAL = SignInSeal(b"k" * 32)
EVERYBODY = ("admin", "director", "secretary", "lecturer", "auditor", "venue1", "10001", "10002", "10061", "10062")


async def test_many_logins_are_looked_up_as_each_alone(stage):
    tokens = {}
    for number in EVERYBODY:
        entered = await login(stage.records, QuickPasswords(), number, "dangxiao", address="192.0.2.1", now=NOW)
        tokens[number] = entered.token
    await logout(stage.records, stage.house.fanout, tokens["10002"])
    await stage.records.write(lambda tx: tx.accounts.set_disabled(demo_id("lecturer"), disabled=True))
    moments = (NOW, NOW + dt.timedelta(days=1), NOW + dt.timedelta(days=8), NOW + dt.timedelta(days=40))
    looks = [CallerLook(digest(token), at) for token in (*tokens.values(), "nobody's") for at in moments]

    def both(tx):
        return look_up_callers(tx, looks), [caller_of(tx, look.login, look.now) for look in looks]

    together, alone = await stage.records.read(both)
    assert together == alone
    here = {number for number, token in tokens.items() if alone[looks.index(CallerLook(digest(token), NOW))]}
    assert here == set(EVERYBODY) - {"10002", "lecturer"}


async def test_many_doors_are_read_as_each_alone(opened):
    codes = await venue_codes(opened.records, SEAL, await opened.who("venue1"), opened.lesson_id, venue=None, now=NOW)
    scanned = ("10061", "10062", "director")
    for number in scanned:
        await redeem(opened.house, SEAL, codes.codes[0].token, f"secret of {number}", "192.0.2.1", now=NOW)
    later = NOW + dt.timedelta(minutes=11)
    people = {number: await opened.who(number) for number in ("10001", "10002", "10061", "10062", "director", "venue1")}
    knocks = [Knock(who, opened.lesson_id, now=NOW) for who in people.values()]
    knocks += [Knock(people[number], "", f"secret of {number}", now=at) for number in scanned for at in (NOW, later)]
    knocks += [Knock(people["10001"], "", secret, now=NOW) for secret in ("", "never redeemed")]
    knocks += [Knock(people["10001"], demo_id("no such lesson"), now=NOW)]

    def alone(tx, knock):
        try:
            if knock.secret is None:
                return None, door_of(tx, knock.principal, knock.lesson_id, now=knock.now)
            proof = held_proof(tx, knock.secret, knock.now)
            place = proof.lesson_venue_id
            return proof, door_of(tx, knock.principal, proof.lesson_id, place=place, now=knock.now)
        except Refusal as refusal:
            return refusal.code

    def both(tx):
        return knock_all(tx, knocks), [alone(tx, knock) for knock in knocks]

    found, expected = await opened.records.read(both)
    assert [answer.code if isinstance(answer, Refusal) else answer for answer in found] == expected
    assert {answer for answer in expected if isinstance(answer, str)} == {
        "not_on_roster",
        "proof_missing",
        "lesson_not_found",
    }
    assert sum(not isinstance(answer, str) for answer in expected) >= 6
