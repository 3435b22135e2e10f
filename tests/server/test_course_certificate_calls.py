"""Certificates over HTTPS: the file, who gets it, and the check that is open and paced."""

import datetime as dt
import uuid

import pytest

from server.domain.course_certificates import CourseCertificate, number_of, printed
from server.services.demo import demo_id

from .conftest import problem_of

PATH = "/api/v1/certificates"
CHECK = "/api/v1/certificate-checks"


@pytest.fixture
async def certificate(school, admin, member):
    made = await admin.command("/api/v1/courses", unit_id=demo_id("某集团党委"), title="消防安全微课")
    who = (await member.get("/api/v1/session")).json
    one = CourseCertificate(
        *(str(uuid.uuid4()), number_of(uuid.uuid4().bytes[:10]), made.json["id"], who["member_id"], who["unit"]["id"]),
        *(who["name"], who["unit"]["name"], "消防安全微课", "某集团党委", 3, 2, 150),
        issued_at=dt.datetime(2026, 11, 27, tzinfo=dt.UTC),
    )
    await school.control.house.records.write(lambda tx: tx.certificates.add(one))
    return one


async def test_a_member_takes_the_pdf_and_another_finds_nothing(school, admin, member, certificate):
    listed = (await member.get(PATH)).json["items"]
    assert printed(certificate.number) in [each["number"] for each in listed]
    for who in (member, admin):
        file = await who.get(f"{PATH}/{certificate.id}/file")
        assert (file.status, file.headers["Content-Type"], file.body[:5]) == (200, "application/pdf", b"%PDF-")
    other = await school.person("10061")
    problem_of(await other.get(f"{PATH}/{certificate.id}/file"), 404, "certificate_not_found")
    problem_of(await (await school.stranger()).get(f"{PATH}/{certificate.id}/file"), 401, "not_logged_in")
    problem_of(await member.get(f"/api/v1/courses/{certificate.course_id}/certificates"), 403, "forbidden")
    claim = await member.command(f"/api/v1/courses/{certificate.course_id}/certificate")
    assert (claim.status, claim.json["id"]) == (201, certificate.id)


async def test_anybody_checks_a_number_is_told_little_and_paced(school, admin, certificate, time_stands):
    stranger = await school.stranger()
    told = (await stranger.get(f"{CHECK}/{printed(certificate.number)}")).json
    assert (told["state"], told["course"]) == ("genuine", "消防安全微课")
    assert certificate.name not in str(told)
    reason = await admin.command(f"{PATH}/{certificate.id}/withdrawal", reason="代学")
    assert (reason.status, reason.json["state"]) == (200, "withdrawn")
    gone = (await stranger.get(f"{CHECK}/{certificate.number}")).json
    assert (gone["state"], gone["name"], gone["course"]) == ("withdrawn", None, None)
    for typed in ("0000-0000-0000-0001", "..%2f..%2fetc", "%00", "%E8%AF%81"):
        unknown = await stranger.get(f"{CHECK}/{typed}")
        assert (unknown.status, unknown.json["state"], unknown.json["name"]) == (200, "unknown", None)
    for _ in range(20):
        last = await stranger.get(f"{CHECK}/{certificate.number}")
    problem_of(last, 429, "too_fast")
    assert int(last.headers["Retry-After"]) > 0


@pytest.mark.parametrize("typed", ["%00", "a%0Ab", "x" * 101])
async def test_what_no_database_looks_for_is_refused_and_a_name_is_found(admin, certificate, typed):
    path = f"/api/v1/courses/{certificate.course_id}/certificates"
    problem_of(await admin.get(f"{path}?q={typed}"), 422, "invalid_body")
    found = (await admin.get(f"{path}?q=%20{certificate.number[:4]}%20")).json["items"]
    assert [each["id"] for each in found] == [certificate.id]


async def test_one_account_takes_not_every_place_at_the_press(member, certificate, time_stands):
    for _ in range(5):
        last = await member.get(f"{PATH}/{certificate.id}/file")
    problem_of(last, 429, "too_fast")
    assert int(last.headers["Retry-After"]) > 0
