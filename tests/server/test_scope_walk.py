"""Every call of the API × where in the tree the asker stands: own unit, unit above, sibling unit, nobody.

Generated from the table of routes. What a branch has is made for each part of a path; a route whose part nothing is
made for, or that the branch's own administrator may not ask, has to be named here with its reason.
"""

import datetime as dt
import secrets
import uuid

import pytest

from server.domain.course_certificates import RANDOM_BYTES, CourseCertificate, number_of
from server.services.demo import demo_id
from tests.converting import photos

from .conftest import own_school
from .test_route_rights import CALLS, made, name_of

school, admin, director, lecturer, member = own_school()

OWN, ABOVE, BESIDE = "一车间党支部", "生产党总支", "二车间党支部"
THEIRS = {"10062": OWN, "10101": ABOVE, "10082": BESIDE}
"""Members to whom the security administrator gives the role of school administrator, and where."""
NOTHING_MADE = {
    "check_id": "drawn from a sealed seed while a lesson runs; tests/services/test_presence_checks.py",
    "make_up_id": "needs a settled lesson; tests/services/test_make_ups.py",
    "attempt_id": "needs a settled lesson; tests/services/test_make_ups.py",
    "review_id": "needs a settled lesson; tests/server/test_credit_calls.py",
    "entry_id": "needs a settled lesson; tests/services/test_entry_corrections.py",
    "sheet_id": "needs a lesson that is over; its own tests",
    "session_id": "one's own logins only, looked for among one's own",
    "failover_id": "needs venues that moved; tests/services/test_failovers.py",
    "notice_id": "read by a venue's device; tests/services/test_helps.py",
    "preflight_id": "made by a venue's device; tests/server/test_preflight_calls.py",
    "key_id": "made by a venue's device; tests/server/test_venue_keys.py",
    "device_id": "made by pairing; its own tests",
    "import_id": "bound to the scope of who uploaded it; tests/services/test_roster_imports.py",
    "help_id": "asked by a venue's device; tests/services/test_helps.py",
    "letter_id": "one's own only; tests of the inbox",
    "series_id": "drafts of one's own plan; tests of the calendar",
    "job_id": "of a material, which is walked",
    "export_id": "needs a recording that has ended; tests/server/test_export_calls.py",
    "name": "a file of such an export",
    "erasure_id": "the security administrator of the whole house; tests/services/test_erasures.py",
    "hold_id": "the security administrator of the whole house; tests/services/test_erasures.py",
    "bundle_id": "one's own only; tests/services/test_sheets.py",
    "data_export_id": "one's own only; tests/services/test_data_exports.py",
    "upload_id": "one's own only; tests/services/test_micro_uploads.py",
    "verification_id": "the audit administrator of the whole house; tests/server/test_audit_trail.py",
}
QUERIED = {"sha256"}
"""Named in queries only."""
PLAN = {"kind": "single", "text": "哪一项？", "options": ["甲", "乙"], "correct": [0]}
OTHERS = {
    "GET /lessons/{lesson_id}/sign-in-code": "a venue's screen",
    "POST /lessons/{lesson_id}/venue": "a venue's screen",
    "POST /lessons/{lesson_id}/roll-call/answer": "a venue's screen",
    "POST /lessons/{lesson_id}/helps": "a venue's screen, or the lecturer",
    "POST /lessons/{lesson_id}/preflights": "a venue's screen",
    "POST /lessons/{lesson_id}/devices": "a venue's screen",
    "POST /lessons/{lesson_id}/arrivals": "names a venue that moved",
    **{f"POST /lessons/{{lesson_id}}/kiosk{step}": "a venue's screen" for step in ("/names", "/person", "/sign-ins")},
    "POST /lessons/{lesson_id}/kiosk": "names no venue",
    **{f"POST /lessons/{{lesson_id}}/walk-ins{step}": "names no venue" for step in ("", "/names")},
    "GET /lessons/{lesson_id}/room": "an operator of the room; tests/services/test_operators.py",
    "GET /accounts/{account_id}/sessions": "the security administrator",
    "DELETE /accounts/{account_id}/sessions": "the security administrator",
    "DELETE /accounts/{account_id}/second-factor": "the security administrator",
    "POST /accounts/{account_id}/roles": "the security administrator",
    "POST /accounts/{account_id}/roles/revoke": "the security administrator",
    "POST /accounts/{account_id}/disabled": "the security administrator",
    "GET /consents": "administrators of the whole house",
    "POST /consents": "administrators of the whole house",
    **dict.fromkeys(
        (
            *("GET /data-exports", "POST /data-exports", "GET /erasures", "GET /erasures/subject", "POST /erasures"),
            *("GET /legal-holds", "GET /legal-holds/lessons", "POST /legal-holds"),
            *("GET /retention", "GET /retention/preview", "POST /retention"),
            *("GET /keeping", "GET /keeping/preview", "POST /keeping/rules", "POST /keeping/kinds"),
        ),
        "the security administrator of the whole house",
    ),
    "GET /audit": "the audit administrator of the whole house",
    "GET /audit/export": "the audit administrator of the whole house",
    **dict.fromkeys(("GET /audit/head", "GET /audit/checks", "POST /audit/checks"), "as is the audit log"),
    **dict.fromkeys(
        ("GET /ledger/heads", "GET /ledger/heads/export", "GET /ledger/heads/check"), "as is the audit log"
    ),
    "POST /session/second-factor/confirm": "one's own; there is none to confirm",
    "GET /members/{member_id}/lessons/{lesson_id}/verdict": "needs a settled lesson; tests/services/test_credit.py",
    "POST /leaves/{leave_id}/withdraw": "whoever asked",
    "POST /outside-credits/{outside_id}/withdraw": "whoever entered it",
    **dict.fromkeys(
        ("POST /outside-credits", "POST /outside-credits/{outside_id}/proof"), "names a proof of one's own"
    ),
    "GET /question-pictures": "one's own, brought within a day",
    "POST /hands/{hand_id}/withdraw": "whoever raised it",
    "POST /oversights": "asks of a unit below one's own",
    "POST /oversights/{oversight_id}/answer": "the branch's secretary",
    **dict.fromkeys(
        (f"POST /oversights/{{oversight_id}}/{step}" for step in ("return", "close", "withdraw")), "the unit that asked"
    ),
    "POST /inquiries/{inquiry_id}/vote": "members, once it is shown",
    "POST /units": "names a unit above",
    "POST /units/{unit_id}/parent": "names a unit above",
    **dict.fromkeys(
        (
            *(f"POST /lessons/{{lesson_id}}/{part}" for part in ("speech", "talkback", "fallbacks", "failovers")),
            *(f"POST /lessons/{{lesson_id}}/roll-call/{part}" for part in ("turn", "result")),
            *("POST /lessons/{lesson_id}/roster", "POST /lessons/{lesson_id}/venue-keys"),
            "GET /lessons/{lesson_id}/failover-preview",
        ),
        "names a venue of the lesson by a word that no schema tells",
    ),
    "POST /lessons/{lesson_id}/sheets/{unit_id}": "the branch's secretary",
    "POST /quizzes/{quiz_id}/assisted-answers": "names a member who is in no room",
    "POST /lessons/{lesson_id}/findings": "names a doubt that is not there",
    "POST /lessons/{lesson_id}/inquiries/decisions": "names inquiries that are not there",
    "POST /lessons/{lesson_id}/clip": "names a clip that is not there",
    **dict.fromkeys(
        (
            *("GET /micro-videos/{video_id}/study", "POST /micro-videos/{video_id}/marks/{question_id}"),
            *(f"POST /micro-videos/{{video_id}}/{part}" for part in ("play", "beats", "attempts")),
        ),
        "is not published: there is nothing to watch; tests/services/test_micro_studies.py",
    ),
    "POST /venues/{venue_id}/devices": "names a pairing that is not there",
    "POST /venues/{venue_id}/devices/look": "names a pairing that is not there",
}
"""What the branch's own administrator is refused, and why. Each has a test of its own where its right is."""
NARROWS = {"GET /venue-registry", "GET /recordings"}
"""A unit only narrows what the asker sees anyway."""
SOON = {
    *("POST /recordings/{recording_id}/play", "POST /recordings/{recording_id}/delete"),
    "GET /recordings/{recording_id}/poster",
}
"""Refused until something has come about that nobody waits for here."""
AS_MEMBERS = {
    *("POST /lessons/{lesson_id}/sign-in", "POST /lessons/{lesson_id}/hands", "POST /lessons/{lesson_id}/inquiries"),
    *("POST /quizzes/{quiz_id}/answer", "POST /quizzes/{quiz_id}/hand-in"),
    *("GET /lessons/{lesson_id}/place", "PUT /lessons/{lesson_id}/place"),
    *("GET /courses/{course_id}/study", "POST /courses/{course_id}/certificate"),
}
"""What the branch's administrator may as its member, and one above who belongs elsewhere may not."""
LAST = ("DELETE ", "/end", "/dissolve", "/transitions")
"""What takes away comes after what looks."""


