"""Every call that changes something leaves its line: walked from the route table, exceptions by name and reason."""

import asyncio
import datetime as dt
import json
import uuid

import pytest

from server.domain.access import Role, RoleGrant
from server.domain.accounts import Account, AccountKind, Session
from server.domain.audit import AuditQuery
from server.domain.chain import Head
from server.domain.day_heads import DayHead
from server.services.audit import Doing, note
from server.services.audit_views import cut_old
from server.services.demo import demo_id
from server.services.login import digest
from server.store.trail_check import verify
from server.web import api
from server.web.application import build
from server.web.call import COOKIE
from server.web.refused import Refusals
from server.web.trail import leaves_line, writable

from .conftest import own_school, problem_of
from .test_route_rights import ask, belongings, name_of

school, admin, director, lecturer, member = own_school()

UNAUDITED = {
    *("POST /inbox/read", "POST /inbox/{letter_id}/read"),
    "POST /lessons/{lesson_id}/tickets",
    "POST /socket-ticket",
    "POST /lessons/{lesson_id}/hls",
    "POST /recordings/{recording_id}/play",
    *("POST /make-ups/{make_up_id}/beats", "POST /make-ups/{make_up_id}/marks/{question_id}"),
    "POST /lessons/{lesson_id}/rule-preview",
    "PATCH /uploads/{upload_id}",
    *("POST /micro-videos/{video_id}/beats", "POST /micro-videos/{video_id}/marks/{question_id}"),
    "POST /micro-videos/{video_id}/play",
    "POST /sign-in",
    "POST /lessons/{lesson_id}/sign-in",
    "POST /quizzes/{quiz_id}/answer",
    "POST /quizzes/{quiz_id}/hand-in",
    "POST /checks/{check_id}/answer",
    "POST /inquiries/{inquiry_id}/vote",
    "POST /lessons/{lesson_id}/inquiries",
    "POST /lessons/{lesson_id}/signals",
    "POST /lessons/{lesson_id}/chat",
    "POST /lessons/{lesson_id}/hands",
    "POST /hands/{hand_id}/withdraw",
    "POST /lessons/{lesson_id}/slides/turn",
    "POST /lessons/{lesson_id}/devices",
    "POST /pairings",
    "POST /lessons/{lesson_id}/kiosk/names",
    "POST /lessons/{lesson_id}/kiosk/person",
    "POST /lessons/{lesson_id}/walk-ins/names",
    *(
        f"POST /lessons/{{lesson_id}}/preflights/{{preflight_id}}/{step}"
        for step in ("checks", "clock", "uplink", "line", "line/result", "source")
    ),
}
"""Each says why where it is declared."""
OUTSIDE_THE_API = {"/whip/", "/whep/", "/s/", "/api/openapi.json"}
"""Media connections stand in the media sessions and the lesson's log."""
CHANGING = [endpoint for endpoint in api.endpoints() if endpoint.method != "GET"]
WRITTEN = [endpoint for endpoint in api.endpoints() if leaves_line(endpoint)]


async def lines(school, wanted=AuditQuery()):  # noqa: B008 - a frozen value
    return await school.control.house.records.read(lambda tx: tx.audit.page(wanted, None, 5000))


async def line_of(school, answer):
    wanted = answer.headers["X-Request-ID"]
    return [line for line in await lines(school) if line.request_id == wanted]


def test_what_leaves_no_line_is_listed_here_and_says_why():
    silent = {name_of(endpoint): endpoint.unaudited for endpoint in CHANGING if not leaves_line(endpoint)}
    assert silent.keys() == UNAUDITED
    assert all(len(reason) > 10 for reason in silent.values())


def test_no_other_route_changes_anything_but_media_connections(school):
    known = {(endpoint.method, endpoint.path) for endpoint in api.endpoints()}
    routes = {
        (route.method, route.resource.canonical)
        for route in build(school.control.site).router.routes()
        if route.method not in {"GET", "HEAD", "OPTIONS"} and route.resource is not None
    }
    others = {path for method, path in routes - known if method != "*"}
    assert {path for path in others if not path.startswith(tuple(OUTSIDE_THE_API))} == set()


