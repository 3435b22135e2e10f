"""A roster from its upload to its end, on both databases."""

import csv
import datetime as dt
import io
import json
from dataclasses import replace

import pytest

from server.domain.access import AccountKind, Role, RoleGrant
from server.domain.accounts import LEFT, Account, Session
from server.domain.audit import AuditQuery
from server.domain.events import ended_login
from server.domain.imports import ImportState
from server.domain.members import MemberKind
from server.domain.refusals import Refusal
from server.services import roster_applying
from server.services.demo import demo_id
from server.services.erasures import erase
from server.services.import_views import import_issues, list_imports, page_of_issues, see_import
from server.services.members import Enrolment, enrol_member
from server.services.roster_applying import Importer
from server.services.roster_export import roster_rows
from server.services.roster_imports import (
    KEPT,
    Upload,
    apply_import,
    cancel_import,
    check_roster,
    forget_old_imports,
)
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

HEAD = ["工号", "姓名", "党组织", "人员类别", "党小组", "手机", "生效日期", "离开原因"]
BRANCH = "综合党支部"


class Reader:
    """The craft without its process."""

    async def __call__(self, source, into, _progress):
        rows = list(csv.reader(io.StringIO(source.read_text("utf-8-sig"))))
        (into / "table.json").write_text(json.dumps({"sheet": "名单", "rows": rows}))
        return {}


class Rows:
    def __init__(self, made):
        self.made = made

    async def __call__(self, _source, into, _progress):
        (into / "table.json").write_text(json.dumps(self.made))
        return {}


def row(number, name="新学员", unit=BRANCH, kind="预备党员", *more):
    return [number, name, unit, kind, *more]


def table(*rows):
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    return out.getvalue().encode()


async def check(stage, *rows, by="admin", command=None, craft=None):
    upload = Upload("名单.csv", table(*rows))
    return await check_roster(
        stage.house, craft or Reader(), await stage.who(by), command or command_id(), upload=upload, now=NOW
    )


async def applied(stage, *rows, by="admin"):
    checked = await check(stage, *rows, by=by)
    assert checked.issues == ()
    await apply_import(stage.house, await stage.who(by), checked.id, command_id(), NOW)
    assert await Importer(stage.house, lambda: NOW).step()
    return await see_import(stage.house, await stage.who(by), checked.id, NOW)


async def people(stage):
    return await roster_rows(stage.records, await stage.who("admin"), None, NOW)


async def audit_lines(stage, import_id):
    wanted = AuditQuery(what=f"import/{import_id}")
    found = await stage.records.read(lambda tx: tx.audit.page(wanted, None, 10))
    return [(line.actor, line.result) for line in found if line.action == "roster.imported"]


def thousands(count, first=200_000):
    branches = ("综合党支部", "财务党支部", "后勤党支部", "一车间党支部", "二车间党支部", "维修党支部")
    return [row(str(first + at), f"人员{at}", branches[at % 6], "正式党员", "", "13800000000") for at in range(count)]


async def test_looking_through_changes_nobody_and_applying_does_so_once(stage):
    before = await people(stage)
    rows = [
        row("90001"),
        row("10001", "学员甲01", "财务党支部", "正式党员"),
        row("10002", "学员甲02", BRANCH, "正式党员"),
    ]
    checked = await check(stage, *rows)
    counts = (checked.rows, checked.created, checked.moved, checked.left, checked.changed, checked.unchanged)
    assert counts == (3, 1, 1, 0, 0, 1)
    assert [(one.cell, one.number, one.steps) for one in checked.people] == [
        ("A2", "90001", ("created",)),
        ("A3", "10001", ("moved",)),
    ]
    assert checked.absent_count == 38
    assert await people(stage) == before
    done = await applied(stage, *rows)
    assert (done.state, done.progress) == (ImportState.DONE, 100)
    after = await people(stage)
    assert len(after) == len(before) + 1
    assert ("90001", "新学员", BRANCH, "预备党员", "", "", "", "") in after
    again = await check(stage, *rows)
    assert (again.created, again.moved, again.changed, again.unchanged) == (0, 0, 0, 3)
    account = await stage.records.read(lambda tx: tx.accounts.by_number("90001"))
    assert account.password_hash is None
    assert await audit_lines(stage, done.id) == [((await stage.who("admin")).account_id, "done")]


