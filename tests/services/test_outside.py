"""Outside credit from its proof to the ledger, and tables of it, on both databases."""

import asyncio
import dataclasses
import datetime as dt
import hashlib
import json
import uuid

import pytest

from server.depot import FolderDepot
from server.domain.access import Role, RoleGrant
from server.domain.outside import MOST_PROOF_BYTES, MOST_WAITING, OutsideState
from server.services import outside, outside_imports, outside_proofs
from server.services.credit_report import unit_year
from server.services.demo import demo_id
from server.services.outside import Said
from server.services.outside_imports import OutsideUpload
from server.services.verdicts import own_credit
from server.store.audit import check_ledger
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

PDF = b"%PDF-1.7\n" + bytes(3000)
LAST_YEAR = dt.date(2025, 12, 30)
SAID = Said("安全培训", "培训中心", dt.date(2026, 3, 18), 800)
BRANCH = demo_id("综合党支部")
TITLES = ["工号", "姓名", "学习内容", "举办单位", "日期", "学时"]


async def pieces(content, size=4096):
    for at in range(0, len(content), size):
        yield content[at : at + size]


@pytest.fixture
async def branch(stage, tmp_path):
    """10001 is of the secretary's branch, 10061 of another one."""
    folder = tmp_path / "proofs"
    stage.house = dataclasses.replace(stage.house, outside_proofs=FolderDepot(folder, least_free_bytes=0))
    stage.folder = folder
    return stage


async def bring(branch, by="10001", content=PDF, command=None):
    chunks = pieces(content)
    who = await branch.who(by)
    return await outside_proofs.bring_proof(
        branch.house, who, command or command_id(), name="证书.pdf", chunks=chunks, now=NOW
    )


async def enter(branch, by="10001", said=SAID, *, proof=True, member=None, command=None):
    proof_id = (await bring(branch, by)).id if proof else None
    return await outside.enter_outside(
        branch.records,
        await branch.who(by),
        command or command_id(),
        said=said,
        proof_id=proof_id,
        member_id=demo_id(f"member {member}") if member else None,
        now=NOW,
    )


async def decide(branch, *ids, by="secretary", confirm=True, answer="", who=None, command=None):
    who = who or await branch.who(by)
    decided = await outside.decide_outside(
        *(branch.records, who, command or command_id()), outside_ids=ids, confirm=confirm, answer=answer, now=NOW
    )
    return decided.items


async def entries(branch, number="10001", year=None):
    return await own_credit(branch.records, await branch.who(number), year, NOW)


def on_disk(branch):
    return sorted(path.name for path in branch.folder.iterdir()) if branch.folder.exists() else []


async def test_entered_proved_and_confirmed_it_is_in_the_ledger_with_the_proofs_digest(branch):
    made = await enter(branch)
    assert (made.state, made.own, made.may) == (OutsideState.ASKED, True, ("prove", "withdraw"))
    assert (await entries(branch)).hundredths == 0
    (done,) = await decide(branch, made.id)
    assert (done.state, done.entries[0].hundredths) == (OutsideState.CONFIRMED, 800)
    credit = await entries(branch)
    assert (credit.hundredths, credit.entries[0].kind, credit.entries[0].outside.title) == (800, "outside", "安全培训")
    (line,) = (await branch.records.read(lambda tx: tx.ledger.named([done.entries[0].id]))).values()
    assert json.loads(line.evidence) == {
        "outside_id": made.id, "held_on": "2026-03-18", "proof_sha256": hashlib.sha256(PDF).hexdigest(),
    }  # fmt: skip
    assert "安全培训" not in line.evidence + line.reason
    year = await unit_year(branch.records, await branch.who("secretary"), BRANCH, None, NOW)
    assert (year.hundredths, year.items[0].kinds["outside"]) == (800, 800)


async def test_it_counts_in_the_year_in_which_it_was_learned(branch):
    made = await enter(branch, said=dataclasses.replace(SAID, held_on=LAST_YEAR))
    await decide(branch, made.id)
    assert [(await entries(branch, year=year)).hundredths for year in (2025, 2026)] == [800, 0]
    old = await unit_year(branch.records, await branch.who("secretary"), BRANCH, 2025, NOW)
    assert old.hundredths == 800


