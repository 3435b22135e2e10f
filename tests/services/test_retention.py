"""保存期限: who sets it, what is refused, and the daily sweep by exactly one process."""

import datetime as dt

import pytest

from server.domain.audit import AuditQuery
from server.domain.personal_data import DataClass
from server.domain.retention import LOST_AFTER
from server.services.legal_holds import lift_hold, set_hold
from server.services.retention import preview, see_retention, set_period
from server.services.retention_sweep import SWEPT, Sweeper, cut_audit
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

TALK, TODAY = DataClass.TALK, NOW.date()


async def put(stage, days=200, *, since=TODAY, seen=0, kind=TALK, by="secadmin"):
    who = await stage.who(by)
    return await set_period(
        *(stage.house, who, command_id()), data_class=kind, days=days, since=since, seen=seen, audit_days=400, now=NOW
    )


async def seen(stage, kind=TALK):
    found = await see_retention(stage.house, await stage.who("secadmin"), 400, NOW)
    return next(each for each in found.items if each.data_class is kind)


async def test_a_period_holds_from_its_day_on_and_the_default_until_then(stage):
    assert ((await seen(stage)).days, (await seen(stage)).since) == (365, None)
    later = TODAY + dt.timedelta(days=10)
    await put(stage, 500, since=later)
    one = await put(stage, 300, since=later)
    assert (one.days, one.next_days) == (365, 300)
    now = await put(stage, 200)
    assert (now.days, now.since, now.next_days) == (200, NOW, None)
    assert (await seen(stage, DataClass.AUDIT)).default_days == 400
    assert (await seen(stage, DataClass.CREDIT)).days is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"days": 183}, "retention_too_short"),
        ({"days": 183, "kind": DataClass.AUDIT}, "retention_too_short"),
        ({"days": 9000, "kind": DataClass.CREDIT}, "retention_unlimited"),
        ({"since": TODAY - dt.timedelta(days=1)}, "retention_past"),
        ({"by": "admin"}, "forbidden"),
        ({"by": "auditor"}, "forbidden"),
        ({"by": "10001"}, "forbidden"),
    ],
)
async def test_what_is_refused_changes_nothing(stage, given, code):
    assert await refused(put(stage, **given)) == code
    assert await stage.records.read(lambda tx: tx.retention.rules()) == ()


async def test_more_than_the_asker_was_told_is_not_cleared(stage):
    line = (NOW - dt.timedelta(days=300)).replace(microsecond=0)
    await stage.records.write(lambda tx: tx.commands.begin("old", "somebody", "digest", line))
    security = await stage.who("secadmin")
    due = (await preview(stage.house, security, DataClass.WORK, 200, NOW)).due
    assert due >= 1
    assert await refused(put(stage, kind=DataClass.WORK, seen=due - 1)) == "retention_count_changed"
    assert (await put(stage, kind=DataClass.WORK, seen=due)).due == due
    assert await Sweeper(stage.house, lambda: NOW).step() == 1
    assert (await seen(stage, DataClass.WORK)).due == 0
    sweep = (await see_retention(stage.house, security, 400, NOW)).sweeps[0]
    assert (dict(sweep.counts), sweep.ended_at) == ({"work": due}, NOW)
    audit = await stage.records.read(lambda tx: tx.audit.examine(None, lambda _read: None))
    assert audit.sound


async def test_one_process_sweeps_once_a_day_and_another_goes_on_when_it_is_lost(stage):
    clock = [NOW]
    mine, other = Sweeper(stage.house, lambda: clock[0]), Sweeper(stage.house, lambda: clock[0])
    begun = await stage.records.write(mine._begin)
    lost = await stage.records.read(lambda tx: tx.retention.sweep(begun))
    await stage.records.write(lambda tx: tx.retention.save(type(lost)(lost.day, "lost", NOW, NOW, {"work": 3})))
    assert await other.step() == 0
    clock[0] = NOW + LOST_AFTER + dt.timedelta(seconds=1)
    assert (await other.step(), await mine.step()) == (1, 0)
    done = await stage.records.read(lambda tx: tx.retention.sweep(begun))
    assert (done.runner, done.counts["work"], done.ended_at) == (stage.house.name, 3, clock[0])
    clock[0] = NOW + dt.timedelta(days=1)
    assert (await mine.step(), await mine.step()) == (1, 0)


async def test_the_sweep_leaves_a_line_in_the_audit_log(stage):
    await Sweeper(stage.house, lambda: NOW).step()
    lines = await stage.records.read(lambda tx: tx.audit.page(AuditQuery(), None, 5))
    assert SWEPT in [line.action for line in lines]


async def test_the_audit_log_is_cut_by_its_rule_and_not_under_a_hold(stage):
    await Sweeper(stage.house, lambda: NOW).step()
    await put(stage, 200, kind=DataClass.AUDIT, seen=10)
    security = await stage.who("secadmin")
    held = await set_hold(
        *(stage.house, security, command_id()), number="10005", lesson_id=None, reason="核查中", now=NOW
    )
    later = NOW + dt.timedelta(days=250)
    assert await cut_audit(stage.records, 400, later) == 0
    await lift_hold(stage.house, security, held.id, command_id(), NOW)
    assert await cut_audit(stage.records, 400, later) >= 1
    audit = await stage.records.read(lambda tx: tx.audit.examine(None, lambda _read: None))
    assert audit.sound