async def test_every_forbidden_change_leaves_a_line(school, admin):
    """By somebody who has no business in the house at all: no call of theirs can succeed."""
    lesson = await school.new_lesson(admin, unit="一车间党支部", until="live", venues=False)
    ids, member = await belongings(school, admin, lesson), await school.person("10012")
    silent = []
    for endpoint in WRITTEN:
        if endpoint.access == "public":
            continue
        answer = await ask(member, endpoint, ids)
        if answer.status not in {403, 404}:
            continue
        school.control.site.refusals.__init__()  # their pace has a test of its own
        found = await line_of(school, answer)
        if [line.result for line in found] != [answer.json["code"]] or found[0].actor is None:
            silent.append((name_of(endpoint), answer.status, found))
    assert silent == []


async def test_every_change_that_was_done_leaves_a_line(school, admin, director, lecturer):
    """Whoever may, does: everything that succeeds by the smallest body must be in the log, by whom and from where."""
    lesson = await school.new_lesson(admin, until="live")
    ids = await belongings(school, admin, lesson)
    done, missing = set(), []
    for endpoint in WRITTEN:
        if endpoint.access == "public" or name_of(endpoint) == "POST /lessons/{lesson_id}/transitions":
            continue
        for person in (admin, director, lecturer):
            answer = await ask(person, endpoint, ids)
            if answer.status >= 300:
                continue
            done.add(name_of(endpoint))
            found = await line_of(school, answer)
            if not found or {(line.result, line.action) for line in found} != {("done", name_of(endpoint))}:
                missing.append((name_of(endpoint), found))
            break
    assert missing == []
    assert len(done) >= 15, sorted(done)


async def test_a_line_says_who_when_whence_what_and_result(school, admin):
    answer = await admin.post("/api/v1/lessons", {"command_id": str(uuid.uuid4())})
    assert answer.status == 422
    assert await line_of(school, answer) == []  # a form that was filled in wrongly is nothing to audit
    created = await school.new_lesson(admin, until="draft")
    line = next(line for line in await lines(school) if line.action == "POST /lessons")
    me = (await admin.get("/api/v1/session")).json
    assert (line.actor, line.address, line.result) == (me["account_id"], "127.0.0.1", "done")
    assert len(line.login) == 16
    assert created["title"] in line.detail
    moved = await admin.command(f"/api/v1/lessons/{created['id']}/transitions", event="schedule")
    (line,) = await line_of(school, moved)
    assert line.about == f"lesson/{created['id']}"


async def test_logins_are_in_the_log_and_what_was_typed_is_not(school):
    stranger = await school.stranger()
    failed = await stranger.post("/api/v1/session", {"number": "10003", "password": "my secret words"})
    (line,) = await line_of(school, failed)
    account = (await (await school.person("10003")).get("/api/v1/session")).json["account_id"]
    assert (line.actor, line.about, line.result, line.detail) == (None, f"account/{account}", "bad_credentials", "{}")
    unknown = await stranger.post("/api/v1/session", {"number": "my secret words", "password": "x"})
    (line,) = await line_of(school, unknown)
    assert (line.about, line.detail) == ("", "{}")
    newest = next(line for line in await lines(school) if line.action == "POST /session" and line.result == "done")
    assert newest.actor == account
    left = await (await school.person("10003")).ask("DELETE", "/api/v1/session")
    assert [(line.action, line.actor) for line in await line_of(school, left)] == [("DELETE /session", account)]


async def test_who_is_not_logged_in_fills_no_log_by_logging_out(school):
    stranger = await school.stranger()
    for headers in ({}, {"Cookie": f"{COOKIE}=made-up"}):
        left = await stranger.ask("DELETE", "/api/v1/session", headers=headers)
        assert left.status == 204
        assert await line_of(school, left) == []


async def test_the_log_of_a_school_that_was_busy_is_sound(school):
    found = await verify(school.settings.database)
    assert found.sound
    assert found.count > 0


def test_who_is_refused_all_the_time_does_not_fill_the_log():
    refusals = Refusals()
    admitted = [refusals.admit("10.0.0.9", 0) for _ in range(100)]
    assert admitted.count(0) == 30
    assert admitted.count(None) == 70
    assert refusals.admit("10.0.0.9", 2_000) == 70
    assert refusals.admit("10.0.0.9", 4_000) == 0


def test_many_who_are_refused_do_not_fill_it_either():
    refusals = Refusals()
    admitted = [refusals.admit(f"10.0.{number // 250}.{number % 250}", 0) for number in range(2_000)]
    assert admitted.count(0) == 600


@pytest.mark.parametrize("path", ["/api/v1/lessons", "/api/v1/session"])
async def test_reading_leaves_no_line(school, admin, path):
    before = len(await lines(school))
    await asyncio.gather(*(admin.get(path) for _ in range(3)))
    assert len(await lines(school)) == before