async def test_nobody_confirms_his_own_and_no_stranger_confirms_anything(branch):
    made = await enter(branch)
    own = dataclasses.replace(await branch.who("secretary"), member_id=demo_id("member 10001"))
    assert await refused(decide(branch, made.id, who=own)) == "outside_own"
    beside = RoleGrant(Role.SECRETARY, demo_id("一车间党支部"))
    stranger = dataclasses.replace(await branch.who("10061"), grants=(beside,))
    assert await refused(decide(branch, made.id, who=stranger)) == "outside_not_found"
    assert await refused(decide(branch, made.id, by="10002")) == "forbidden"
    auditor = await branch.who("auditor")
    assert await refused(decide(branch, made.id, who=auditor)) == "forbidden"
    assert (await entries(branch)).hundredths == 0


async def test_a_list_is_confirmed_whole_or_not_at_all(branch):
    first, bare = await enter(branch), await enter(branch, by="10002", proof=False)
    assert await refused(decide(branch, first.id, bare.id)) == "outside_no_proof"
    assert (await entries(branch)).hundredths == 0
    again = await bring(branch, "secretary")
    await outside.prove_outside(
        branch.records, await branch.who("secretary"), bare.id, command_id(), proof_id=again.id, now=NOW
    )
    assert len(await decide(branch, first.id, bare.id)) == 2
    assert [(await entries(branch, number)).hundredths for number in ("10001", "10002")] == [800, 800]


async def test_a_proof_that_was_changed_meanwhile_is_not_confirmed_unseen(branch):
    made = await enter(branch)
    other = await bring(branch, content=PDF + b"another")
    order = (branch.records, await branch.who("10001"), made.id, command_id())
    await outside.prove_outside(*order, proof_id=other.id, now=NOW)

    async def confirm(digest):
        order = (branch.records, await branch.who("secretary"), command_id())
        told = {"outside_ids": [made.id], "confirm": True, "answer": "", "seen": {made.id: digest}}
        return (await outside.decide_outside(*order, **told, now=NOW)).items

    assert await refused(confirm(made.proof_sha256)) == "outside_changed"
    assert (await entries(branch)).hundredths == 0
    assert (await confirm(other.sha256))[0].state is OutsideState.CONFIRMED


async def test_two_who_confirm_at_once_enter_it_once(branch):
    made = await enter(branch)
    both = await asyncio.gather(decide(branch, made.id), decide(branch, made.id, by="admin"), return_exceptions=True)
    assert sorted(getattr(each, "code", "done") for each in both) == ["done", "outside_decided"]
    assert (await entries(branch)).hundredths == 800


async def test_the_same_command_again_changes_nothing_and_another_body_is_refused(branch):
    command, proof = command_id(), command_id()
    made = await enter(branch)
    await decide(branch, made.id, command=command)
    assert len((await decide(branch, made.id, command=command))[0].entries) == 1
    assert await refused(decide(branch, made.id, command=command, answer="好")) == "command_reused"
    assert (await bring(branch, command=proof)).id == (await bring(branch, command=proof)).id
    assert len(on_disk(branch)) == 2


async def test_refused_with_a_reason_it_can_be_entered_anew(branch):
    made = await enter(branch)
    assert await refused(enter(branch)) == "outside_twice"
    (told,) = await decide(branch, made.id, confirm=False, answer="证明缺公章")
    assert (told.state, told.answer) == (OutsideState.REFUSED, "证明缺公章")
    assert (await enter(branch)).state is OutsideState.ASKED


async def test_withdrawn_by_who_entered_it_and_by_nobody_else(branch):
    made = await enter(branch)

    async def withdraw(by):
        return await outside.withdraw_outside(branch.records, await branch.who(by), made.id, command_id(), NOW)

    assert await refused(withdraw("secretary")) == "forbidden"
    assert await refused(withdraw("10061")) == "outside_not_found"
    assert (await withdraw("10001")).state is OutsideState.WITHDRAWN
    assert await refused(decide(branch, made.id)) == "outside_decided"


