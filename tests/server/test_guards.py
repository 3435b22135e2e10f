"""What every answer carries, and what is refused before any handler runs."""

import asyncio
import contextlib
import io
import re
from types import SimpleNamespace

import pytest

from rooms.backend import choose
from server import clock
from server.domain.refusals import Refusal
from server.settings import Settings
from server.web import health
from server.web.origins import Origins, client_address
from server.web.site import Pace, Waiting

from .conftest import open_school, problem_of, standing_still

PROXIES = Settings(trusted_proxies=("10.0.0.0/8", "::1")).proxies


@pytest.mark.parametrize(
    ("peer", "header", "expected"),
    [
        ("192.0.2.9", ["198.51.100.1"], "192.0.2.9"),
        ("10.0.0.2", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["203.0.113.7, 198.51.100.1, 10.0.0.9"], "198.51.100.1"),
        ("10.0.0.2", ["203.0.113.7", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["not an address"], "10.0.0.2"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("::1", ["2001:db8::5"], "2001:db8::5"),
        ("::ffff:10.0.0.2", ["198.51.100.1"], "198.51.100.1"),
    ],
)
def test_only_what_a_trusted_proxy_appended_is_believed(peer, header, expected):
    assert client_address(peer, header, PROXIES) == expected


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://localhost:8443", True),
        ("https://LOCALHOST:8443", True),
        ("https://192.168.1.20:8443", True),
        ("https://class.example.org", True),
        ("https://a.school.example:8443", True),
        ("https://a.b.school.example:8443", False),
        ("https://localhost", False),
        ("http://localhost:8443", False),
        ("https://localhost:8443.evil.example", False),
        ("https://user@localhost:8443", False),
        ("https://evil.example:8443", False),
        ("https://localhost:99999", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
def test_origins_are_an_explicit_list(origin, allowed):
    names = ("localhost", "192.168.1.20", "*.school.example")
    assert Origins("https", names, 8443, "https://class.example.org").allows(origin) is allowed


def test_an_unknown_host_header_never_gets_into_an_address():
    origins = Origins("https", ("localhost",), 8443, "https://class.example.org")
    assert origins.base_url("localhost:8443") == "https://localhost:8443"
    assert origins.base_url("evil.example") == "https://class.example.org"
    assert Origins("https", ("localhost",), 8443).base_url("evil.example") == ""


@pytest.mark.parametrize("path", ["/", "/api/v1/info", "/api/v1/nothing", "/healthz"])
async def test_every_answer_carries_the_security_headers(school, path):
    headers = (await (await school.stranger()).get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert f"connect-src 'self' wss://{school.url.removeprefix('https://')};" in policy
    assert "unsafe-eval" not in policy
    scripts = re.search(r"script-src ([^;]*);", policy)[1]
    assert re.fullmatch(r"'self'( 'sha256-[\w+/]+=')?" if path == "/" else "'self'", scripts)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in headers
    assert "Server" not in headers


async def test_a_path_that_nobody_has_and_a_method_that_it_has_not(school):
    stranger = await school.stranger()
    problem_of(await stranger.get("/api/v1/nothing"), 404, "no_such_page")
    answer = await stranger.ask("PUT", "/api/v1/info")
    problem_of(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


async def test_ten_megabytes_are_refused_and_nothing_is_changed(school, admin):
    before = (await admin.get("/api/v1/lessons")).json
    answer = await admin.ask(
        "POST", "/api/v1/lessons", data=io.BytesIO(b" " * 10_000_000), headers={"Content-Type": "application/json"}
    )
    problem_of(answer, 413, "body_too_large")
    assert (await admin.get("/api/v1/lessons")).json == before


async def test_a_body_that_hides_its_length_is_refused_when_it_grows_too_large(school, admin):
    async def endless():
        for _ in range(1000):
            yield b" " * 10_000

    answer = await admin.ask("POST", "/api/v1/lessons", data=endless(), headers={"Content-Type": "application/json"})
    problem_of(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"number": "a\\u0000b", "password": "x"}', b"[" * 60_000]
)
async def test_a_body_that_does_not_fit_names_what_is_wrong(school, body):
    stranger = await school.stranger()
    answer = await stranger.ask("POST", "/api/v1/session", data=body, headers={"Content-Type": "application/json"})
    problem = problem_of(answer, 422, "invalid_body")
    assert problem["errors"]
    assert "input" not in problem["errors"][0]


async def test_another_content_type_is_refused(admin):
    problem_of(await admin.ask("POST", "/api/v1/lessons", data=b"a=1"), 415, "unsupported_media_type")


@pytest.mark.process
async def test_a_busy_address_is_told_when_to_come_again(tmp_path):
    async with open_school(tmp_path, address_requests_per_minute=30, demo=False) as school:
        stranger = await school.stranger()
        answers = [await stranger.get("/api/v1/info") for _ in range(12)]
        refused = [answer for answer in answers if answer.status != 200]
        assert [answer.status for answer in answers[:10]] == [200] * 10
        problem_of(refused[0], 429, "too_fast")
        assert int(refused[0].headers["Retry-After"]) >= 1


@pytest.mark.process
async def test_a_busy_account_is_told_when_to_come_again_and_others_are_not(tmp_path):
    async with open_school(tmp_path, account_requests_per_minute=30) as school:
        busy, other = await school.person("10001"), await school.person("10002")
        answers = [await busy.get("/api/v1/session") for _ in range(30)]
        assert [answer.status for answer in answers[:10]] == [200] * 10
        refused = [answer for answer in answers if answer.status != 200]
        problem_of(refused[0], 429, "too_fast")
        assert int(refused[0].headers["Retry-After"]) >= 1
        assert (await other.get("/api/v1/session")).status == 200


async def test_health_readiness_and_figures(school):
    stranger = await school.stranger()
    assert (await stranger.get("/healthz")).status == 200
    ready = await stranger.get("/readyz")
    assert ready.json == {
        "ready": True,
        "checks": {"database": True, "media": True, "disk": True, "staying": True},
        "media": {"processes": 1, "wanted": 1},
    }
    metrics = (await stranger.get("/metrics")).text
    assert 'dangxiao_http_requests_total{method="GET",route="/readyz",status="200"}' in metrics
    assert 'dangxiao_media_up{worker="0"} 1.0' in metrics
    assert re.search(rf'dangxiao_media_relay_info{{backend="{choose("auto").name}".*worker="0"}}', metrics)


@pytest.mark.process
async def test_readiness_is_one_look_for_many_who_ask_and_is_paced(tmp_path, monkeypatch):
    moment_ms = clock.monotonic_ms()
    steady = SimpleNamespace(monotonic_ms=lambda: moment_ms)
    monkeypatch.setattr(health, "clock", steady)
    async with open_school(tmp_path, address_requests_per_minute=150, demo=False) as school:
        looks, look = [], health._look
        monkeypatch.setattr(health, "_look", lambda site: looks.append(1) or look(site))
        stranger = await school.stranger()
        with standing_still(school, monkeypatch):
            answers = await asyncio.gather(*(stranger.get("/readyz") for _ in range(60)))
        assert {answer.status for answer in answers} == {200, 429}
        assert sum(answer.status == 200 for answer in answers) >= 50
        assert len(looks) == 1


@pytest.mark.process
async def test_figures_are_not_for_outsiders_even_behind_a_proxy(tmp_path):
    async with open_school(tmp_path, trusted_proxies=("127.0.0.1",), demo=False) as school:
        stranger = await school.stranger()
        answer = await stranger.get("/metrics", headers={"X-Forwarded-For": "198.51.100.1"})
        problem_of(answer, 403, "forbidden")
        assert (await stranger.get("/metrics")).status == 200


async def test_a_path_never_leads_out_of_the_client(school):
    stranger = await school.stranger()
    for path in ("/../pyproject.toml", "/%2e%2e/pyproject.toml", "/assets/../../pyproject.toml", "//etc/passwd"):
        answer = await stranger.get(path)
        assert b"[project]" not in answer.body
        assert b"root:" not in answer.body


def test_one_account_waits_in_few_places_and_leaves_the_others_theirs():
    waiting = Waiting(3, 2)
    with waiting.place("member"), waiting.place("member"):
        with pytest.raises(Refusal, match="too_fast"), waiting.place("member"):
            pass
        with waiting.place("other"), pytest.raises(Refusal, match="busy"), waiting.place("third"):
            pass
    with waiting.place("member"):
        assert waiting.count == 1
    assert not waiting._of_account


def test_a_whole_ipv6_network_of_one_owner_is_paced_as_one_address():
    pace = Pace(Settings(address_logins_per_minute=3))
    pace.login("2001:db8::1")
    with pytest.raises(Refusal, match="too_fast"):
        pace.login("2001:db8::2")
    pace.login("2001:db8:0:1::1")


@pytest.mark.parametrize(
    "host", ["localhost:8443?;script-src *", "localhost:8443#x", "localhost:8443/", "a b", "[", ""]
)
def test_a_host_header_gets_into_our_headers_only_as_a_host(host):
    origins = Origins("https", ["localhost"], 8443)
    assert origins.base_url(host) in {"", "https://localhost:8443"}


def test_nobody_leafs_through_a_school_by_numbers_at_a_rooms_door(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("server.web.site.clock", SimpleNamespace(monotonic_ms=lambda: now[0]))
    pace, found = Pace(Settings()), 0
    for _ in range(60 * 60):
        now[0] += 1000
        with contextlib.suppress(Refusal):
            pace.walk_in("operator")
            found += 1
    assert 480 <= found <= 500