AUDITOR = "auditor-1"
ROOT_ID = demo_id("某集团党委")


@pytest.fixture(scope="module")
async def auditor(school):
    """An audit administrator of the whole house, who comes with a session of their own."""
    records, now = school.control.house.records, school.control.site.now()
    account = Account(AUDITOR, AUDITOR, "审计员", AccountKind.PERSON)
    token = "token-of-the-auditor"
    await records.write(lambda tx: tx.accounts.add([account], [(AUDITOR, RoleGrant(Role.AUDIT_ADMIN, ROOT_ID))]))
    session = Session(digest(token), AUDITOR, now, now + dt.timedelta(hours=1))
    await records.write(lambda tx: tx.sessions.add(session))
    person = await school.stranger()
    person.session.cookie_jar.update_cookies({COOKIE: token})
    return person


async def test_the_auditor_reads_page_by_page_filters_and_verifies(school, admin, auditor):
    lesson = await school.new_lesson(admin, until="open")
    first = (await auditor.get("/api/v1/audit", params={"limit": "2", "what": lesson["id"]})).json
    assert [item["about"] for item in first["items"]] == [f"lesson/{lesson['id']}"] * 2
    assert {item["actor_number"] for item in first["items"]} == {"admin"}
    more = (await auditor.get("/api/v1/audit", params={"cursor": first["items"][0]["position"], "limit": "1"})).json
    assert more["items"][0]["position"] == first["items"][0]["position"] - 1
    nobody = (await auditor.get("/api/v1/audit", params={"who": "no such number"})).json
    assert nobody == {"items": [], "next_cursor": None}
    actions = (await auditor.get("/api/v1/audit", params={"action": "/transitions", "what": lesson["id"]})).json
    assert {item["action"] for item in actions["items"]} == {"POST /lessons/{lesson_id}/transitions"}
    problem_of(await auditor.get("/api/v1/audit", params={"cursor": "x"}), 422, "invalid_body")


async def verified(auditor, **body):
    begun = await auditor.command("/api/v1/audit/checks", **body)
    assert (begun.status, begun.json["result"]) == (202, None), begun.text
    async with asyncio.timeout(60):
        while True:
            now = (await auditor.get(f"/api/v1/audit/checks/{begun.json['id']}")).json
            if now["state"] not in {"queued", "running"}:
                return now
            await asyncio.sleep(0.05)


async def test_the_auditor_has_the_log_verified_and_what_came_of_it_stands_in_it(school, auditor):
    head = (await auditor.get("/api/v1/audit/head")).json
    done = await verified(auditor, noted=head["hash"])
    found = done["result"]
    assert (done["state"], done["progress"], found["sound"], found["flaw"], found["cut"]) == (
        "done",
        100,
        True,
        None,
        0,
    )
    assert found["count"] >= head["position"]
    wrong = await verified(auditor, noted="0" * 63 + "1")
    assert (wrong["result"]["sound"], wrong["result"]["flaw"]["fault"]) == (False, "noted")
    listed = (await auditor.get("/api/v1/audit/checks")).json["items"]
    assert [one["id"] for one in listed[:2]] == [wrong["id"], done["id"]]
    told = await lines(school, AuditQuery(action="audit.checked"))
    assert [(line.actor, json.loads(line.detail)["sound"]) for line in told[:2]] == [(AUDITOR, False), (AUDITOR, True)]
    path = f"/api/v1/audit/checks/{done['id']}/cancel"
    problem_of(await auditor.post(path), 409, "job_over")
    problem_of(await auditor.get(f"/api/v1/audit/checks/{uuid.uuid4()}"), 404, "job_not_found")


async def test_the_log_is_exported_with_formulas_neutralised_and_leaves_a_line(school, auditor):
    call = Doing(school.control.site.now(), AUDITOR, "=cmd()", "", "export-test", "POST /test")
    await note(school.control.house.records, call)
    csv = await auditor.get("/api/v1/audit/export", params={"what": "POST /test"})
    assert csv.headers["Content-Type"].startswith("text/csv")
    assert ",'=cmd()," in csv.text
    lines_of_it = await auditor.get("/api/v1/audit/export", params={"format": "jsonl", "what": "POST /test"})
    assert [json.loads(line)["address"] for line in lines_of_it.text.splitlines()][:1] == ["=cmd()"]
    assert [line.action for line in await line_of(school, csv)] == ["GET /audit/export"]