async def test_an_import_ends_the_roles_and_logins_of_those_who_leave(stage):
    number = "10001"
    account = await stage.records.read(lambda tx: tx.accounts.by_number(number))
    lectures = RoleGrant(Role.LECTURER, demo_id("某集团党委"))
    await stage.records.write(lambda tx: tx.accounts.add([], [(account.id, lectures)]))
    leaving = row(number, account.name, BRANCH, "正式党员", "", "", "", "离开本单位")
    told = await check(stage, leaving, row("90001"))
    assert [(one.number, one.name, one.login) for one in told.ending] == [(number, account.name, True)]
    assert Role.LECTURER in {one.role for one in told.ending[0].roles}
    assert (told.ending_count, told.stop) == (1, None)
    login = Session("their login", account.id, NOW, NOW + dt.timedelta(days=1))
    await stage.records.write(lambda tx: tx.sessions.add(login))
    async with stage.house.fanout.subscribe(None) as hints:
        await applied(stage, leaving)
        assert ended_login(await hints.next()) == "their login"
    gone = await stage.records.read(lambda tx: (tx.accounts.get(account.id), tx.accounts.grants(account.id)))
    assert (gone[0].disabled_because, gone[1]) == (LEFT, ())


async def test_twelve_planted_errors_in_three_thousand_rows_are_twelve_and_nobody_is_imported(stage):
    rows = thousands(3000)
    planted = {
        *((10, 0, ""), (200, 0, "200 001"), (333, 1, ""), (480, 1, "=cmd()"), (700, 2, "无此支部"), (801, 3, "党员")),
        *((999, 5, "一三八"), (1500, 0, "200003"), (1800, 4, "第九党小组"), (2100, 1, "\t"), (2500, 2, "")),
        (2999, 3, "full"),
    }
    for at, column, text in planted:
        rows[at][column] = text
    before = await people(stage)
    checked = await check(stage, *rows)
    assert checked.errors == 12
    cells = {f"{'ABCDEF'[column]}{at + 2}" for at, column, _ in planted}
    assert {issue.cell for issue in checked.issues} == cells
    admin = await stage.who("admin")
    assert await refused(apply_import(stage.house, admin, checked.id, command_id(), NOW)) == "import_has_errors"
    listed = await import_issues(stage.records, admin, checked.id, NOW)
    assert len(listed) == 13
    first = await page_of_issues(stage.records, admin, checked.id, after=0, limit=8, now=NOW)
    rest = await page_of_issues(stage.records, admin, checked.id, after=int(first.next_cursor), limit=8, now=NOW)
    assert (len(first.items), rest.next_cursor) == (8, None)
    assert (*first.items, *rest.items) == checked.issues
    assert not await Importer(stage.house, lambda: NOW).step()
    assert await people(stage) == before


async def test_an_import_cancelled_half_way_changes_nobody(stage, monkeypatch):
    before, admin = await people(stage), await stage.who("admin")
    checked = await check(stage, *thousands(2000))
    await apply_import(stage.house, admin, checked.id, command_id(), NOW)
    seen = []
    pack = roster_applying.pack

    def counted(tx, principal, here, some, now):
        seen.append(len(some))
        if len(seen) == 2:
            stage.house.imports.stop(checked.id)  # what the call does first, while it is made ready
        return pack(tx, principal, here, some, now)

    monkeypatch.setattr(roster_applying, "pack", counted)
    assert await Importer(stage.house, lambda: NOW).step()
    assert seen == [500, 500]
    gone = await see_import(stage.house, admin, checked.id, NOW)
    assert (gone.state, gone.code) == (ImportState.CANCELLED, "import_cancelled")
    assert await audit_lines(stage, checked.id) == [(admin.account_id, "import_cancelled")]
    assert await people(stage) == before
    assert (await cancel_import(stage.house, admin, checked.id, NOW)).state is ImportState.CANCELLED
    assert await refused(apply_import(stage.house, admin, checked.id, command_id(), NOW)) == "import_over"