def with_ids(model, ids):
    """The smallest body or query, naming what is the branch's wherever it can name something."""
    if model is None:
        return {}
    fields = model.model_fields
    named = {key: ids[key] for key in fields if key in ids}
    named |= {f"{key}s": [ids[key]] for key in ids if f"{key}s" in fields}
    named |= {"unit": ids["unit_id"]} if "unit" in fields else {}
    return made(model) | named


async def ask(person, endpoint, ids):
    path = endpoint.path.format(**{part: ids.get(part, str(uuid.uuid4())) for part in endpoint.parts})
    more = {"json": with_ids(endpoint.body, ids)} if endpoint.body is not None else {}
    headers = {"If-Match": '"1"'}
    if endpoint.method != "GET" and endpoint.body is None:
        headers["Content-Type"], more = "application/octet-stream", {"data": b"%PDF-1.7"}
    return await person.ask(endpoint.method, path, params=with_ids(endpoint.query, ids), headers=headers, **more)


async def belongings(school, admin):
    """What the branch has: something for every part of a path."""
    lesson = await school.new_lesson(admin, unit=OWN, until="live")
    path, someone = f"/api/v1/lessons/{lesson['id']}", await school.person("10061")

    async def new(person, where, **fields):
        answer = await person.command(where, **fields)
        assert answer.status == 201, (where, answer.text)
        return answer.json["id"]

    content = {"data": b"%PDF-1.7 of nothing", "headers": {"Content-Type": "application/octet-stream"}}
    query = {"command_id": str(uuid.uuid4()), "kind": "slides", "name": "课件", "release": "before"}
    picture = {"params": {"command_id": str(uuid.uuid4()), "lesson_id": lesson["id"]}, **content, "data": photos.png()}
    sha256 = (await admin.ask("POST", "/api/v1/question-pictures", **picture)).json["sha256"]
    shown = {"picture": {"sha256": sha256, "alt": "红色的方块"}}
    ids = {
        "lesson_id": lesson["id"],
        "sha256": sha256,
        "recording_id": (await admin.get(f"{path}/stage")).json["recording"]["id"],
        "material_id": (await admin.ask("POST", f"{path}/materials", params=query, **content)).json["id"],
        "chapter_id": await new(admin, f"{path}/chapters", title="第一章"),
        "question_id": await new(admin, f"{path}/questions", **PLAN, **shown),
        "hand_id": await new(someone, f"{path}/hands"),
        "inquiry_id": await new(someone, f"{path}/inquiries", text="灭火器每年检查几次？"),
        "line_id": await new(someone, f"{path}/chat", text="听得清"),
        "course_id": await new(admin, "/api/v1/courses", unit_id=demo_id(OWN), title="消防课程"),
        "bank_id": await new(admin, "/api/v1/bank", unit_id=demo_id(OWN), **PLAN, **shown),
        "paper_id": await new(admin, "/api/v1/papers", unit_id=demo_id(OWN), name="试卷", draws=[{"count": 1}]),
        "group_id": await new(admin, f"/api/v1/units/{demo_id(OWN)}/groups", name=f"党小组{lesson['id'][:6]}"),
        "unit_id": demo_id(OWN),
        "member_id": demo_id("member 10061"),
        "account_id": demo_id("10061"),
        "venue_id": demo_id("第一分会场"),
    }
    ids["video_id"] = await new(admin, f"/api/v1/courses/{ids['course_id']}/micro-videos", title="灭火器的使用")
    ids["certificate_id"] = await certificate_of(school, ids)
    at_mark = {"question_ids": [ids["question_id"]], "mark": "minutes", "number": 600}
    ids["planned_id"] = await new(admin, f"{path}/planned-launches", **at_mark)
    ids["quiz_id"] = await new(admin, f"{path}/quizzes", question_id=ids["question_id"])
    planned = await school.new_lesson(admin, unit=OWN, until="scheduled", venues=False)
    ids["leave_id"] = await new(someone, f"/api/v1/lessons/{planned['id']}/leaves", reason="出差")
    assigned = await admin.command(f"/api/v1/venues/{ids['venue_id']}/operators", account_id=demo_id("10064"))
    ids["operator_id"] = assigned.json["items"][0]["id"]
    correction = {"member_id": ids["member_id"], "standing": "present", "reason": "核对过签到表"}
    year = 2100 + secrets.randbelow(800)  # ahead of all that is walked, and no two of one member overlap
    exempt = {"role": "exempt", "since": f"{year}-03-01", "until": f"{year}-03-02", "reason": "病假"}
    ids["study_role_id"] = await new(admin, "/api/v1/study-roles", member_id=ids["member_id"], **exempt)
    file = {"data": b"%PDF-1.7 of nothing", "headers": {"Content-Type": "application/octet-stream"}}
    proof = {"command_id": str(uuid.uuid4()), "name": "证书.pdf"}
    ids["proof_id"] = (await someone.ask("POST", "/api/v1/outside-proofs", params=proof, **file)).json["id"]
    outside = {"title": f"校外培训{lesson['id'][:6]}", "organiser": "培训中心", "held_on": "2026-01-05"}
    outside |= {"hundredths": 100, "proof_id": ids["proof_id"]}
    ids["outside_id"] = await new(someone, "/api/v1/outside-credits", **outside)
    asked = {"unit_id": ids["unit_id"], "subject": "other", "text": "请核对补学名单"}
    due_on = str(school.control.site.now().date() + dt.timedelta(days=7))
    ids["oversight_id"] = await new(admin, "/api/v1/oversights", **asked, due_on=due_on)
    ids["correction_id"] = await new(admin, f"{path}/corrections", **correction)
    return ids