async def test_a_correction_is_an_entry_more_with_its_reason_and_person(branch, database_url):
    made = await enter(branch)
    await decide(branch, made.id)

    async def correct(hundredths, by="secretary"):
        who = await branch.who(by)
        return await outside.correct_outside(
            *(branch.records, who, made.id, command_id()), hundredths=hundredths, reason="按证明更正", now=NOW
        )

    fewer = await correct(300)
    assert [line.hundredths for line in fewer.entries] == [800, -500]
    assert (fewer.entries[1].reason, fewer.entries[1].by.account_id) == ("按证明更正", demo_id("secretary"))
    assert (await entries(branch)).hundredths == 300
    assert (await correct(0, by="admin")).state is OutsideState.REVOKED
    assert (await entries(branch)).hundredths == 0
    assert await refused(correct(100)) == "outside_not_confirmed"
    assert (await check_ledger(database_url)).position == 3


async def test_a_secretary_enters_for_the_own_members_only(branch):
    made = await enter(branch, by="secretary", member="10001")
    assert (made.member.id, made.own) == (demo_id("member 10001"), False)
    assert await refused(enter(branch, by="secretary", member="10061")) == "member_not_found"
    assert await refused(enter(branch, by="10002", member="10001")) == "forbidden"
    assert await refused(enter(branch, by="secretary")) == "member_not_found"
    page = await outside.list_outside(branch.records, await branch.who("secretary"), now=NOW)
    assert [one.id for one in page.items] == [made.id]
    assert await refused(outside.list_outside(branch.records, await branch.who("10001"), now=NOW)) == "forbidden"


async def test_a_proof_is_seen_by_the_member_and_the_secretary_and_nobody_else(branch):
    made = await enter(branch)

    async def look(by, proof_id=made.proof.id):
        return await outside_proofs.readable_proof(branch.house, await branch.who(by), proof_id, NOW)

    assert [(await look(by)).id for by in ("10001", "secretary", "admin")] == [made.proof.id] * 3
    for by in ("10002", "10061", "auditor", "director"):
        assert await refused(look(by)) == "proof_not_found"
    shared = await bring(branch, "secretary")
    for number in ("10001", "10002"):
        await outside.enter_outside(
            *(branch.records, await branch.who("secretary"), command_id()),
            said=dataclasses.replace(SAID, title="同一张名单"),
            proof_id=shared.id,
            member_id=demo_id(f"member {number}"),
            now=NOW,
        )
    assert await refused(look("10001", shared.id)) == "proof_not_found"
    own = await outside.own_outside(branch.records, await branch.who("10001"), 2026, NOW)
    listed = next(one for one in own if one.title == "同一张名单")
    assert (listed.proof, listed.proof_sha256) == (None, shared.sha256)
    foreign = outside.enter_outside(
        *(branch.records, await branch.who("10002"), command_id()), said=SAID, proof_id=made.proof.id, now=NOW
    )
    assert await refused(foreign) == "proof_not_found"


@pytest.mark.parametrize(
    ("content", "code"), [(b"MZ" + bytes(100), "proof_type_wrong"), (bytes(MOST_PROOF_BYTES + 1), "file_too_large")]
)
async def test_a_refused_proof_leaves_nothing(branch, content, code):
    assert await refused(bring(branch, content=content)) == code
    assert on_disk(branch) == []
    assert await branch.records.read(lambda tx: tx.outside.kept_proofs()) == frozenset()


async def test_proofs_that_nobody_names_go_and_are_counted(branch):
    kept, loose = await enter(branch), await bring(branch)
    (branch.folder / str(uuid.uuid4())).mkdir()
    assert await outside_proofs.forget_loose_proofs(branch.house, NOW) == 1
    assert on_disk(branch) == sorted([kept.proof.id, loose.id])
    assert await outside_proofs.forget_loose_proofs(branch.house, NOW + dt.timedelta(hours=25)) == 1
    assert on_disk(branch) == [kept.proof.id]


async def test_so_many_may_wait(branch, monkeypatch):
    monkeypatch.setattr(outside_proofs, "MOST_LOOSE", 1)
    await bring(branch)
    assert await refused(bring(branch)) == "proofs_used"
    monkeypatch.setattr("server.domain.outside.MOST_WAITING", 1)
    await enter(branch, proof=False)
    more = dataclasses.replace(SAID, title="另一次")
    assert await refused(enter(branch, said=more, proof=False)) == "outside_too_many"
    assert MOST_WAITING == 50


# ---- tables ----------------------------------------------------------------------------------------------


def craft(*rows):
    async def convert(_source, into, _progress):
        said = {"sheet": "校外学时", "rows": [TITLES, *rows]}
        (into / "table.json").write_text(json.dumps(said))
        return {}

    return convert


