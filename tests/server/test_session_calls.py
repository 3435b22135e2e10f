"""Logging in and out over HTTPS."""

import pytest

from server.services.demo import PASSWORD

from .conftest import open_school, problem_of


async def test_login_sets_a_host_cookie_and_says_who_it_is(school):
    stranger = await school.stranger()
    answer = await stranger.post("/api/v1/session", {"number": "lecturer", "password": PASSWORD})
    assert answer.status == 201
    assert answer.json["name"] == "讲师"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    attributes = {part.strip().split("=")[0].lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "path", "samesite", "max-age"} <= attributes
    assert "domain" not in attributes
    assert (await stranger.get("/api/v1/session")).json == answer.json


async def test_logout_ends_the_session_on_the_server_too(school):
    person = await school.person("10002")
    token = next(cookie.value for cookie in person.session.cookie_jar)
    assert (await person.ask("DELETE", "/api/v1/session")).status == 204
    problem_of(await person.get("/api/v1/session"), 401, "not_logged_in")
    thief = await school.stranger()
    answer = await thief.get("/api/v1/session", headers={"Cookie": f"__Host-session={token}"})
    problem_of(answer, 401, "not_logged_in")


async def test_a_wrong_password_and_an_unknown_number_get_the_same_answer(school):
    stranger = await school.stranger()
    answers = [
        await stranger.post("/api/v1/session", {"number": number, "password": "wrong"})
        for number in ("10003", "nobody")
    ]
    problems = [problem_of(answer, 401, "bad_credentials") for answer in answers]
    assert {**problems[0], "request_id": ""} == {**problems[1], "request_id": ""}


@pytest.mark.process
async def test_five_failures_lock_the_account_at_this_address(tmp_path):
    async with open_school(tmp_path) as school:
        stranger = await school.stranger()
        for _ in range(5):
            problem_of(
                await stranger.post("/api/v1/session", {"number": "10001", "password": "x"}), 401, "bad_credentials"
            )
        locked = await stranger.post("/api/v1/session", {"number": "10001", "password": PASSWORD})
        problem_of(locked, 429, "locked_out")
        assert 0 < int(locked.headers["Retry-After"]) <= 300
        await school.person("10002")


ORIGINS = [None, "https://evil.example", "null", "http://localhost"]


@pytest.mark.parametrize("origin", ORIGINS)
async def test_unsafe_requests_need_an_origin_of_ours(school, admin, origin):
    answer = await admin.post("/api/v1/lessons", {"title": "x"}, origin=origin)
    problem_of(answer, 403, "origin_refused")


async def test_safe_requests_need_no_origin(admin):
    assert (await admin.get("/api/v1/session", origin=None)).status == 200


async def test_passwords_and_cookies_never_reach_a_log(school, capfd):
    stranger = await school.stranger()
    await stranger.post("/api/v1/session", {"number": "10004", "password": "S3CRET-password"})
    await stranger.post("/api/v1/session", {"number": "10004", "password": PASSWORD, "S3CRET-field": 1})
    person = await school.person("10004")
    token = next(cookie.value for cookie in person.session.cookie_jar)
    await person.get("/api/v1/lessons")
    out, err = capfd.readouterr()
    assert "S3CRET" not in out + err
    assert token not in out + err