async def certificate_of(school, ids):
    """Of the course that is the branch's, for a member of it."""
    whose = (ids["course_id"], ids["member_id"], ids["unit_id"])
    names = ("学员", OWN, "消防课程", OWN)
    one = CourseCertificate(
        *(str(uuid.uuid4()), number_of(uuid.uuid4().bytes[:RANDOM_BYTES]), *whose, *names),
        *(1, 0, 25),
        issued_at=school.control.site.now(),
    )
    await school.control.house.records.write(lambda tx: tx.certificates.add(one))
    return one.id


@pytest.fixture(scope="module")
async def askers(school):
    security, people = await school.person("secadmin"), {}
    for number, unit in THEIRS.items():
        grant = {"role": "school_admin", "unit_id": demo_id(unit)}
        given = await security.command(f"/api/v1/accounts/{demo_id(number)}/roles", **grant)
        assert given.status == 200, given.text
        people[unit] = await school.person(number)
    return people


def refused(answer):
    return answer.status in {401, 403} or (answer.status == 404 and b"_not_found" in answer.body)


async def walk(person, ids):
    """Route → whether it was refused, and what was said."""
    order = sorted(CALLS, key=lambda one: (one.method != "GET", any(word in name_of(one) for word in LAST)))
    return {name_of(one): await ask(person, one, ids) for one in order}