async def import_(branch, *rows, plan=None, by="secretary", unit=BRANCH, proof=None):
    upload = OutsideUpload("表.xlsx", json.dumps(rows).encode(), plan, proof)
    who = await branch.who(by)
    return await outside_imports.import_outside(
        *(branch.records, craft(*rows), who, command_id()), unit_id=unit, upload=upload, now=NOW
    )


async def name_of(branch, number):
    who = demo_id(f"member {number}")
    return (await branch.records.read(lambda tx: tx.members.names([who])))[who]


async def test_a_table_is_looked_through_then_entered_once_however_often_it_comes(branch):
    names = [await name_of(branch, number) for number in ("10001", "10002")]
    rows = [
        ["10001", names[0], "安全培训", "中心", "2026-03-18", "8"],
        ["", names[1], "急救", "中心", "2026-04-01", "4.5"],
    ]
    proof = await bring(branch, "secretary")
    dry = await import_(branch, *rows, proof=proof.id)
    assert (dry.created, dry.errors, dry.hundredths, dry.applied) == (2, 0, 1250, False)
    assert (await outside.list_outside(branch.records, await branch.who("secretary"), now=NOW)).items == ()
    done = await import_(branch, *rows, plan=dry.plan, proof=proof.id)
    assert (done.created, done.applied) == (2, True)
    again = await import_(branch, *rows, proof=proof.id)
    assert (again.created, again.unchanged, again.differing) == (0, 2, 0)
    assert await refused(import_(branch, *rows, plan=dry.plan, proof=proof.id)) == "outside_import_outdated"
    page = await outside.list_outside(branch.records, await branch.who("secretary"), now=NOW)
    assert {(one.hundredths, one.proof.shared) for one in page.items} == {(800, True), (450, True)}
    await decide(branch, *(one.id for one in page.items))
    assert (await entries(branch, "10002")).hundredths == 450


async def test_what_stands_with_other_hours_than_a_table_says_is_told_and_stays(branch):
    one, other = await name_of(branch, "10001"), await name_of(branch, "10002")
    row = ["10001", one, "安全培训", "中心", "2026-03-18", "8"]
    await import_(branch, row, plan=(await import_(branch, row)).plan)
    fresh = ["10002", other, "急救", "中心", "2026-04-01", "4.5"]
    dry = await import_(branch, fresh, [*row[:5], "6"])
    assert (dry.created, dry.unchanged, dry.differing, dry.errors) == (1, 1, 1, 0)
    assert [(each.member.name, each.hundredths, each.stands) for each in dry.items] == [
        (one, 600, 800),  # first, though it is the second row
        (other, 450, None),
    ]
    await import_(branch, fresh, [*row[:5], "6"], plan=dry.plan)
    page = await outside.list_outside(branch.records, await branch.who("secretary"), now=NOW)
    assert sorted(each.hundredths for each in page.items) == [450, 800]


async def test_every_wrong_row_is_named_and_nothing_is_entered(branch):
    one, other = await name_of(branch, "10001"), await name_of(branch, "10061")
    rows = [
        ["10061", other, "安全培训", "中心", "2026-03-18", "8"],
        ["10001", "别人", "安全培训", "中心", "2026-03-18", "8"],
        ["", "没有此人", "安全培训", "中心", "2026-03-18", "8"],
        ["10001", one, "安全培训", "中心", "2026-03-18", "8"],
        ["", one, "安全 培训", "中心", "2026-03-18", "8"],
    ]
    dry = await import_(branch, *rows)
    assert [(issue.cell, issue.fault) for issue in dry.issues] == [
        ("A2", "number_unknown"), ("B3", "name_differs"), ("B4", "name_unknown"), ("C6", "row_twice"),
    ]  # fmt: skip
    assert all(issue.text and issue.text_en for issue in dry.issues)
    assert await refused(import_(branch, *rows, plan=dry.plan)) == "outside_import_has_errors"
    assert (await outside.list_outside(branch.records, await branch.who("secretary"), now=NOW)).items == ()
    assert await refused(import_(branch, *rows, unit=demo_id("一车间党支部"))) == "unit_not_found"
    assert await refused(import_(branch, *rows, by="10001")) == "forbidden"
