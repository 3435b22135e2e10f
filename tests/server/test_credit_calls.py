"""Credit over HTTPS, from settling to a corrected entry, and the command that verifies the ledger."""

import asyncio
import datetime as dt
import sqlite3
import sys
import uuid
from dataclasses import replace

import pytest

from server.domain.presence import Channel, Span
from server.domain.sign_ins import SignIn, Way
from server.services.demo import demo_id
from server.settings import to_environment
from server.store.audit import report

from .conftest import problem_of


@pytest.fixture(scope="session")
async def lesson(school, admin):
    """Settled: 10001 passed, 10002 did not come."""
    made = await school.new_lesson(admin, until="draft")
    path = f"/api/v1/lessons/{made['id']}"
    changed = await admin.ask(
        "PATCH", path, json={"credit_hundredths": 150}, headers={"If-Match": f'"{made["version"]}"'}
    )
    assert changed.json["credit_hundredths"] == 150
    for event in ("schedule", "open"):
        opened = await admin.command(f"{path}/transitions", event=event)
    assert opened.json["rule"]["version"] == 1
    await _attend(school, made["id"])
    for event in ("start", "end", "settle"):
        settled = await admin.command(f"{path}/transitions", event=event)
        assert settled.status == 200, settled.text
    assert settled.json["settled_at"]
    return settled.json


async def _attend(school, lesson_id):
    """10001 signed in by phone and there to the end; nobody else."""
    now, one = school.control.site.now(), demo_id("member 10001")

    def attend(tx):
        tx.sign_ins.add(lesson_id, SignIn(one, now, Way.PHONE, None, demo_id("10001"), str(uuid.uuid4())))
        later = now + dt.timedelta(hours=1)
        tx.spans.checkpoint(lesson_id, [Span("phone", now, later, Channel.SOCKET, member_id=one)])

    await school.control.house.records.write(attend)


async def test_a_member_sees_the_entry_and_why(lesson, member):
    verdict = (await member.get(f"/api/v1/lessons/{lesson['id']}/verdict")).json
    assert (verdict["passed"], verdict["hundredths"], verdict["failings"]) == (True, 150, [])
    assert verdict["evidence"]["present_percent"] == 100
    credit = (await member.get("/api/v1/credit")).json
    ours = [entry for entry in credit["entries"] if entry["lesson"]["id"] == lesson["id"]]
    assert ours == [verdict["entry"]]
    assert credit["hundredths"] == sum(entry["hundredths"] for entry in credit["entries"])
    assert (await member.get("/api/v1/credit?year=2001")).json == {"year": 2001, "hundredths": 0, "entries": []}
    file = await member.get("/api/v1/credit/export")
    assert file.body.decode("utf-8-sig").splitlines()[0].startswith("序号,类别,内容,学时")
    assert ours[0]["hash"] in file.body.decode()
    for year in ("1999", "x", "20260"):
        problem_of(await member.get(f"/api/v1/credit?year={year}"), 422, "invalid_body")


async def test_a_review_leads_to_a_correcting_entry(lesson, school, admin):
    absent = await school.person("10002")
    path = f"/api/v1/lessons/{lesson['id']}"
    assert not (await absent.get(f"{path}/verdict")).json["passed"]
    asked = await absent.command(f"{path}/reviews", text="当天在会场,\n手机没电")
    assert asked.status == 201
    problem_of(await absent.command(f"{path}/reviews", text="再问"), 409, "review_open")
    waiting = (await admin.get("/api/v1/reviews?state=open")).json["items"]
    assert asked.json in waiting
    decision = f"/api/v1/reviews/{asked.json['id']}/decision"
    problem_of(await absent.command(decision, grant=True, answer="好"), 403, "forbidden")
    decided = await admin.command(decision, grant=True, answer="已核实")
    assert (decided.json["state"], decided.json["entry"]["hundredths"]) == ("granted", 150)
    problem_of(await admin.command(decision, grant=True, answer="好"), 409, "review_decided")
    entry = decided.json["entry"]
    assert (await absent.get(f"{path}/verdict")).json["entry"] == entry
    correction, why = f"/api/v1/credit-entries/{entry['id']}/correction", {"reason": "与门禁记录\n不符"}
    problem_of(await absent.command(correction, hundredths=0, seen=150, **why), 403, "forbidden")
    for body in ({"hundredths": -1}, {"hundredths": 1.5}, {"seen": None}, {"reason": " "}, {"member_id": "m"}):
        wrong = {"hundredths": 0, "seen": 150, **why, **body}
        problem_of(await admin.command(correction, **wrong), 422, "invalid_body")
    problem_of(await admin.command(correction, hundredths=0, seen=149, **why), 409, "entry_changed")
    corrected = await admin.command(correction, hundredths=50, seen=150, **why)
    assert (corrected.json["id"], corrected.json["comes_to"]) == (entry["id"], 50)
    assert (await absent.get(f"{path}/verdict")).json["hundredths"] == 50
    newest = (await absent.get("/api/v1/credit")).json["entries"][0]
    assert newest["hundredths"] == -100
    assert newest["correcting"]["reason"] == why["reason"]