@pytest.fixture(scope="module")
async def things(school, admin):
    return await belongings(school, admin)


def names_theirs(endpoint, ids):
    """Whether the call names something of the branch, in its path or its body."""
    bodies = (endpoint.body, endpoint.query)
    fields = {field for model in bodies if model is not None for field in model.model_fields}
    return bool(ids.keys() & endpoint.parts.keys()) or "unit_id" in fields


def unmade(name):
    return any(f"{{{part}}}" in name for part in NOTHING_MADE)


async def test_every_part_of_a_path_is_made_or_named(things):
    assert {part for endpoint in CALLS for part in endpoint.parts} == (things.keys() - QUERIED) | NOTHING_MADE.keys()


async def test_nothing_of_a_branch_is_told_to_or_done_by_the_administrator_of_the_one_beside(askers, things):
    answers = await walk(askers[BESIDE], things)
    theirs = {name_of(endpoint) for endpoint in CALLS if names_theirs(endpoint, things)}
    assert {name: answers[name].body[:200] for name in theirs - NARROWS if not refused(answers[name])} == {}
    told = {name: key for name, answer in answers.items() for key, it in things.items() if it.encode() in answer.body}
    assert told == {}


async def test_who_administers_a_branch_or_what_is_above_may_do_the_same(school, admin, askers, things):
    """Runs after the one beside, to whom nothing was done: so all of it was still there."""
    own = await walk(askers[OWN], things)
    kept_from = {name for name, answer in own.items() if refused(answer) and not unmade(name)} - SOON
    assert kept_from == OTHERS.keys()
    above = await walk(askers[ABOVE], await belongings(school, admin))
    assert {name for name in own if refused(above[name]) and not refused(own[name])} - SOON == AS_MEMBERS
