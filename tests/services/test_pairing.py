"""Venue devices: a screen's code typed by who answers for the venue, a login of its own, taken away at once."""

import asyncio
import dataclasses
import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import AccountKind
from server.domain.accounts import Account
from server.domain.pairing import (
    LENGTH,
    LETTERS,
    LIFE,
    MOST_DEVICES,
    MOST_OF_NETWORK,
    MOST_WAITING,
    Pairing,
    falls_out,
    network_of,
    typed,
)
from server.seals import PairingSeal
from server.services.demo import ROOT, demo_id
from server.services.login import authenticate, digest, forget_old
from server.services.pairing import Screen, WaitingScreen, fetch_login, list_devices, look, pair, revoke, show_code
from server.services.roles import set_disabled
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

SEAL = PairingSeal(b"k" * 32)
SCREEN = Screen("Chrome on Windows", "192.0.2.7")
VENUE, OTHER = demo_id("第一分会场"), demo_id("第二分会场")


async def shown(stage, now=NOW):
    return await show_code(stage.records, SEAL, SCREEN, now)


async def paired(stage, code, *, by="admin", venue=VENUE, command=None, now=NOW):
    asked = {"code": code, "name": "讲台电脑", "now": now}
    return await pair(stage.house, SEAL, await stage.who(by), venue, command or command_id(), **asked)


async def fetched(stage, screen, *, secret=None, now=NOW):
    return await fetch_login(stage.house, screen.id, secret or screen.secret, SCREEN, now=now)


async def operator(stage, venue="第一分会场"):
    """A person who operates a venue."""
    account = Account("op", "op", "会场操作员", AccountKind.PERSON, unit_id=demo_id(ROOT), venue_id=demo_id(venue))
    await stage.records.write(lambda tx: tx.accounts.add([account], []))
    return await stage.records.read(lambda tx: tx.accounts.principal("op", NOW.date()))


async def test_which_screen_shows_a_code_is_looked_at_before_it_is_paired(stage):
    screen, admin = await shown(stage), await stage.who("admin")

    async def seen(code=screen.code, by=admin, now=NOW):
        return await look(stage.records, SEAL, by, VENUE, code=code, now=now)

    assert await seen() == WaitingScreen(SCREEN.browser, SCREEN.address, NOW, None)
    for networks, within in (("192.0.2.0/24", True), ("198.51.100.0/24", False)):
        await stage.records.write(lambda tx, n=networks: tx.venues.set_network(VENUE, [n], shares_device=False))
        assert (await seen()).within is within
    assert await fetched(stage, screen) is None  # nothing was paired by looking
    assert await refused(seen("ABCDEFGH")) == "pairing_not_found"
    assert await refused(seen(now=NOW + LIFE)) == "pairing_not_found"
    assert await refused(seen(by=await stage.who("10001"))) == "forbidden"


async def test_a_screen_that_was_paired_logs_in_as_a_device_of_its_venue(stage):
    screen = await shown(stage)
    assert len(screen.code) == LENGTH
    assert set(screen.code) <= set(LETTERS)
    assert await fetched(stage, screen) is None
    view = await paired(stage, f"{screen.code[:4].lower()} {screen.code[4:]}")
    assert (view.name, view.venue_id, view.paired_by.id, view.used_at) == ("讲台电脑", VENUE, demo_id("admin"), None)
    entered = await fetched(stage, screen)
    assert (entered.me.kind, entered.me.venue.id, entered.me.roles) == (AccountKind.DEVICE, VENUE, ())
    assert not entered.me.password_set
    assert entered.expires_at - NOW > dt.timedelta(days=365)
    later = await authenticate(stage.records, entered.token, NOW + dt.timedelta(days=300))
    assert later.venue_id == VENUE
    listed = await list_devices(stage.house, await stage.who("admin"), VENUE, NOW)
    assert [(one.used_at, one.address) for one in listed] == [(NOW, SCREEN.address)]


async def test_what_is_kept_of_a_code_opens_nothing(stage):
    screen = await shown(stage)
    kept = await stage.records.read(lambda tx: dataclasses.asdict(tx.devices.pairing(screen.id)))
    assert not {screen.code, screen.secret} & {str(value) for value in kept.values()}


async def test_a_code_pairs_one_device_and_a_retry_of_the_command_gives_it_again(stage):
    screen, command = await shown(stage), command_id()
    first = await paired(stage, screen.code, command=command)
    assert await paired(stage, screen.code, command=command) == first
    assert await refused(paired(stage, screen.code)) == "pairing_not_found"
    assert len(await list_devices(stage.house, await stage.who("admin"), VENUE, NOW)) == 1


async def test_two_who_type_the_same_code_at_once_pair_one_device(stage):
    screen = await shown(stage)
    both = [paired(stage, screen.code, venue=venue) for venue in (VENUE, OTHER)]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(getattr(result, "code", "paired") for result in results) == ["paired", "pairing_not_found"]


async def test_a_lost_answer_is_fetched_again_and_ends_the_login_before(stage):
    screen = await shown(stage)
    await paired(stage, screen.code)
    first, second = await fetched(stage, screen), await fetched(stage, screen)
    assert await refused(authenticate(stage.records, first.token, NOW)) == "not_logged_in"
    assert (await authenticate(stage.records, second.token, NOW)).venue_id == VENUE