async def test_an_import_cancelled_while_it_is_written_changes_nobody(stage, monkeypatch):
    before, admin = await people(stage), await stage.who("admin")
    checked = await check(stage, *thousands(1200))
    await apply_import(stage.house, admin, checked.id, command_id(), NOW)
    write = roster_applying.write_ready

    def told(tx, principal, ready, file, tell):
        ended = write(tx, principal, ready, file, tell)
        stage.house.imports.stop(checked.id)
        tell(0)
        return ended

    monkeypatch.setattr(roster_applying, "write_ready", told)
    assert await Importer(stage.house, lambda: NOW).step()
    assert (await see_import(stage.house, admin, checked.id, NOW)).state is ImportState.CANCELLED
    assert await people(stage) == before


@pytest.mark.parametrize("times", [1, 9])
async def test_what_changes_while_it_is_made_ready_makes_it_ready_again(stage, monkeypatch, times):
    admin = await stage.who("admin")
    checked = await check(stage, *thousands(3))
    await apply_import(stage.house, admin, checked.id, command_id(), NOW)
    importer, made, tries = Importer(stage.house, lambda: NOW), Importer._made_ready, []

    async def disturbed(self, one, sheet):
        ready = await made(self, one, sheet)
        tries.append(one.id)
        if len(tries) <= times:
            entry = Enrolment(f"9100{len(tries)}", "别人", MemberKind.FULL, demo_id(BRANCH), NOW.date())
            await enrol_member(stage.records, admin, command_id(), entry, NOW)
        return ready

    monkeypatch.setattr(Importer, "_made_ready", disturbed)
    assert await importer.step()
    done = await see_import(stage.house, admin, checked.id, NOW)
    wanted = (ImportState.DONE, None, 2) if times == 1 else (ImportState.FAILED, "import_outdated", 3)
    assert (done.state, done.code, len(tries)) == wanted
    numbers = {each[0] for each in await people(stage)}
    assert ("200001" in numbers) is (times == 1)


async def test_who_is_erased_while_it_is_made_ready_does_not_come_back(stage, monkeypatch):
    admin, security = await stage.who("admin"), await stage.who("secadmin")
    await applied(stage, row("90001"))
    account = await stage.records.read(lambda tx: tx.accounts.by_number("90001"))
    checked = await check(stage, row("90001", "新名字"))
    await apply_import(stage.house, admin, checked.id, command_id(), NOW)
    importer, made, tries = Importer(stage.house, lambda: NOW), Importer._made_ready, []

    async def disturbed(self, one, sheet):
        ready = await made(self, one, sheet)
        if not tries:
            tries.append(one.id)
            await erase(stage.house, security, account.id, command_id(), reason="本人申请", confirm="90001", now=NOW)
        return ready

    monkeypatch.setattr(Importer, "_made_ready", disturbed)
    assert await importer.step()
    done = await see_import(stage.house, admin, checked.id, NOW)
    assert (done.state, done.code) == (ImportState.FAILED, "import_outdated")
    after = await stage.records.read(lambda tx: tx.members.files([account.member_id])[account.member_id])
    assert after.member.name not in {"新学员", "新名字"}


