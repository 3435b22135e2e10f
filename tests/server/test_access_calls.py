"""First logins over HTTPS."""

import uuid

from server.services.demo import demo_id

from .conftest import own_school, problem_of, published

school, admin, director, lecturer, member = own_school()


def entry(number, code, password=None):
    return {"command_id": str(uuid.uuid4()), "number": number, "code": code, "password": password}


async def issue(person, kind, *numbers):
    return await person.command("/api/v1/access-codes", kind=kind, account_ids=[demo_id(n) for n in numbers])


async def test_a_door_code_from_the_secretary_logs_a_phone_in(school):
    secretary, phone = await school.person("secretary"), await school.stranger()
    issued = await issue(secretary, "door", "10005")
    assert issued.status == 201
    code = issued.json["items"][0]["code"]
    entered = await phone.post("/api/v1/session/code", entry("10005", code))
    assert entered.status == 201
    assert "Max-Age=2592000" in entered.headers["Set-Cookie"]
    assert (await phone.get("/api/v1/session")).json["number"] == "10005"
    again = await (await school.stranger()).post("/api/v1/session/code", entry("10005", code))
    problem_of(again, 401, "code_wrong")


async def test_an_activation_code_asks_for_a_password_and_then_for_a_better_one(school, admin):
    phone = await school.stranger()
    code = (await issue(admin, "activation", "10006")).json["items"][0]["code"]
    problem_of(await phone.post("/api/v1/session/code", entry("10006", code)), 422, "password_needed")
    problem_of(await phone.post("/api/v1/session/code", entry("10006", code, "short")), 422, "password_short")
    problem_of(await phone.post("/api/v1/session/code", entry("10006", code, "12345678")), 422, "password_common")
    assert (await phone.post("/api/v1/session/code", entry("10006", code, "mop7-lamp4"))).status == 201


async def test_a_door_code_is_for_one_person(school, admin):
    problem_of(await issue(admin, "door", "10005", "10006"), 422, "invalid_body")
    problem_of(await issue(admin, "activation"), 422, "invalid_body")


async def test_accounts_are_listed_to_who_issues_codes_in_the_own_units_only(school, admin):
    secretary = await school.person("secretary")
    own = (await secretary.get("/api/v1/accounts?limit=200")).json
    assert {row["unit"]["name"] for row in own["items"]} == {"综合党支部"}
    assert len(own["items"]) == 21
    first = (await admin.get("/api/v1/accounts?limit=50")).json
    assert len(first["items"]) == 50
    second = (await admin.get("/api/v1/accounts", params={"cursor": first["next_cursor"]})).json
    assert not {row["number"] for row in first["items"]} & {row["number"] for row in second["items"]}
    found = (await admin.get("/api/v1/accounts", params={"words": "甲02"})).json["items"]
    assert [row["number"] for row in found] == ["10002"]
    assert (await admin.get("/api/v1/accounts?words=%25")).json["items"] == []
    foreign = await secretary.get(f"/api/v1/accounts?unit_id={demo_id('财务党支部')}")
    problem_of(foreign, 404, "unit_not_found")


async def test_codes_and_new_passwords_never_reach_a_log(school, admin, capfd):
    code = (await issue(admin, "activation", "10007")).json["items"][0]["code"]
    phone = await school.stranger()
    await phone.post("/api/v1/session/code", entry("10007", code, "S3CRET-one"))
    await phone.post("/api/v1/session/code", {**entry("10007", code, "S3CRET-two"), "more": 1})
    out, err = capfd.readouterr()
    assert "S3CRET" not in out + err
    assert code not in out + err


async def test_who_scans_a_code_is_asked_for_consent_and_signed_in_at_the_time_of_the_scan(school, admin):
    """The question comes between the login and the sign-in; the proof waits for the answer."""
    version, lesson = await published(school), await school.new_lesson(admin, until="live")
    screen, phone = await school.person("venue1"), await school.stranger()
    codes = (await screen.get(f"/api/v1/lessons/{lesson['id']}/sign-in-code")).json["codes"]
    scanned = await phone.get("/s/" + codes[0]["url"].rsplit("/s/", 1)[1])
    assert (scanned.status, scanned.headers["Location"]) == (303, "/sign-in")
    await phone.log_in("10061")
    assert (await phone.get("/api/v1/session")).json["consent"] == version
    redeemed_at = (await phone.get("/api/v1/sign-in")).json["redeemed_at"]
    accepted = await phone.command("/api/v1/session/consent", version=version)
    assert accepted.status == 204, accepted.text
    assert (await phone.get("/api/v1/session")).json["consent"] is None
    signed = await phone.command("/api/v1/sign-in")
    assert signed.status == 200, signed.text
    assert (signed.json["at"], signed.json["way"]) == (redeemed_at, "qr")
    assert (await screen.get("/api/v1/session")).json["consent"] is None  # a device is asked nothing
