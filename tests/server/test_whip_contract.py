"""WHIP and WHEP by the letter: what RFC 9725 says a server MUST, SHALL or SHOULD do, section by section.

WHEP (draft-ietf-wish-whep-03) says the same of players in the same sections; every test runs for both. What stands
elsewhere: media over the negotiated connection and consent (tests/rooms), redirects (none), the client's duties.
"""

import re

import pytest

from rooms import interface

from .conftest import problem_of
from .offers import offer, without_known_codecs

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
CREDENTIALS = "a=ice-ufrag:{}\r\na=ice-pwd:0123456789012345678901\r\n"
TRICKLE = CREDENTIALS + "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 sctp 1 nowhere.example 9 typ host\r\n"


@pytest.fixture(scope="module")
async def lesson(school, admin):
    return await school.new_lesson(admin, until="open")


class Kind:
    """One of the two protocols, and somebody who may speak it."""

    def __init__(self, name, person, lesson, use, direction, answered):  # noqa: PLR0917 - said once each
        self.name, self.person, self.lesson = name, person, lesson
        self.use, self.direction, self.answered = use, direction, answered

    async def ticket(self):
        return await self.person.ticket(self.lesson["id"], **self.use)

    async def post(self, sdp=None, *, content_type=SDP, ticket=None, **headers):
        ticket = ticket or await self.ticket()
        body = (sdp if sdp is not None else await offer(self.direction)).encode()
        sent = {"Content-Type": content_type, "Authorization": f"Bearer {ticket['token']}", **headers}
        return await self.person.ask("POST", ticket["url"], data=body, headers=sent, origin=None)

    async def patch(self, location, body, *, content_type=FRAGMENT, if_match=None):
        headers = {"Content-Type": content_type, **({"If-Match": if_match} if if_match is not None else {})}
        return await self.person.ask("PATCH", location, data=body.encode(), headers=headers, origin=None)


@pytest.fixture(params=["whip", "whep"])
def kind(request, lesson, lecturer, member):
    if request.param == "whip":
        return Kind("whip", lecturer, lesson, {"use": "publish", "source": "main"}, "sendonly", "recvonly")
    return Kind("whep", member, lesson, {"use": "watch", "view": "programme"}, "recvonly", "sendonly")


def own_ufrag(sdp):
    return re.search(r"a=ice-ufrag:(\S+)", sdp)[1]


# ---- 4.1 HTTP usage


async def test_4_1_get_of_endpoint_and_session_is_successful_and_empty(kind):
    opened = await kind.post()
    for url in ((await kind.ticket())["url"], opened.headers["Location"]):
        for method in ("GET", "HEAD"):
            answer = await kind.person.ask(method, url, origin=None)
            assert (answer.status, answer.body) == (204, b"")


async def test_4_1_errors_carry_a_problem_statement(kind):
    problem_of(await kind.post("hello"), 400, "bad_sdp")


# ---- 4.2 ingest session setup


async def test_4_2_an_offer_is_answered_by_201_with_sdp_and_the_sessions_address(kind):
    answer = await kind.post()
    assert answer.status == 201
    assert answer.headers["Content-Type"] == SDP
    assert re.fullmatch(rf"https://[^/]+/{kind.name}/resource/[\w-]{{43}}", answer.headers["Location"])
    assert answer.text.startswith("v=0\r\n")


async def test_4_2_another_content_type_or_malformed_sdp_is_a_4xx(kind):
    problem_of(await kind.post(content_type="text/plain"), 415, "unsupported_media_type")
    problem_of(await kind.post("v=0\r\n"), 400, "bad_sdp")
    problem_of(await kind.post(""), 400, "bad_sdp")


async def test_4_2_the_answer_has_the_other_direction_only(kind):
    answer = (await kind.post()).text
    assert set(re.findall(r"^a=(sendonly|recvonly|sendrecv|inactive)\r$", answer, re.MULTILINE)) == {kind.answered}
    both_ways = (await offer(kind.direction)).replace(f"a={kind.direction}", "a=sendrecv")
    answer = (await kind.post(both_ways)).text
    assert set(re.findall(r"^a=(sendonly|recvonly|sendrecv|inactive)\r$", answer, re.MULTILINE)) == {kind.answered}