async def test_what_is_written_by_parcels_is_what_is_entered_one_by_one(stage):
    await applied(stage, row("90001", "欧阳娜", BRANCH, "预备党员", "", "13800000000"))
    entry = Enrolment("90002", "欧阳娜", MemberKind.PROBATIONARY, demo_id(BRANCH), NOW.date(), "13800000000")
    await enrol_member(stage.records, await stage.who("admin"), command_id(), entry, NOW)

    def look(tx):
        one, two = (tx.accounts.by_number(number) for number in ("90001", "90002"))
        files = [tx.members.files([each.member_id])[each.member_id] for each in (one, two)]
        told = [tx.organisation.history(member_id=each.member_id, limit=9) for each in (one, two)]
        return (one, two), files, told

    accounts, (first, second), told = await stage.records.read(look)
    same = {"id": "", "number": "", "member_id": ""}
    assert replace(accounts[0], **same) == replace(accounts[1], **same)
    assert replace(first.member, id="") == replace(second.member, id="")
    assert [replace(each, member_id="") for each in (*first.memberships, *first.kinds)] == [
        replace(each, member_id="") for each in (*second.memberships, *second.kinds)
    ]
    assert [replace(each, member_id="") for each in told[0]] == [replace(each, member_id="") for each in told[1]]


async def test_one_that_waits_is_cancelled_and_one_that_is_done_is_over(stage):
    admin = await stage.who("admin")
    checked = await check(stage, row("90001"))
    assert (await cancel_import(stage.house, admin, checked.id, NOW)).state is ImportState.CANCELLED
    done = await applied(stage, row("90001"))
    assert await refused(cancel_import(stage.house, admin, done.id, NOW)) == "import_over"


