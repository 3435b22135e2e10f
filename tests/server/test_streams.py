"""WHIP (RFC 9725) and WHEP on the wire."""

import re

import pytest
import structlog

from server.services.demo import demo_id

from .conftest import open_school, problem_of
from .offers import offer

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = "application/trickle-ice-sdpfrag"


@pytest.fixture
async def lesson(school, admin):
    return await school.new_lesson(admin, until="open")


async def opened(person, lesson, use, direction, **more):
    ticket = await person.ticket(lesson["id"], use=use, **more)
    headers = {**SDP, "Authorization": f"Bearer {ticket['token']}"}
    return await person.ask("POST", ticket["url"], data=(await offer(direction)).encode(), headers=headers)


async def test_publishing_answers_as_the_rfc_says(school, lecturer, lesson):
    answer = await opened(lecturer, lesson, "publish", "sendonly", source="main")
    assert answer.status == 201, answer.text
    assert answer.headers["Content-Type"] == "application/sdp"
    assert re.fullmatch(r'"[^"]+"', answer.headers["ETag"])
    location = answer.headers["Location"]
    assert re.fullmatch(rf"{re.escape(school.url)}/whip/resource/[\w-]{{43}}", location)
    assert "a=ice-lite" in answer.text
    assert "a=setup:passive" in answer.text
    assert (await lecturer.ask("DELETE", location, origin=None)).status == 200
    fragment = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": answer.headers["ETag"]}
    gone = await lecturer.ask("PATCH", location, origin=None, data=b"a=end-of-candidates", headers=fragment)
    problem_of(gone, 404, "session_unknown")
    assert (await lecturer.ask("DELETE", location, origin=None)).status == 200, "hanging up twice is no fault"


async def test_watching_needs_no_cookie_and_no_origin(school, member, lesson):
    ticket = await member.ticket(lesson["id"], use="watch", view="programme")
    player = await school.stranger()
    headers = {**SDP, "Authorization": f"Bearer {ticket['token']}"}
    sdp = (await offer("recvonly")).encode()
    answer = await player.ask("POST", ticket["url"], data=sdp, headers=headers, origin=None)
    assert answer.status == 201, answer.text
    assert "/whep/resource/" in answer.headers["Location"]
    refused = await player.ask("POST", ticket["url"], data=sdp, headers=headers, origin="https://evil.example")
    problem_of(refused, 403, "origin_refused")


async def test_a_viewer_comes_back_by_its_kept_ticket_until_the_lesson_ends(school, admin, member, lesson):
    """One request each time, at the same address, and no cookie: what was lost is told by its own code."""
    ticket = await member.ticket(lesson["id"], use="watch", view="programme")
    player = await school.stranger()
    kept = {**SDP, "Authorization": f"Bearer {ticket['return_token']}"}
    sdp = (await offer("recvonly")).encode()
    found = [await player.ask("POST", ticket["url"], data=sdp, headers=kept, origin=None) for _ in range(2)]
    assert [answer.status for answer in found] == [201, 201], found[0].text
    assert len({answer.headers["Location"] for answer in found}) == 2
    elsewhere = ticket["url"].replace("/whep/", "/whip/").replace("programme", "main")
    problem_of(await player.ask("POST", elsewhere, data=sdp, headers=kept, origin=None), 403, "ticket_foreign")
    for event in ("start", "end"):
        await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event=event)
    problem_of(await player.ask("POST", ticket["url"], data=sdp, headers=kept, origin=None), 409, "lesson_not_on_air")


async def test_a_view_has_a_size_which_changes_without_a_new_connection(school, member, lecturer, lesson):
    ticket = await member.ticket(lesson["id"], use="watch", view="programme")
    headers = {**SDP, "Authorization": f"Bearer {ticket['token']}"}
    sdp = (await offer("recvonly")).encode()
    for nonsense in ("0", "-1", "4321", "high", "1e3", "", "３６０"):
        refused = await member.ask("POST", f"{ticket['url']}?height={nonsense}", data=sdp, headers=headers)
        problem_of(refused, 422, "invalid_body")
    answer = await member.ask("POST", f"{ticket['url']}?height=360", data=sdp, headers=headers)
    assert answer.status == 201, answer.text
    player = await school.stranger()
    view = answer.headers["Location"] + "/view"
    assert (await player.ask("GET", view, origin=None)).json == {"height": 360, "sound_only": False}
    for height in (1, 4320, None):
        resized = await player.ask("PATCH", view, origin=None, json={"height": height})
        assert (resized.status, resized.json) == (200, {"height": height, "sound_only": False})
    for nonsense in (0, -1, 4321, "360", 3.5, True, [360]):
        problem_of(await player.ask("PATCH", view, origin=None, json={"height": nonsense}), 422, "invalid_body")
    for nonsense in ({}, {"sources": []}, {"sources": ["main"] * 33}, {"sources": "main"}, {"sources": [""]}):
        problem_of(await player.ask("PATCH", view, origin=None, json=nonsense), 422, "invalid_body")
    problem_of(await player.ask("PATCH", view, origin=None, json={"sources": ["main"]}), 404, "session_unknown")
    json_type = {"Content-Type": "application/json"}
    problem_of(await player.ask("PATCH", view, origin=None, data=b"{", headers=json_type), 422, "invalid_body")
    large = b'{"height": 360, "x": "' + b"x" * 9000 + b'"}'
    problem_of(await player.ask("PATCH", view, origin=None, data=large, headers=json_type), 413, "body_too_large")
    problem_of(await player.ask("PATCH", view, origin=None, data=b"360", headers=SDP), 415, "unsupported_media_type")
    published = await opened(lecturer, lesson, "publish", "sendonly", source="main")
    stranger = published.headers["Location"].replace("/whip/", "/whep/") + "/view"
    problem_of(await player.ask("GET", stranger, origin=None), 404, "session_unknown")
    assert (await player.ask("DELETE", answer.headers["Location"], origin=None)).status == 200
    problem_of(await player.ask("PATCH", view, origin=None, json={"height": 1}), 404, "session_unknown")