async def test_4_2_an_offer_that_goes_nowhere_is_refused(kind):
    idle = (await offer(kind.direction)).replace(f"a={kind.direction}", "a=inactive")
    problem_of(await kind.post(idle), 422, "no_known_codec")


async def test_4_2_delete_ends_the_session_and_revokes_consent_at_once(kind, school):
    location = (await kind.post()).headers["Location"]
    sessions = school.control.house.media._node.stats().sessions
    assert (await kind.person.ask("DELETE", location, origin=None)).status == 200
    assert school.control.house.media._node.stats().sessions == sessions - 1
    gone = await kind.person.ask("GET", location, origin=None)
    problem_of(gone, 404, "session_unknown")


async def test_4_2_options_say_accept_post(kind):
    opened = await kind.post()
    for url in ((await kind.ticket())["url"], opened.headers["Location"]):
        answer = await kind.person.ask("OPTIONS", url, origin=None)
        assert answer.status == 200
        assert answer.headers["Accept-Post"] == SDP
        assert answer.headers["Accept-Patch"] == FRAGMENT
        assert "OPTIONS" in answer.headers["Allow"]


async def test_4_2_cors_is_for_our_own_origins(kind, school):
    url = (await kind.ticket())["url"]
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = await kind.person.ask("OPTIONS", url, headers=asked)
    assert allowed.headers["Access-Control-Allow-Origin"] == school.url
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    for name in ("Authorization", "Content-Type", "If-Match"):
        assert name in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    foreign = await kind.person.ask("OPTIONS", url, origin="https://evil.example", headers=asked)
    assert "Access-Control-Allow-Origin" not in foreign.headers
    refused = await kind.person.ask("POST", url, origin="https://evil.example", data=b"")
    problem_of(refused, 403, "origin_refused")
    assert "Access-Control-Allow-Origin" not in refused.headers
    own = await kind.person.ask("POST", url, data=b"")
    problem_of(own, 401, "ticket_invalid")
    assert own.headers["Access-Control-Allow-Origin"] == school.url, "a page of ours must be able to read its refusals"
    exposed = own.headers["Access-Control-Expose-Headers"].lower().split(", ")
    assert {"location", "etag", "link", "accept-patch", "retry-after"} <= set(exposed)
    assert "Origin" in own.headers["Vary"]


async def test_9110_15_5_6_what_is_left_is_405_with_allow(kind):
    opened = await kind.post()
    for url, methods in (
        ((await kind.ticket())["url"], ("PUT", "PATCH", "DELETE")),
        (opened.headers["Location"], ("PUT", "POST")),
    ):
        for method in methods:
            answer = await kind.person.ask(method, url, origin=None)
            problem_of(answer, 405, "method_not_allowed")
            assert "OPTIONS" in answer.headers["Allow"]


# ---- 4.3 ICE


async def test_4_3_1_a_patch_of_another_type_or_malformed_is_a_4xx_and_changes_nothing(kind):
    opened = await kind.post()
    location, tag = opened.headers["Location"], opened.headers["ETag"]
    problem_of(await kind.patch(location, TRICKLE, content_type=SDP, if_match=tag), 415, "unsupported_media_type")
    for malformed in ("", "hello", "<a=ice-ufrag:x>", "a=ice-ufrag:abcd", "a=ice-ufrag:a b\r\na=ice-pwd:short"):
        problem_of(await kind.patch(location, malformed, if_match="*"), 400, "bad_sdp")
    assert (await kind.patch(location, "a=end-of-candidates\r\n", if_match=tag)).status == 204


async def test_4_3_1_the_201_names_the_ice_session_by_a_strong_unique_tag(kind):
    first, second = await kind.post(), await kind.post()
    for answer in (first, second):
        assert re.fullmatch(r'"[^"]+"', answer.headers["ETag"])
    assert first.headers["ETag"] != second.headers["ETag"]


async def test_4_3_1_delete_ignores_tags(kind):
    location = (await kind.post()).headers["Location"]
    ended = await kind.person.ask("DELETE", location, origin=None, headers={"If-Match": '"of yesterday"'})
    assert ended.status == 200


async def test_4_3_2_the_answer_holds_all_our_candidates_and_says_so(kind):
    answer = (await kind.post()).text
    for section in re.split(r"\r\n(?=m=)", answer)[1:]:
        if not re.match(r"m=\w+ 0 ", section):
            assert "\r\na=candidate:" in section
            assert "\r\na=end-of-candidates" in section


