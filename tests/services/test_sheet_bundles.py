"""签到表 of many units in one archive: made a unit at a time, cancelled, given to whoever asked and to nobody else."""

import csv
import io
import zipfile

import pytest

from server.domain.jobs import JobState
from server.domain.sheet_bundles import KEPT, SheetFormat
from server.services import sheet_bundles
from server.services.demo import demo_id
from server.services.erasures import erase
from server.services.sheet_bundles import (
    SheetBundler,
    ask_bundle,
    bundle_file,
    cancel_bundle,
    forget_old_bundles,
    list_bundles,
)
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import ENDS, move
from tests.services.test_sheets import UNIT, confirm, draft, held
from tests.store.samples import NOW

ROOT = demo_id("某集团党委")


async def ask(stage, by="admin", unit=ROOT):
    who = await stage.who(by)
    return await ask_bundle(
        stage.house, who, stage.lesson_id, command_id(), unit_id=unit, form=SheetFormat.XLSX, now=NOW
    )


class Maker:
    """Says which unit it was asked for."""

    def __init__(self):
        self.made = []

    async def __call__(self, shown, form):
        self.made.append((shown.body.unit, form, shown.sheet.version if shown.sheet else None))
        return f"{shown.body.unit}：{len(shown.body.lines)}".encode()


async def made(stage, maker=None):
    return await SheetBundler(stage.house, maker or Maker(), lambda: NOW).step()


async def newest(stage, by="admin", unit=ROOT, now=NOW):
    return (await list_bundles(stage.house, await stage.who(by), stage.lesson_id, unit, now))[0]


async def load(stage, bundle, by="admin", now=NOW):
    return await bundle_file(stage.house, await stage.who(by), bundle.id, now)


async def test_each_unit_has_its_own_file_and_everybody_stands_in_one(stage):
    await held(stage)
    await confirm(stage, (await draft(stage)).digest)
    bundle = await ask(stage)
    assert await refused(load(stage, bundle)) == "export_not_ready"
    maker = Maker()
    assert await made(stage, maker)
    assert not await made(stage, maker)
    done = await newest(stage)
    assert (done.state, done.progress, done.expires_at) == (JobState.DONE, 100, NOW + KEPT)
    assert ("综合党支部", SheetFormat.XLSX, 1) in maker.made
    with zipfile.ZipFile(io.BytesIO(await load(stage, bundle))) as archive:
        names = archive.namelist()
        index = list(csv.reader(io.StringIO(archive.read("000-目录.csv").decode("utf-8-sig"))))
        said = [archive.read(name).decode() for name in names if name != "000-目录.csv"]
    assert len(names) == len(set(names)) == len(maker.made) + 1
    assert {row[5] for row in index[1:]} == set(names) - {"000-目录.csv"}
    assert [row[3] for row in index if row[1] == "综合党支部"] == ["第 1 版已确认"]
    on_roster = await stage.records.read(lambda tx: len(tx.roster.of(stage.lesson_id)))
    assert sum(int(each.rsplit("：")[1]) for each in said) == on_roster
    assert await refused(load(stage, bundle, now=NOW + KEPT)) == "export_gone"
    assert (done.code, (await newest(stage, now=NOW + KEPT)).code) == (None, "export_gone")
    assert (await newest(stage, now=NOW + KEPT)).expires_at is None
    assert await forget_old_bundles(stage.house, NOW + 2 * KEPT) == 1


async def test_one_that_is_cancelled_half_way_keeps_nothing(stage):
    await held(stage)
    bundle = await ask(stage)
    maker, admin = Maker(), await stage.who("admin")

    async def cancelling(shown, form):
        if len(maker.made) == 1:
            await cancel_bundle(stage.house, admin, bundle.id, NOW)
        return await maker(shown, form)

    assert await made(stage, cancelling)
    assert len(maker.made) == 2
    assert (await newest(stage)).state is JobState.CANCELLED
    assert await refused(load(stage, bundle)) == "export_not_ready"


async def test_a_maker_that_fails_is_told(stage):
    await held(stage)
    await ask(stage)

    async def broken(_shown, _form):
        raise RuntimeError("a bug")

    assert await made(stage, broken)
    assert ((await newest(stage)).state, (await newest(stage)).code) == (JobState.FAILED, "conversion_failed")


async def test_it_is_given_to_nobody_but_who_asked_and_one_at_a_time(stage):
    assert await refused(ask(stage)) == "sheet_not_yet"
    await held(stage)
    bundle = await ask(stage, "secretary", UNIT)
    assert await refused(ask(stage, "secretary", UNIT)) == "too_fast"
    assert await refused(ask(stage, "secretary", ROOT)) in {"forbidden", "unit_not_found"}
    assert await refused(ask(stage, "10001", UNIT)) == "forbidden"
    await made(stage)
    assert await refused(load(stage, bundle, "admin")) == "job_not_found"
    assert await refused(cancel_bundle(stage.house, await stage.who("admin"), bundle.id, NOW)) == "job_not_found"
    assert await list_bundles(stage.house, await stage.who("admin"), stage.lesson_id, UNIT, NOW) == ()


async def test_what_one_archive_does_not_hold_is_told(stage, monkeypatch):
    monkeypatch.setattr(sheet_bundles, "MOST_BYTES", 10)
    await held(stage)
    await ask(stage)
    await made(stage)
    assert (await newest(stage)).code == "export_too_large"


@pytest.mark.parametrize("finished", [True, False])
async def test_an_archive_with_somebody_who_is_erased_is_empty_at_once(stage, finished):
    await held(stage)
    await move(stage, "settle", ENDS)
    bundle = await ask(stage)
    if finished:
        await made(stage)
    security = await stage.who("secadmin")
    await erase(stage.house, security, demo_id("10005"), command_id(), reason="本人申请", confirm="10005", now=NOW)
    assert await refused(load(stage, bundle)) == ("export_gone" if finished else "export_not_ready")
    assert ((await newest(stage)).expires_at, (await newest(stage)).code) == (None, "export_gone" if finished else None)
    assert not await made(stage)