async def test_the_heads_of_the_ledger_are_listed_and_exported(school, auditor):
    records, now = school.control.house.records, school.control.site.now()
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(3)]
    notes = [DayHead(day, Head(n + 1, f"{n}" * 64), now) for n, day in enumerate(days)]
    await records.write(lambda tx: [tx.ledger.note_day(each) for each in notes])
    path = "/api/v1/ledger/heads"
    page = (await auditor.get(path, params={"limit": 2})).json
    assert [(each["day"], each["position"], each["hash"]) for each in page["items"]] == [
        ("2020-01-03", 3, "2" * 64),
        ("2020-01-02", 2, "1" * 64),
    ]
    rest = (await auditor.get(path, params={"cursor": page["next_cursor"]})).json
    assert ([each["day"] for each in rest["items"]], rest["next_cursor"]) == (["2020-01-01"], None)
    problem_of(await auditor.get(path, params={"cursor": "x"}), 422, "invalid_body")
    csv = await auditor.get(f"{path}/export")
    assert [line.split(",")[:3] for line in csv.text.splitlines()[1:]] == [
        [str(day), str(n + 1), f"{n}" * 64] for n, day in enumerate(days)
    ]
    assert [line.action for line in await line_of(school, csv)] == ["GET /ledger/heads/export"]
    checked = await auditor.get(f"{path}/check", params={"hash": "2" * 64})
    assert checked.json == {"standing": "unknown", "position": None}
    problem_of(await auditor.get(f"{path}/check", params={"hash": "2' OR 1=1"}), 422, "invalid_body")


async def test_nobody_else_reads_the_log(school, admin, director, member):
    for person in (admin, director, member):
        for answer in (
            await person.get("/api/v1/audit"),
            await person.get("/api/v1/audit/export"),
            await person.get("/api/v1/audit/head"),
            await person.get("/api/v1/audit/checks"),
            await person.get("/api/v1/ledger/heads"),
            await person.get("/api/v1/ledger/heads/export"),
            await person.get("/api/v1/ledger/heads/check", params={"hash": "0" * 64}),
            await person.command("/api/v1/audit/checks"),
        ):
            problem_of(answer, 403, "forbidden")


async def test_what_is_over_is_cut_and_a_line_says_so(school):
    records = school.control.house.records
    assert await cut_old(records, dt.timedelta(days=184), school.control.site.now()) == 0
    later = school.control.site.now() + dt.timedelta(days=186)
    assert await cut_old(records, dt.timedelta(days=184), later) > 0
    found = await verify(school.settings.database)
    assert (found.sound, found.count) == (True, 1)
    assert [line.action for line in await lines(school)] == ["audit.cut"]


async def test_a_path_that_no_database_takes_is_written_readably(school, admin):
    """As it came it would undo the whole batch in which its line is written, with what everybody else did."""
    answer = await admin.ask("DELETE", "/api/v1/sessions/%00" + "x" * 500)
    assert answer.status == 204
    [line] = await line_of(school, answer)
    assert line.about == "session/?" + "x" * 119
    assert writable("党\x00\udcff\u202e校") == "党???校"


async def test_a_telephone_number_stands_in_no_line(school, admin):
    """Whoever reads the log sees people without their numbers."""
    entry = {
        "number": "n4711",
        "name": "曾学员",
        "kind": "full",
        "unit_id": demo_id("维修党支部"),
        "since": "2026-01-01",
    }
    made = await admin.command("/api/v1/members", **entry, phone="13800004711")
    assert made.json["phone"] == "13800004711"
    body, headers = {"command_id": str(uuid.uuid4()), "phone": "13900004711"}, {"If-Match": '"1"'}
    changed = await admin.ask("PATCH", f"/api/v1/members/{made.json['id']}", json=body, headers=headers)
    assert changed.json["phone"] == "13900004711"
    for answer, told in ((made, "曾学员"), (changed, made.json["id"])):
        [line] = await line_of(school, answer)
        assert told in line.detail
        assert "4711" not in line.detail.replace("n4711", "")


async def test_whoever_loads_people_down_stands_in_the_log(school, admin):
    loaded = await admin.get("/api/v1/roster-export", params={"format": "csv"})
    assert loaded.status == 200
    [line] = await line_of(school, loaded)
    assert (line.action, line.result, json.loads(line.detail)["format"]) == ("GET /roster-export", "done", "csv")
