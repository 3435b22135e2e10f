"""Every call of the API × who has no business there: what is not listed here as anybody's is refused to all of them.

Bodies are made from the models, so that a call is refused for its right and not for its form. A new call that members
or venues may make has to be named here.
"""

import uuid

import pytest

from server.services.demo import demo_id
from server.web import api
from server.web.screens import SCREEN

from .conftest import problem_of

MEMBERS = {
    *(f"{method} /session/second-factor{step}" for method, step in (("GET", ""), ("POST", ""), ("POST", "/confirm"))),
    "POST /session/second-factor/remove",
    *("GET /my-data", "POST /my-data/exports", "GET /my-rooms"),
    *("POST /my-data/erasure", "POST /my-data/erasure/withdraw"),
    *("GET /data-exports/{data_export_id}/file", "POST /data-exports/{data_export_id}/cancel"),
    *("GET /session/consent", "POST /session/consent"),
    *("GET /session/idle", "POST /session/password", "GET /sessions", "DELETE /sessions/{session_id}"),
    *("GET /units", "GET /venues", "GET /lecturers", "GET /lessons", "GET /session", "POST /socket-ticket"),
    *(
        "GET /courses",
        "GET /courses/{course_id}/micro-videos",
        "GET /courses/{course_id}/study",
        "GET /course-studies",
        "GET /certificates",
        "POST /courses/{course_id}/certificate",
        "GET /certificates/{certificate_id}/file",
        "GET /calendar-feed",
        "POST /calendar-feed",
        "DELETE /calendar-feed",
    ),
    *("GET /lessons/{lesson_id}", "GET /lessons/{lesson_id}/events", "GET /lessons/{lesson_id}/stage"),
    *("POST /lessons/{lesson_id}/tickets", "POST /lessons/{lesson_id}/hls"),
    *("GET /recordings", "GET /recordings/{recording_id}", "GET /recordings/{recording_id}/keeping"),
    "POST /recordings/{recording_id}/play",
    "GET /recordings/{recording_id}/poster",
    *("GET /sign-in", "POST /sign-in", "POST /lessons/{lesson_id}/sign-in", "GET /lessons/{lesson_id}/attendance"),
    *("GET /lessons/{lesson_id}/place", "PUT /lessons/{lesson_id}/place"),
    *("POST /lessons/{lesson_id}/leaves", "POST /leaves/{leave_id}/withdraw"),
    *("GET /lessons/{lesson_id}/checks", "POST /checks/{check_id}/answer"),
    *("GET /lessons/{lesson_id}/verdict", "GET /credit", "GET /credit-standing", "POST /lessons/{lesson_id}/reviews"),
    *("GET /outside-credits/mine", "POST /outside-proofs", "POST /outside-credits"),
    *(f"POST /outside-credits/{{outside_id}}/{step}" for step in ("proof", "withdraw")),
    *("GET /outside-proofs/{proof_id}/file", "GET /year-list/reminder", "GET /credit/export"),
    *("GET /make-ups/mine", "GET /make-ups/{make_up_id}", "POST /make-ups/{make_up_id}/beats"),
    *("POST /make-ups/{make_up_id}/attempts", "POST /make-ups/{make_up_id}/attempts/{attempt_id}/answers"),
    *("GET /lessons/{lesson_id}/quizzes", "POST /quizzes/{quiz_id}/answer", "POST /quizzes/{quiz_id}/hand-in"),
    *("GET /quizzes/{quiz_id}/picture", "GET /make-ups/{make_up_id}/attempts/{attempt_id}/picture"),
    "GET /question-pictures",
    *("GET /lessons/{lesson_id}/chat", "POST /lessons/{lesson_id}/chat"),
    *("GET /lessons/{lesson_id}/hands", "POST /lessons/{lesson_id}/hands", "POST /hands/{hand_id}/withdraw"),
    *("GET /lessons/{lesson_id}/inquiries", "POST /lessons/{lesson_id}/inquiries"),
    *("POST /inquiries/{inquiry_id}/vote", "POST /lessons/{lesson_id}/signals"),
    *("GET /lessons/{lesson_id}/chapters", "GET /lessons/{lesson_id}/slides", "GET /lessons/{lesson_id}/materials"),
    *("GET /inbox", "GET /inbox/unread", "POST /inbox/read", "POST /inbox/{letter_id}/read"),
    *("GET /materials/{material_id}/file", "GET /materials/{material_id}/poster"),
}
"""What whoever belongs to a lesson may ask for."""
_PREFLIGHT = "/lessons/{lesson_id}/preflights/{preflight_id}"
VENUES = {
    *("GET /lessons/{lesson_id}/roster", "GET /lessons/{lesson_id}/board", "GET /lessons/{lesson_id}/sign-in-code"),
    *("POST /lessons/{lesson_id}/assisted-sign-ins", "POST /lessons/{lesson_id}/departures"),
    *("GET /lessons/{lesson_id}/verdicts", "POST /lessons/{lesson_id}/arrivals", "POST /lessons/{lesson_id}/venue"),
    *("POST /lessons/{lesson_id}/roll-call/answer", "GET /lessons/{lesson_id}/helps"),
    *("POST /lessons/{lesson_id}/helps", "POST /lessons/{lesson_id}/helps/{help_id}/close"),
    "GET /lessons/{lesson_id}/notices",
    *("POST /lessons/{lesson_id}/notices/{notice_id}/read", "POST /lessons/{lesson_id}/devices"),
    *("GET /lessons/{lesson_id}/venue-keys", "POST /lessons/{lesson_id}/venue-keys"),
    "POST /lessons/{lesson_id}/venue-keys/{key_id}/revoke",
    *(f"POST /lessons/{{lesson_id}}/kiosk{step}" for step in ("", "/names", "/person", "/sign-ins")),
    *("GET /lessons/{lesson_id}/preflights", "POST /lessons/{lesson_id}/preflights"),
    *(f"POST {_PREFLIGHT}/{step}" for step in ("checks", "clock", "uplink", "line", "line/result", "source", "sign")),
}
"""What a venue of the lesson may ask for beside that."""
UNIT = {"unit_id": demo_id("某集团党委")}
KNOWN = {"POST /lessons/{lesson_id}/roster": {"number": "10001"}, "POST /lessons": UNIT, "POST /credit-rules": UNIT}
KNOWN["POST /oversights"] = {"unit_id": demo_id("综合党支部")}
KNOWN |= {"POST /year-rules": UNIT, "POST /study-roles": {"number": "10001"}}
KNOWN |= dict.fromkeys(("POST /courses", "POST /kind-rules", "POST /lesson-series"), UNIT)
KNOWN["POST /venues"] = UNIT
KNOWN["POST /access-codes"] = {"account_ids": [demo_id("10002")]}
"""What has to be there to be refused, and what a schema does not tell."""
CALLS = [endpoint for endpoint in api.endpoints() if endpoint.access == "session"]