async def test_4_3_2_candidates_are_taken_by_204_without_body_and_tag(kind):
    opened = await kind.post()
    location, tag = opened.headers["Location"], opened.headers["ETag"]
    sent = await offer(kind.direction)
    ours = re.search(r"a=ice-ufrag:(\S+)", sent)[1], re.search(r"a=ice-pwd:(\S+)", sent)[1]
    restarted = await kind.patch(location, f"a=ice-ufrag:{ours[0]}\r\na=ice-pwd:{ours[1]}\r\n", if_match="*")
    tag = restarted.headers["ETag"]
    candidates = f"a=ice-ufrag:{ours[0]}\r\na=ice-pwd:{ours[1]}\r\n" + TRICKLE.partition("\r\nm=")[2].join(("m=", ""))
    for if_match in (tag, f'"older", {tag}', f'{tag},"another"', "*"):
        answer = await kind.patch(location, candidates, if_match=if_match)
        assert (answer.status, answer.body) == (204, b""), answer.text
        assert "ETag" not in answer.headers


async def test_4_3_2_a_missing_tag_is_428_and_an_older_one_412(kind):
    opened = await kind.post()
    location, tag = opened.headers["Location"], opened.headers["ETag"]
    problem_of(await kind.patch(location, "a=end-of-candidates\r\n"), 428, "precondition_required")
    for wrong in ('"of another session"', f"W/{tag}", tag.strip('"'), '"', "**"):
        problem_of(await kind.patch(location, "a=end-of-candidates\r\n", if_match=wrong), 412, "precondition_failed")
    restarted = await kind.patch(location, CREDENTIALS.format("fresh1"), if_match="*")
    problem_of(await kind.patch(location, "a=end-of-candidates\r\n", if_match=tag), 412, "precondition_failed")
    assert (await kind.patch(location, "a=end-of-candidates\r\n", if_match=restarted.headers["ETag"])).status == 204


async def test_4_3_3_new_credentials_restart_ice_and_get_ours(kind):
    opened = await kind.post()
    location = opened.headers["Location"]
    restarted = await kind.patch(location, CREDENTIALS.format("fresh1"), if_match="*")
    assert restarted.status == 200
    assert restarted.headers["Content-Type"].partition(";")[0] == FRAGMENT
    assert own_ufrag(restarted.text) != own_ufrag(opened.text)
    assert re.search(r"^a=ice-pwd:\S{22,}", restarted.text, re.MULTILINE)
    assert restarted.headers["ETag"] not in (opened.headers["ETag"], None)
    # What held for the answer holds for the fragment.
    assert "a=ice-lite\r\n" in restarted.text
    candidates = set(re.findall(r"^a=candidate:\S+ .*$", opened.text, re.MULTILINE))
    assert set(re.findall(r"^a=candidate:\S+ .*$", restarted.text, re.MULTILINE)) == candidates


async def test_4_3_3_a_restart_that_cannot_be_leaves_the_session_as_it_is(kind):
    opened = await kind.post()
    location, tag = opened.headers["Location"], opened.headers["ETag"]
    problem_of(await kind.patch(location, CREDENTIALS.format("no"), if_match="*"), 400, "bad_sdp")
    problem_of(await kind.patch(location, CREDENTIALS.format("fresh1")), 428, "precondition_required")
    problem_of(await kind.patch(location, CREDENTIALS.format("fresh1"), if_match='"x"'), 412, "precondition_failed")
    assert (await kind.patch(location, "a=end-of-candidates\r\n", if_match=tag)).status == 204


async def test_4_3_3_after_the_end_there_is_nothing_to_restart(kind):
    location = (await kind.post()).headers["Location"]
    await kind.person.ask("DELETE", location, origin=None)
    problem_of(await kind.patch(location, CREDENTIALS.format("fresh1"), if_match="*"), 404, "session_unknown")
    never = f"{location[:-43]}{'x' * 43}"
    problem_of(await kind.patch(never, CREDENTIALS.format("fresh1"), if_match="*"), 404, "session_unknown")
    problem_of(await kind.person.ask("DELETE", never, origin=None), 404, "session_unknown")


# ---- 4.4 WebRTC constraints


