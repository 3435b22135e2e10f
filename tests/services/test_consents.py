"""What people are asked to agree to: versions, acceptances, counts."""

import pytest

from server.services.consents import accept, asked, list_consents, own_consent, publish
from server.services.demo import demo_id
from server.services.login import whoami
from server.services.roles import set_disabled
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW


async def put(stage, text="请阅读并同意。", *, after=0, by="secadmin", command=None):
    who, key = await stage.who(by), command or command_id()
    return await publish(stage.records, who, key, text=text, text_en="", after=after, now=NOW)


async def agree(stage, number, version=1):
    who = await stage.who(number)
    await accept(stage.records, who, version, command_id(), address="192.0.2.7", device="Chrome", now=NOW)


async def asked_of(stage, number):
    return (await whoami(stage.records, await stage.who(number), NOW)).consent


async def test_nobody_is_asked_before_a_text_was_published(stage):
    assert await asked_of(stage, "10001") is None
    assert (await own_consent(stage.records, await stage.who("10001"))).current is None
    assert await refused(agree(stage, "10001")) == "consent_outdated"


async def test_whoever_has_accepted_is_not_asked_again_before_there_is_another_version(stage):
    await put(stage)
    assert await asked_of(stage, "10001") == 1
    await agree(stage, "10001")
    await agree(stage, "10001")
    assert await asked_of(stage, "10001") is None
    await put(stage, "第二版。", after=1)
    assert await asked_of(stage, "10001") == 2
    assert await refused(agree(stage, "10001")) == "consent_outdated"


async def test_an_acceptance_is_kept_with_when_and_whence(stage):
    await put(stage)
    await agree(stage, "10001")
    kept = await stage.records.read(lambda tx: tx.consents.accepted(demo_id("10001"), 1))
    assert (kept.at, kept.address, kept.device) == (NOW, "192.0.2.7", "Chrome")
    assert (await own_consent(stage.records, await stage.who("10001"))).accepted_at == NOW


async def test_a_venue_is_asked_nothing(stage):
    await put(stage)
    assert await asked_of(stage, "venue1") is None
    assert await refused(agree(stage, "venue1")) == "forbidden"
    venue = await stage.who("venue1")
    assert await stage.records.read(lambda tx: asked(tx, venue)) is None


@pytest.mark.parametrize("number", ["admin", "director", "secretary", "10001", "venue1"])
async def test_only_the_system_and_the_security_administrator_publish(stage, number):
    assert await refused(put(stage, by=number)) == "forbidden"


async def test_two_who_publish_at_once_do_not_overtake_each_other(stage):
    key = command_id()
    first = await put(stage, command=key)
    assert await put(stage, command=key) == first
    assert await refused(put(stage, "另一版。")) == "consent_outdated"


async def test_staff_sees_counts_of_who_can_still_log_in(stage):
    await put(stage)
    for number in ("10001", "10002", "10003"):
        await agree(stage, number)
    security = await stage.who("secadmin")
    await set_disabled(stage.house, security, demo_id("10003"), command_id(), disabled=True, now=NOW)
    seen = await list_consents(stage.records, await stage.who("admin"), NOW)
    assert [(one.version, one.accepted) for one in seen.items] == [(1, 2)]
    assert seen.people > 2
    assert not seen.edits
    assert (await list_consents(stage.records, security, NOW)).edits
    for number in ("director", "secretary", "10001", "venue1"):
        assert await refused(list_consents(stage.records, await stage.who(number), NOW)) == "forbidden"