async def test_an_error_while_it_is_applied_leaves_nothing_and_is_told(stage, monkeypatch):
    before, admin = await people(stage), await stage.who("admin")
    checked = await check(stage, *thousands(600))
    await apply_import(stage.house, admin, checked.id, command_id(), NOW)

    def broken(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(roster_applying, "_enrolment", broken)
    assert await Importer(stage.house, lambda: NOW).step()
    failed = await see_import(stage.house, admin, checked.id, NOW)
    assert (failed.state, failed.code) == (ImportState.FAILED, "import_failed")
    assert await people(stage) == before


async def test_the_dry_run_says_that_the_last_administrator_would_go(stage):
    number = "10001"
    account = await stage.records.read(lambda tx: tx.accounts.by_number(number))
    only = (account.id, RoleGrant(Role.AUDIT_ADMIN, demo_id("某集团党委")))

    def appoint(tx):
        for other, unit_id in tx.accounts.with_role(Role.AUDIT_ADMIN):
            tx.accounts.revoke(other.id, RoleGrant(Role.AUDIT_ADMIN, unit_id))
        tx.accounts.add([], [only])

    await stage.records.write(appoint)
    told = await check(stage, row(number, account.name, BRANCH, "正式党员", "", "", "", "离开本单位"))
    assert told.stop is not None
    assert (told.stop.code, told.ending[0].roles[0].role) == ("last_administrator", Role.AUDIT_ADMIN)


async def test_a_table_with_somebody_who_is_erased_goes_at_once_and_others_stay(stage):
    admin, security = await stage.who("admin"), await stage.who("secadmin")
    with_them, without, going = await check(stage, row("10005")), await check(stage, row("90001")), None
    wide, spaced = await check(stage, row("１０００５", "另一个名字")), await check(stage, row("90002", "孙 10 005"))
    going = await check(stage, row("10005", "新名字"))
    await apply_import(stage.house, admin, going.id, command_id(), NOW)
    await erase(stage.house, security, demo_id("10005"), command_id(), reason="本人申请", confirm="10005", now=NOW)
    kept = await stage.records.read(lambda tx: tx.imports.keeping())
    assert kept == (without.id,)
    for gone in (with_them, wide, spaced):
        assert (await see_import(stage.house, admin, gone.id, NOW)).code == "import_forgotten"
    assert await refused(apply_import(stage.house, admin, with_them.id, command_id(), NOW)) == "import_forgotten"
    assert await Importer(stage.house, lambda: NOW).step()
    assert (await see_import(stage.house, admin, going.id, NOW)).code == "import_forgotten"
    assert (await apply_import(stage.house, admin, without.id, command_id(), NOW)).state is ImportState.APPLYING


async def test_a_table_that_nobody_confirms_ends_after_a_week(stage):
    admin = await stage.who("admin")
    checked = await check(stage, row("90001"))
    assert await forget_old_imports(stage.records, NOW + KEPT) == 0
    assert await forget_old_imports(stage.records, NOW + KEPT + dt.timedelta(seconds=1)) == 1
    ended = await see_import(stage.house, admin, checked.id, NOW)
    assert (ended.state, ended.code) == (ImportState.CANCELLED, "import_forgotten")
    assert await stage.records.read(lambda tx: tx.imports.keeping()) == ()


async def test_what_was_looked_through_must_still_hold(stage):
    admin = await stage.who("admin")
    first, second = await check(stage, row("90001")), await check(stage, row("90001", "别人"))
    await apply_import(stage.house, admin, first.id, command_id(), NOW)
    await apply_import(stage.house, admin, second.id, command_id(), NOW)
    importer = Importer(stage.house, lambda: NOW)
    assert await importer.step()
    assert await importer.step()
    states = sorted((one.state.value, one.code) for one in await list_imports(stage.house, admin, NOW))
    assert states == [("done", None), ("failed", "import_outdated")]


async def test_a_secretary_imports_nothing_and_an_administrator_of_a_branch_nothing_elsewhere(stage):
    def appoint(tx):
        account = Account(demo_id("clerk"), "clerk", "支部管理员", AccountKind.PERSON, unit_id=demo_id(BRANCH))
        tx.accounts.add([account], [(account.id, RoleGrant(Role.SCHOOL_ADMIN, demo_id(BRANCH)))])

    await stage.records.write(appoint)
    for number in ("secretary", "10001", "director"):
        assert await refused(check(stage, row("90001"), by=number)) == "forbidden"
    foreign = demo_id("财务党支部")
    found = await check(stage, row("90001", unit=foreign), row("10021", "学员乙01"), row("90002"), by="clerk")
    assert [(issue.cell, issue.fault) for issue in found.issues] == [("C2", "unit_unknown"), ("A3", "number_elsewhere")]
    whole = await check(stage, row("90003"))
    assert await refused(see_import(stage.house, await stage.who("clerk"), whole.id, NOW)) == "import_not_found"
    assert [one.id for one in await list_imports(stage.house, await stage.who("clerk"), NOW)] == [found.id]
    await applied(stage, row("90002"), by="clerk")


async def test_a_repeated_upload_is_the_first_one(stage):
    command = command_id()
    first = await check(stage, row("90001"), command=command)
    assert await check(stage, row("90001"), command=command) == first
    assert await refused(check(stage, row("90002"), command=command)) == "command_reused"


async def test_what_goes_out_comes_in_again_unchanged(stage):
    await applied(stage, row("90001", "新学员", BRANCH, "列席", "", "+86 138 0000 0000"))
    out = await people(stage)
    again = await check(stage, *out[1:])
    assert (again.rows, again.unchanged, again.errors) == (len(out) - 1, len(out) - 1, 0)
    assert again.absent_count == 0


@pytest.mark.parametrize("made", [[], {"sheet": 1, "rows": []}, {"sheet": "a", "rows": [["a", 1]]}, {"rows": []}])
async def test_a_reader_that_was_taken_over_is_not_believed(stage, made):
    assert await refused(check(stage, craft=Rows(made))) == "conversion_failed"


async def test_a_table_without_titles_is_refused(stage):
    with pytest.raises(Refusal, match="table_no_titles"):
        await check(stage, craft=Rows({"sheet": "a", "rows": [["甲"]]}))
