"""A person's data given out: by oneself, paced; by the security administrator, with a reason; to nobody else."""

import datetime as dt
import io
import zipfile

import pytest

from server.domain import data_exports as rules
from server.domain.data_exports import KEPT
from server.services import data_paper
from server.services.data_exports import (
    DataExporter,
    ask_of,
    ask_own,
    cancel_export,
    file_of,
    forget_old_data_exports,
    list_asked,
    list_own,
)
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

DAY = dt.timedelta(days=1)


async def own(stage, number="10001", now=NOW):
    return await ask_own(stage.house, await stage.who(number), command_id(), now)


async def made(stage, now=NOW):
    return await DataExporter(stage.house, lambda: now).step()


async def load(stage, export, number, now=NOW):
    return await file_of(stage.house, await stage.who(number), export.id, now)


async def test_a_member_is_given_the_own_data_for_a_week(stage):
    export = await own(stage)
    assert await refused(load(stage, export, "10001")) == "export_not_ready"
    assert await made(stage)
    assert not await made(stage)
    (seen,) = await list_own(stage.house, await stage.who("10001"))
    assert (seen.state, seen.progress, seen.expires_at) == ("done", 100, NOW + KEPT)
    with zipfile.ZipFile(io.BytesIO(await load(stage, export, "10001"))) as archive:
        assert {"index.html", "identity.json", "access.json"} <= set(archive.namelist())
        assert "hash of" not in "".join(archive.read(name).decode() for name in archive.namelist())
    assert await refused(load(stage, export, "10001", NOW + KEPT)) == "export_gone"
    assert await forget_old_data_exports(stage.house, NOW + KEPT + DAY) == 1


async def test_an_administrator_asks_twenty_times_a_day_and_of_one_person_one_at_a_time(stage, monkeypatch):
    security = await stage.who("secadmin")

    async def ask(number, now=NOW):
        return await ask_of(stage.house, security, command_id(), number=number, reason="本人书面申请", now=now)

    await ask("10001")
    assert await refused(ask("10001")) == "too_fast"
    monkeypatch.setattr(rules, "MOST_OF_OTHERS_A_DAY", 2)
    await ask("10002")
    assert await refused(ask("10003")) == "too_fast"
    while await made(stage):
        pass
    await ask("10003", NOW + DAY)


async def test_one_that_is_too_large_ends_with_the_reason(stage, monkeypatch):
    export = await own(stage)
    monkeypatch.setattr(data_paper, "MOST_BYTES", 100)
    assert await made(stage)
    (seen,) = await list_own(stage.house, await stage.who("10001"))
    assert (seen.id, seen.state, seen.code) == (export.id, "failed", "export_too_large")


@pytest.mark.parametrize("number", ["10002", "secadmin", "admin", "auditor"])
async def test_nobody_else_learns_of_somebodys_own_export(stage, number):
    export = await own(stage)
    await made(stage)
    assert await refused(load(stage, export, number)) == "job_not_found"
    assert await refused(cancel_export(stage.house, await stage.who(number), export.id, NOW)) == "job_not_found"


async def test_three_a_day_and_one_at_a_time(stage):
    for _ in range(3):
        await own(stage)
        assert await refused(own(stage)) == "too_fast"
        await made(stage)
    assert await refused(own(stage)) == "too_fast"
    await own(stage, now=NOW + DAY)


async def test_the_security_administrator_asks_with_a_reason(stage):
    security = await stage.who("secadmin")
    export = await ask_of(stage.house, security, command_id(), number="10001", reason="本人书面申请", now=NOW)
    await made(stage)
    assert await load(stage, export, "secadmin")
    assert [one.reason for one in await list_asked(stage.house, security, NOW)] == ["本人书面申请"]
    assert await list_own(stage.house, await stage.who("10001")) == ()
    assert await refused(load(stage, export, "10001")) == "job_not_found"


@pytest.mark.parametrize("number", ["10001", "admin", "auditor", "secretary", "venue1"])
async def test_others_ask_for_nobodys_data(stage, number):
    who = await stage.who(number)
    asking = ask_of(stage.house, who, command_id(), number="10001", reason="想看看", now=NOW)
    assert await refused(asking) == "forbidden"
    assert await refused(list_asked(stage.house, who, NOW)) == "forbidden"


async def test_a_venue_has_no_data_of_its_own(stage):
    assert await refused(own(stage, "venue1")) == "forbidden"


async def test_an_export_that_was_cancelled_is_not_made(stage):
    export = await own(stage)
    who = await stage.who("10001")
    assert (await cancel_export(stage.house, who, export.id, NOW)).state == "cancelled"
    assert (await cancel_export(stage.house, who, export.id, NOW)).state == "cancelled"
    assert not await made(stage)
    assert await refused(load(stage, export, "10001")) == "export_not_ready"