async def test_trickle_candidates_and_ice_restart(member, lesson):
    answer = await opened(member, lesson, "watch", "recvonly", view="programme")
    location, tag = answer.headers["Location"], answer.headers["ETag"]
    credentials = "a=ice-ufrag:{}\r\na=ice-pwd:0123456789012345678901\r\n"
    candidate = credentials + "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=end-of-candidates\r\n"

    async def patch(ufrag, if_match, kind=FRAGMENT):
        headers = {"Content-Type": kind, **({"If-Match": if_match} if if_match else {})}
        return await member.ask("PATCH", location, data=candidate.format(ufrag).encode(), headers=headers)

    own = re.search(r"a=ice-ufrag:(\S+)", answer.text)[1]
    problem_of(await patch("abcd", None), 428, "precondition_required")
    problem_of(await patch("abcd", tag, "text/plain"), 415, "unsupported_media_type")
    restarted = await patch("efgh", "*")
    assert restarted.status == 200
    assert restarted.headers["Content-Type"].startswith(FRAGMENT)
    new = re.search(r"a=ice-ufrag:(\S+)", restarted.text)[1]
    assert new != own
    assert restarted.headers["ETag"] == f'"{new}"'
    assert (await patch("efgh", restarted.headers["ETag"])).status == 204
    problem_of(await patch("efgh", tag), 412, "precondition_failed")


async def test_options_say_what_is_accepted(school, lesson):
    stranger = await school.stranger()
    answer = await stranger.ask("OPTIONS", f"/whip/{lesson['id']}/main")
    assert answer.status == 200
    assert answer.headers["Accept-Post"] == "application/sdp"


async def test_the_log_says_whose_stream_it_is_and_nothing_secret(school, member, lesson):
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = await opened(member, lesson, "watch", "recvonly", view="programme")
        refused = await opened(member, lesson, "watch", "sendonly", view="programme")
        await member.ask("DELETE", answer.headers["Location"], origin=None)
    assert refused.status == 422
    told = [
        line for line in lines if line.get("route", "").startswith("/whep/") or line.get("code") == "no_known_codec"
    ]
    assert [line["event"] for line in told] == ["request", "request.refused", "request", "request"]
    member_id = (await member.get("/api/v1/session")).json["member_id"]
    for line in told:
        assert (line["account_id"], line["lesson_id"]) == (demo_id("10001"), lesson["id"])
    assert [line.get("member_id") for line in told] == [member_id] * 4
    assert answer.headers["Location"].rpartition("/")[2] not in repr(lines)


@pytest.mark.process
async def test_ice_servers_are_told_by_links_and_passwords_only_to_who_was_let_in(tmp_path):
    servers = ("stun:stun.example:3478", "turn:turn.example:3478?transport=udp|user|S3CRET")
    async with open_school(tmp_path, ice_servers=servers) as school:
        stranger = await school.stranger()
        answer = await stranger.ask("OPTIONS", "/whip/resource/x")
        assert answer.headers.getall("Link") == ['<stun:stun.example:3478>; rel="ice-server"']
        lesson = await school.new_lesson(await school.person("admin"), until="open")
        answer = await opened(await school.person("10001"), lesson, "watch", "recvonly", view="programme")
        assert answer.headers.getall("Link") == [
            '<stun:stun.example:3478>; rel="ice-server"',
            '<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="user"; credential="S3CRET"; '
            'credential-type="password"',
        ]


async def test_too_many_viewers_at_once_are_told_when_to_come_and_a_publisher_comes_through(
    school, lecturer, member, lesson, monkeypatch
):
    arrivals = school.control.site.arrivals
    ticket = await member.ticket(lesson["id"], use="watch", view="programme")
    monkeypatch.setattr(arrivals.tickets, "_most", 0)
    monkeypatch.setattr(arrivals.offers, "_most", 0)
    wish = {"use": "watch", "view": "programme", "client_id": "tab"}
    refused = await member.ask("POST", f"/api/v1/lessons/{lesson['id']}/tickets", json=wish)
    problem_of(refused, 503, "busy")
    assert refused.headers["Retry-After"] == "2"
    headers = {**SDP, "Authorization": f"Bearer {ticket['token']}"}
    sdp = (await offer("recvonly")).encode()
    problem_of(await member.ask("POST", ticket["url"], data=sdp, headers=headers, origin=None), 503, "busy")
    assert (await opened(lecturer, lesson, "publish", "sendonly", source="main")).status == 201