async def test_codes_end_and_only_the_browser_that_showed_one_fetches_its_login(stage):
    screen = await shown(stage)
    assert await refused(paired(stage, "ABCDEFGH")) == "pairing_not_found"
    assert await refused(paired(stage, screen.code, now=NOW + LIFE)) == "pairing_not_found"
    await paired(stage, screen.code)
    assert await refused(fetched(stage, screen, secret="x" * 43)) == "pairing_not_found"
    assert await refused(fetched(stage, screen, now=NOW + LIFE)) == "pairing_not_found"
    await forget_old(stage.records, NOW + LIFE)
    assert await stage.records.read(lambda tx: tx.devices.pairing(screen.id)) is None


async def test_who_answers_for_a_venue_pairs_and_nobody_else(stage):
    screen = await shown(stage)
    for number in ("director", "secretary", "lecturer", "10001", "venue1"):
        assert await refused(paired(stage, screen.code, by=number)) == "forbidden"
    own = await operator(stage)
    typing = {"code": screen.code, "name": "讲台电脑", "now": NOW}
    assert await refused(pair(stage.house, SEAL, own, OTHER, command_id(), **typing)) == "forbidden"
    assert (await pair(stage.house, SEAL, own, VENUE, command_id(), **typing)).paired_by.id == "op"
    assert await refused(paired(stage, screen.code, venue=demo_id("nowhere"))) == "venue_not_found"


async def test_a_device_that_is_revoked_is_out_at_once_for_good(stage):
    screen = await shown(stage)
    view = await paired(stage, screen.code)
    entered = await fetched(stage, screen)
    async with stage.house.fanout.subscribe(None) as hints:
        admin, asked = await stage.who("admin"), {"device_id": view.id, "now": NOW}
        assert await refused(revoke(stage.house, admin, OTHER, command_id(), **asked)) == "device_not_found"
        gone = await revoke(stage.house, admin, VENUE, command_id(), **asked)
        hint = await hints.next()
    assert digest(entered.token) in str(hint)
    assert (gone.revoked_at, gone.revoked_by.id) == (NOW, demo_id("admin"))
    assert await refused(authenticate(stage.records, entered.token, NOW)) == "not_logged_in"
    assert await refused(fetched(stage, screen)) == "pairing_not_found"
    again = await revoke(stage.house, admin, VENUE, command_id(), device_id=view.id, now=NOW + LIFE)
    assert again.revoked_at == NOW


def waits(number, address, at=NOW):
    return Pairing(f"p{number:04}", f"c{number}", "s", "", address, at, at + LIFE)


async def test_who_asks_from_few_addresses_pushes_out_the_own_screens_alone(stage):
    honest = await shown(stage)

    def crowd(tx):
        for number in range(MOST_WAITING - 1):
            tx.devices.wait(waits(number, f"198.51.{number % 9}.{number % 200}"))

    await stage.records.write(crowd)
    await shown(stage)
    left = await stage.records.read(lambda tx: {one.id for one in tx.devices.waiting(NOW)})
    assert len(left) == MOST_WAITING
    assert honest.id in left
    assert (await paired(stage, honest.code)).name == "讲台电脑"


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 50)), max_size=560), st.integers(0, 12))
def test_room_is_made_in_the_fullest_network_and_the_oldest_goes(others, mine):
    waiting = [waits(n, f"10.0.{net}.{n % 250}", NOW + dt.timedelta(seconds=s)) for n, (net, s) in enumerate(others)]
    newcomer = waits(9999, f"10.0.{mine}.1")
    gone = falls_out(waiting, newcomer)
    sizes = Counter(network_of(one.address) for one in [*waiting, newcomer])
    if gone is None:
        assert len(waiting) < MOST_WAITING
        assert sizes[network_of(newcomer.address)] <= MOST_OF_NETWORK
        return
    its = network_of(gone.address)
    assert its == network_of(newcomer.address) or sizes[its] == max(sizes.values())
    assert gone.created_at == min(one.created_at for one in waiting if network_of(one.address) == its)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("::ffff:192.0.2.1", "192.0.2.9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("", "unknown", False),
    ],
)
def test_neighbours_share(one, other, same):
    assert (network_of(one) == network_of(other)) is same


async def test_a_venue_that_is_not_used_any_more_gets_no_device(stage):
    screen = await shown(stage)
    await stage.records.write(lambda tx: tx.venues.save(dataclasses.replace(tx.venues.get(VENUE), retired=True)))
    assert await refused(paired(stage, screen.code)) == "venue_retired"


async def test_a_device_that_was_revoked_is_not_enabled_again(stage):
    view = await paired(stage, (await shown(stage)).code)
    device = await stage.records.read(lambda tx: tx.devices.get(view.id))
    await revoke(stage.house, await stage.who("admin"), VENUE, command_id(), device_id=view.id, now=NOW)
    security = await stage.who("secadmin")

    async def turn(disabled):
        await set_disabled(stage.house, security, device.account_id, command_id(), disabled=disabled, now=NOW)

    assert await refused(turn(False)) == "device_revoked"
    await turn(True)
    assert await stage.records.read(lambda tx: tx.accounts.principal(device.account_id, NOW.date())) is None


async def test_devices_are_bounded(stage):
    later = NOW + LIFE
    for _ in range(MOST_DEVICES):
        last = await paired(stage, (await shown(stage, later)).code, now=later)
    screen = await shown(stage, later)
    assert await refused(paired(stage, screen.code, now=later)) == "devices_full"
    await revoke(stage.house, await stage.who("admin"), VENUE, command_id(), device_id=last.id, now=later)
    assert (await paired(stage, screen.code, now=later)).id != last.id


@pytest.mark.parametrize("text", ["abcdefgh", "ABCD-EFGH", " ａｂｃｄ efgh "])
def test_letters_count_however_they_are_typed(text):
    assert typed(text) == "ABCDEFGH"
