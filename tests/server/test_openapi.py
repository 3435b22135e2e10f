"""The OpenAPI document, and the server held against it by generated requests."""

import json
import urllib.parse
from functools import cache

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server.domain.refusals import MEANINGS
from server.web import api
from server.web.openapi import document

EXAMPLES = 8


@cache
def said():
    """The document. Made when the first test asks: every run that collects this module would make it."""
    return document(api.endpoints(), "1")


@cache
def generating():
    """What makes requests of it."""
    import schemathesis  # takes two seconds

    return schemathesis.openapi.from_dict(said())


def test_the_document_is_valid_and_complete():
    generating().validate()
    assert said()["openapi"].startswith("3.1")
    for endpoint in api.endpoints():
        operation = said()["paths"][endpoint.path][endpoint.method.lower()]
        assert operation["summary"]
        assert str(endpoint.status) in operation["responses"]
    assert set(said()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(MEANINGS)


async def test_the_server_serves_it(school):
    answer = await (await school.stranger()).get("/api/openapi.json")
    assert answer.json["paths"].keys() == said()["paths"].keys()


def operations():
    for endpoint in api.endpoints():
        if endpoint.name not in {"log_out"}:
            yield pytest.param(endpoint, id=f"{endpoint.method} {endpoint.path}")


@pytest.fixture(scope="session")
async def caller(school):
    return await school.person("admin")


@pytest.fixture(scope="session")
async def target(school, caller):
    """A lesson on the air, for half of the requests."""
    return (await school.new_lesson(caller, until="live"))["id"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)


@pytest.mark.parametrize("endpoint", list(operations()))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_answers_are_as_the_document_says(caller, target, endpoint, data):
    operation = generating()[endpoint.path][endpoint.method]
    case = data.draw(operation.as_strategy())
    path = endpoint.path
    for name in endpoint.parts:
        known = name == "lesson_id" and data.draw(st.booleans())
        part = target if known else str(case.path_parameters[name])
        path = path.replace(f"{{{name}}}", urllib.parse.quote(part, safe=""))
    query = {name: str(value) for name, value in (case.query or {}).items() if value is not None}
    query["wait"] = "0"
    more = {} if endpoint.body is None else {"json": data.draw(st.just(case.body) | ANY_JSON)}
    headers = {"If-Match": '"1"', "X-Forwarded-For": "203.0.113.9"}
    answer = await caller.ask(endpoint.method, path, params=query, headers=headers, **more)
    assert str(answer.status) in said()["paths"][endpoint.path][endpoint.method.lower()]["responses"], answer.text
    assert answer.status < 500, answer.text
    check(endpoint, answer)


def check(endpoint, answer):
    """The body fits the schema of its status."""
    responses = said()["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    content = responses[str(answer.status)].get("content")
    if content is None:
        assert answer.body == b""
        return
    kind = answer.headers["Content-Type"].split(";")[0]
    body = json.loads(answer.body) if kind.endswith("json") else answer.body.decode(errors="replace")
    validator(json.dumps(content[kind]["schema"])).validate(body)


@cache
def validator(schema):
    """Made once for each schema, ``schema`` as JSON: to make one costs as much as all the rest of an example."""
    return jsonschema_rs.validator_for({**json.loads(schema), "components": said()["components"]})