def name_of(endpoint):
    return f"{endpoint.method} {endpoint.path.removeprefix('/api/v1')}"


TEXTS = {"uuid": lambda: str(uuid.uuid4()), "date-time": lambda: "2026-11-23T01:00:00Z", "date": lambda: "2026-11-23"}


def sample(schema, defs):
    """The smallest thing that fits."""
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return sample(schema[key][0], defs)
    if "$ref" in schema:
        return sample(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    return SIMPLE[schema["type"]](schema, defs)


def text(schema, _defs):
    if schema.get("pattern") == "^[0-9a-f]{64}$":
        return "0" * 64
    return TEXTS.get(schema.get("format"), lambda: "a" * max(4, schema.get("minLength", 0)))()


def several(schema, defs):
    return [sample(schema["items"], defs) for _ in range(schema.get("minItems", 0))]


def fields(schema, defs):
    return {key: sample(schema["properties"][key], defs) for key in schema.get("required", ())}


SIMPLE = {
    "object": fields,
    "array": several,
    "string": text,
    "boolean": lambda _schema, _defs: True,
    "integer": lambda schema, _defs: schema.get("minimum", 1),
    "number": lambda schema, _defs: schema.get("minimum", 1),
    "null": lambda _schema, _defs: None,
}


async def ask(person, endpoint, ids):
    path = endpoint.path.format(**{name: ids.get(name, str(uuid.uuid4())) for name in endpoint.parts})
    headers, more = {"If-Match": '"1"'}, {}
    if endpoint.body is not None:
        more = {"json": made(endpoint.body) | KNOWN.get(name_of(endpoint), {})}
    elif endpoint.method != "GET":
        headers["Content-Type"], more = "application/octet-stream", {"data": b"%PDF-1.7"}
    query = {} if endpoint.query is None else made(endpoint.query)
    return await person.ask(endpoint.method, path, params=query, headers=headers, **more)


def made(model):
    schema = model.model_json_schema()
    return sample(schema, schema.get("$defs", {}))


async def belongings(school, admin, lesson):
    """Something of this lesson for each kind of call that speaks of no lesson."""
    path = f"/api/v1/lessons/{lesson['id']}"
    query = {"command_id": str(uuid.uuid4()), "kind": "slides", "name": "课件", "release": "before"}
    content = {"data": b"%PDF-1.7 of nothing", "headers": {"Content-Type": "application/octet-stream"}}
    material = (await admin.ask("POST", f"{path}/materials", params=query, **content)).json
    chapter = (await admin.command(f"{path}/chapters", title="第一章")).json
    stage = (await admin.get(f"{path}/stage")).json
    return {
        "lesson_id": lesson["id"],
        "material_id": material["id"],
        "job_id": material["job_id"],
        "chapter_id": chapter["id"],
        "recording_id": stage["recording"]["id"],
    }


def test_what_is_listed_here_is_there():
    assert {name_of(endpoint) for endpoint in CALLS} >= MEMBERS | VENUES | SCREEN


def test_a_venues_screen_asks_for_less_than_a_person_there():
    assert SCREEN < MEMBERS | VENUES


async def test_who_has_not_logged_in_may_ask_for_nothing(school):
    nobody = await school.stranger()
    for endpoint in CALLS:
        problem_of(await ask(nobody, endpoint, {}), 401, "not_logged_in")


async def test_to_a_member_of_another_unit_nothing_of_a_lesson_is_even_there(school, admin):
    foreign = await school.new_lesson(admin, unit="一车间党支部", until="live", venues=False)
    ids, member = await belongings(school, admin, foreign), await school.person("10010")
    concerned = [endpoint for endpoint in CALLS if ids.keys() & endpoint.parts.keys()]
    answers = {name_of(endpoint): await ask(member, endpoint, ids) for endpoint in concerned}
    told = {name: (answer.status, answer.json["code"]) for name, answer in answers.items() if answer.status < 404}
    assert told == {}
    wrong = {name: answer.json["code"] for name, answer in answers.items() if "_not_found" not in answer.text}
    assert wrong == {}


@pytest.mark.parametrize(("number", "may"), [("10010", MEMBERS), ("venue1", SCREEN)])
async def test_what_is_not_listed_is_refused_to_members_and_venues(school, admin, number, may):
    lesson = await school.new_lesson(admin, until="live")
    ids, person = await belongings(school, admin, lesson), await school.person(number)
    others = [endpoint for endpoint in CALLS if name_of(endpoint) not in may]
    answers = {name_of(endpoint): (endpoint, await ask(person, endpoint, ids)) for endpoint in others}
    allowed = {
        name: answer.text[:200]
        for name, (endpoint, answer) in answers.items()
        if answer.status not in ({403} if endpoint.parts.keys() <= {"lesson_id"} else {403, 404})
    }
    assert allowed == {}