@pytest.mark.parametrize("text", ["", " ", "x" * 1001, "a\0b", None, 5])
async def test_a_review_needs_words(lesson, school, text):
    absent = await school.person("10002")
    answer = await absent.command(f"/api/v1/lessons/{lesson['id']}/reviews", text=text)
    problem_of(answer, 422, "invalid_body")


async def test_a_forged_member_is_refused(lesson, member):
    """Whose verdict, is the session's business: a body that names somebody is no body of ours."""
    forged = {"text": "x", "member_id": demo_id("member 10002")}
    problem_of(await member.command(f"/api/v1/lessons/{lesson['id']}/reviews", **forged), 422, "invalid_body")
    seen = await member.get(f"/api/v1/lessons/{lesson['id']}/verdict?member_id={demo_id('member 10002')}")
    assert seen.json["member_id"] == demo_id("member 10001")


async def test_what_is_not_ones_own_is_not_shown(lesson, member):
    problem_of(await member.get(f"/api/v1/lessons/{lesson['id']}/verdicts"), 403, "forbidden")
    problem_of(await member.get("/api/v1/reviews"), 403, "forbidden")
    problem_of(await member.get("/api/v1/credit-rules"), 403, "forbidden")
    nowhere = uuid.uuid4()
    problem_of(await member.get(f"/api/v1/lessons/{nowhere}/verdict"), 404, "lesson_not_found")
    problem_of(
        await member.command(f"/api/v1/reviews/{nowhere}/decision", grant=True, answer="x"), 404, "review_not_found"
    )
    problem_of(await member.command("/api/v1/reviews/none/decision", grant=True, answer="x"), 404, "review_not_found")


async def test_staff_page_through_the_verdicts(lesson, admin):
    path = f"/api/v1/lessons/{lesson['id']}/verdicts"
    first = (await admin.get(f"{path}?limit=1")).json
    assert len(first["items"]) == 1
    second = (await admin.get(f"{path}?limit=1&cursor={first['next_cursor']}")).json
    assert first["items"] != second["items"]
    assert all(item["passed"] for item in (await admin.get(f"{path}?passed=true")).json["items"])
    for query in ("cursor=x", "passed=maybe", "unit=x"):
        problem_of(await admin.get(f"{path}?{query}"), 422, "invalid_body")
    problem_of(await admin.get(f"{path}?unit={uuid.uuid4()}"), 404, "unit_not_found")


async def test_a_rule_is_made_and_listed(admin):
    body = {"unit_id": demo_id("财务党支部"), "name": "支部规则", "since": "2026-01-01", "least_present_percent": 60}
    made = await admin.command("/api/v1/credit-rules", **body)
    assert made.status == 201, made.text
    assert (made.json["since"], made.json["until"], made.json["late_after_minutes"]) == ("2026-01-01", None, 10)
    assert made.json in (await admin.get("/api/v1/credit-rules")).json["items"]
    for changed in (
        {"since": "x"},
        {"least_present_percent": 101},
        {"late_after_minutes": -1},
    ):
        problem_of(await admin.command("/api/v1/credit-rules", **{**body, **changed}), 422, "invalid_body")
    before = (await admin.get("/api/v1/credit-rules")).json
    earlier = await admin.command("/api/v1/credit-rules", **{**body, "since": "2025-01-01"})
    problem_of(earlier, 409, "rule_overlaps")
    assert (await admin.get("/api/v1/credit-rules")).json == before


@pytest.mark.parametrize("hundredths", [-1, 10_001, 1.5, "100"])
async def test_credit_is_whole_hundredths(school, admin, hundredths):
    made = await school.new_lesson(admin, until="draft")
    answer = await admin.ask(
        "PATCH",
        f"/api/v1/lessons/{made['id']}",
        json={"credit_hundredths": hundredths},
        headers={"If-Match": f'"{made["version"]}"'},
    )
    problem_of(answer, 422, "invalid_body")


async def verify(settings, *more):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "ledger", "verify", *more),
        env=to_environment(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_the_command_verifies_the_ledger_while_the_server_runs(lesson, school):
    code, out, err = await verify(school.settings)
    assert (code, err) == (0, "")
    head = out.splitlines()[1].rsplit(" ", 1)[1]
    assert "借贷平衡" in out
    assert len(head) == 64
    assert (await verify(school.settings, "--noted", head))[0] == 0
    code, out, err = await verify(school.settings, "--noted", "0" * 63 + "1")
    assert (code, out) == (1, "")
    assert "noted" in err


async def test_the_report_names_position_kind_and_what_to_do(lesson, school, tmp_path):
    copy = tmp_path / "copy.sqlite3"
    with sqlite3.connect(school.settings.folder / "dangxiao.sqlite3") as source, sqlite3.connect(copy) as target:
        source.backup(target)
        target.execute("DROP TRIGGER credit_entries_change")
        target.execute("UPDATE credit_entries SET reason = 'x' WHERE position = 1")
    source.close()
    target.close()
    said, code = await report(f"sqlite+aiosqlite:///{copy}")
    assert code == 1
    assert "第 1 条" in said
    assert "(content)" in said
    assert "备份" in said


async def test_without_a_database_the_command_says_so(tmp_path, school):
    code, out, err = await verify(replace(school.settings, data=tmp_path))
    assert (code, out) == (3, "")
    assert "there is no database" in err