async def test_4_4_1_everything_is_bundled_and_multiplexed(kind):
    answer = (await kind.post()).text
    sections = re.split(r"\r\n(?=m=)", answer)[1:]
    [bundle] = re.findall(r"^a=group:BUNDLE (.*)\r$", answer, re.MULTILINE)
    accepted = [section for section in sections if not re.match(r"m=\w+ 0 ", section)]
    assert bundle.split() == [re.search(r"a=mid:(\S+)", section)[1] for section in accepted]
    for section in accepted:
        assert "\r\na=rtcp-mux\r\n" in section
        assert "\r\na=rtcp-mux-only\r\n" in section


async def test_4_4_2_more_tracks_than_we_take_are_refused_as_a_whole(lecturer, lesson):
    whip = Kind("whip", lecturer, lesson, {"use": "publish", "source": "main"}, "sendonly", "recvonly")
    one = await offer("sendonly")
    video = one[one.index("m=video") :].replace("a=mid:1", "a=mid:2")
    two = re.sub(r"(a=group:BUNDLE .*)\r", r"\1 2\r", one) + video
    problem_of(await whip.post(two), 422, "too_many_tracks")


async def test_4_4_3_no_half_sessions(kind):
    problem_of(await kind.post(without_known_codecs(await offer(kind.direction))), 422, "no_known_codec")


async def test_4_4_4_whoever_offers_to_be_the_dtls_client_is_taken_at_its_word(kind):
    answer = await kind.post((await offer(kind.direction)).replace("a=setup:actpass", "a=setup:active"))
    assert set(re.findall(r"a=setup:(\w+)", answer.text)) == {"passive"}


# ---- 4.5 load, 4.6 STUN and TURN (test_streams.py), 4.7 authentication


async def test_4_5_whoever_comes_too_early_is_told_when_to_come_again(school, admin, member):
    early = await school.new_lesson(admin, until="open")
    whep = Kind("whep", member, early, {"use": "watch", "view": "programme"}, "recvonly", "sendonly")
    ticket = await whep.ticket()
    for event in ("start", "end"):
        await admin.command(f"/api/v1/lessons/{early['id']}/transitions", event=event)
    over = await whep.post(ticket=ticket)
    problem_of(over, 409, "lesson_not_on_air")
    assert int(over.headers["Retry-After"]) > 0


async def test_4_5_a_full_media_process_is_503_with_retry_after(kind, school, monkeypatch):
    async def full(*_args, **_more):
        raise interface.Refusal("node_full", "sessions")

    node = school.control.house.media._node
    monkeypatch.setattr(node, "publish", full)
    monkeypatch.setattr(node, "watch", full)
    answer = await kind.post()
    problem_of(answer, 503, "node_full")
    assert int(answer.headers["Retry-After"]) > 0


async def test_4_7_1_bearer_tokens_open_and_their_absence_is_challenged(kind):
    ticket = await kind.ticket()
    for authorization in (None, "Basic dXNlcjpwYXNz", "Bearer nonsense"):
        headers = {"Content-Type": SDP, **({"Authorization": authorization} if authorization else {})}
        answer = await kind.person.ask("POST", ticket["url"], data=b"v=0", headers=headers, origin=None)
        problem_of(answer, 401, "ticket_invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    elsewhere = {**ticket, "url": ticket["url"] + "x"}
    problem_of(await kind.post(ticket=elsewhere), 403, "ticket_foreign")


async def test_4_7_2_a_sessions_address_is_its_own_proof_with_or_without_a_token(kind):
    opened = await kind.post()
    location, tag = opened.headers["Location"], opened.headers["ETag"]
    stranger = await kind.person.school.stranger()
    headers = {"Content-Type": FRAGMENT, "If-Match": tag}
    for more in ({}, {"Authorization": "Bearer of the ticket"}):
        sent = {**headers, **more}
        answer = await stranger.ask("PATCH", location, data=b"a=end-of-candidates\r\n", headers=sent, origin=None)
        assert answer.status == 204


# ---- 4.8 simulcast


async def test_4_8_offered_layers_are_answered_in_their_order(lecturer, lesson):
    whip = Kind("whip", lecturer, lesson, {"use": "publish", "source": "main"}, "sendonly", "recvonly")
    layers = "a=rid:q send\r\na=rid:f send\r\na=simulcast:send q;f\r\n"
    answer = (await whip.post(await offer("sendonly") + layers)).text
    assert "a=rid:q recv\r\na=rid:f recv\r\na=simulcast:recv q;f\r\n" in answer
