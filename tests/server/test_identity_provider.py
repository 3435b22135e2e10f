"""Logging in by an OpenID provider: a real one, and one that lies."""

import asyncio
import base64
import contextlib
import datetime as dt
import json
import time
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from server import clock
from server.domain.audit import AuditQuery
from server.domain.identity import Client
from server.domain.refusals import Refusal
from server.domain.second_factor import code_of, step_at
from server.oidc import OpenIdProvider
from server.services.identities import begin
from server.web import site as site_module
from tests.servers.openid import SECRET, OpenId, walk

from .conftest import open_school, problem_of, published

pytestmark = pytest.mark.process
NUMBER = "10001"


def at(provider, **more):
    return {"oidc_issuer": provider.issuer, "oidc_client_id": "dangxiao", "oidc_client_secret": SECRET, **more}


@pytest.fixture(scope="module")
async def provider(tmp_path_factory):
    return OpenId(tmp_path_factory.mktemp("provider"))


@pytest.fixture(scope="module")
async def school(tmp_path_factory, provider):
    async with open_school(tmp_path_factory.mktemp("school"), **at(provider)) as running_school:
        with provider.running(f"{running_school.url}/login/provider/back"):
            yield running_school


@contextlib.asynccontextmanager
async def elsewhere():
    """The cookies that a browser has of the provider."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def sent(person, onward="/lessons/1"):
    answer = await person.get("/login/provider", params={"next": onward})
    assert answer.status == 303
    return answer.headers["Location"]


async def back(school, person, login=NUMBER, onward="/lessons/1"):
    """All the way to the provider and back; where our own page is then."""
    async with elsewhere() as session:
        address = await walk(session, await sent(person, onward), login)
    answer = await person.get(address.removeprefix(school.url))
    assert answer.status == 303
    return answer.headers["Location"]


async def test_the_login_page_knows_of_it(school):
    told = (await (await school.stranger()).get("/api/v1/info")).json["provider"]
    assert told == {"name": "用统一身份认证登录", "name_en": "Log in by single sign-on"}


async def test_who_the_provider_knows_comes_in_and_goes_on_to_the_page(school):
    person = await school.stranger()
    asked = parse_qs(urlsplit(await sent(person)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert "prompt" not in asked
    assert await back(school, person) == "/login?by=provider&next=%2Flessons%2F1"
    assert (await person.get("/api/v1/session")).status == 401  # the way back alone lets nobody in
    entered = await person.post("/api/v1/session/provider", {})
    assert entered.status == 201, entered.text
    assert entered.json["number"] == NUMBER
    assert (await person.get("/api/v1/session")).json["account_id"] == entered.json["account_id"]
    problem_of(await person.post("/api/v1/session/provider", {}), 409, "provider_stale")  # good for one login
    lines = await school.control.house.records.read(lambda tx: tx.audit.page(AuditQuery(), None, 50))
    told = [(line.actor, line.result) for line in lines if line.action == "POST /session/provider"]
    assert told == [(entered.json["account_id"], "done")]


async def test_after_a_logout_the_provider_asks_anew_who_is_there(school):
    person = await school.stranger()
    await back(school, person)
    await person.post("/api/v1/session/provider", {})
    assert (await person.ask("DELETE", "/api/v1/session")).status == 204
    assert "prompt=login" in await sent(person)


async def test_so_it_does_after_a_login_that_ended_by_itself(school):
    person = await school.stranger()
    await back(school, person)
    account = (await person.post("/api/v1/session/provider", {})).json["account_id"]

    def end(tx):
        for login in tx.sessions.of_account(account):
            tx.sessions.end(login.token_digest)

    await school.control.house.records.write(end)
    assert (await person.get("/api/v1/session")).status == 401
    assert "prompt=login" in await sent(person)


async def test_who_has_no_account_here_is_told_whom_to_ask(school):
    person = await school.stranger()
    await back(school, person, login="stranger-1")
    refused = await person.post("/api/v1/session/provider", {})
    assert "支部书记" in problem_of(refused, 403, "provider_account_unknown")["detail"]


async def test_a_way_back_is_good_for_its_own_browser_and_once(school):
    person, other = await school.stranger(), await school.stranger()
    async with elsewhere() as session:
        address = (await walk(session, await sent(person), NUMBER)).removeprefix(school.url)
    await other.get(address)  # somebody else's code, slipped in: whoever opens it is not logged in as that
    problem_of(await other.post("/api/v1/session/provider", {}), 409, "provider_stale")
    tampered = address.replace("state=", "state=x")
    await person.get(tampered)
    problem_of(await person.post("/api/v1/session/provider", {}), 409, "provider_stale")
    await person.get(address)  # its question was answered: there is none any more
    problem_of(await person.post("/api/v1/session/provider", {}), 409, "provider_stale")


async def test_a_code_that_was_used_is_refused_by_the_provider(school):
    person = await school.stranger()
    async with elsewhere() as session:
        address = (await walk(session, await sent(person), NUMBER)).removeprefix(school.url)
    kept = {cookie.key: cookie.value for cookie in person.session.cookie_jar}["__Host-provider"]
    await person.get(address)
    person.session.cookie_jar.update_cookies({"__Host-provider": kept})
    await person.ask("GET", address, headers={"Cookie": f"__Host-provider={kept}"})
    problem_of(await person.post("/api/v1/session/provider", {}), 401, "provider_refused")


async def test_nobody_is_led_away_from_here(school):
    person = await school.stranger()
    assert await back(school, person, onward="//evil.example/") == "/login?by=provider"
    assert (await person.get("/login/provider/back?code=a&state=b")).headers["Location"] == "/login?by=provider"


async def test_a_sealed_answer_cannot_be_written_by_hand(school):
    person = await school.stranger()
    for forged in ("", "x", base64.urlsafe_b64encode(b"x" * 80).decode(), "é", "a" * 5000):
        answer = await person.ask(
            "POST", "/api/v1/session/provider", json={}, headers={"Cookie": f"__Host-named={forged}"}
        )
        problem_of(answer, 409, "provider_stale")


async def test_who_comes_in_by_the_provider_is_asked_for_consent_once(school):
    version = await published(school)
    person = await school.stranger()
    await back(school, person)
    entered = await person.post("/api/v1/session/provider", {})
    assert (entered.json["number"], entered.json["consent"]) == (NUMBER, version)
    accepted = await person.command("/api/v1/session/consent", version=version)
    assert accepted.status == 204, accepted.text
    assert (await person.get("/api/v1/session")).json["consent"] is None
    again = await school.stranger()
    await back(school, again)
    assert (await again.post("/api/v1/session/provider", {})).json["consent"] is None


async def test_without_a_provider_there_is_no_such_door(tmp_path):
    async with open_school(tmp_path) as plain:
        person = await plain.stranger()
        assert (await person.get("/api/v1/info")).json["provider"] is None
        assert (await person.get("/login/provider")).headers["Location"] == "/login?by=provider"
        problem_of(await person.post("/api/v1/session/provider", {}), 404, "provider_off")


# ---- one that lies ---------------------------------------------------------------------------------------


class Liar:
    """A provider whose answers are put together by the test."""

    def __init__(self) -> None:
        self.key, self.other = (ECKey.generate_key("P-256", {"kid": kid, "alg": "ES256"}) for kid in ("one", "two"))
        self.shown = [self.key]
        self.keys_asked = 0
        self.nonce = ""
        self.answer = self.token
        self.issuer = ""
        self.status = 200

    def claims(self, **changes):
        now = int(time.time())
        told = {"iss": self.issuer, "aud": "dangxiao", "sub": "1", "nonce": self.nonce, "iat": now, "exp": now + 600}
        return {**told, "preferred_username": NUMBER, **changes}

    def token(self, **changes):
        return self.signed(self.key, self.claims(**changes))

    def signed(self, key, claims):
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])

    async def found(self, _request):
        base = self.issuer
        told = {"issuer": base, "authorization_endpoint": f"{base}/auth", "token_endpoint": f"{base}/token"}
        return web.json_response(told | {"jwks_uri": f"{base}/keys"})

    async def keys(self, _request):
        self.keys_asked += 1
        return web.json_response(KeySet(self.shown).as_dict(private=False))

    async def give(self, _request):
        return web.json_response({"id_token": self.answer()}, status=self.status)


@pytest.fixture(scope="module")
async def liar():
    liar = Liar()
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", liar.found)
    app.router.add_get("/keys", liar.keys)
    app.router.add_post("/token", liar.give)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    liar.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield liar
    await runner.cleanup()


@pytest.fixture(scope="module")
async def misled(tmp_path_factory, liar):
    async with open_school(tmp_path_factory.mktemp("misled"), **at(liar)) as running_school:
        yield running_school


async def enter(school, liar):
    person = await school.stranger()
    asked = parse_qs(urlsplit(await sent(person)).query)
    liar.nonce = asked["nonce"][0]
    await person.get("/login/provider/back", params={"code": "c", "state": asked["state"][0]})
    return await person.post("/api/v1/session/provider", {})


def unsigned(claims):
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


LIES = {
    "another issuer": lambda liar: liar.token(iss="https://evil"),
    "for another client": lambda liar: liar.token(aud="another"),
    "of another question": lambda liar: liar.token(nonce="another"),
    "expired": lambda liar: liar.token(exp=int(time.time()) - 600),
    "unsigned": lambda liar: unsigned(liar.claims()),
    "signed with a key that is public": lambda liar: jwt.encode(
        {"alg": "HS256", "kid": "one"}, liar.claims(), OctKey.import_key(liar.key.as_pem(private=False))
    ),
    "signed by somebody else": lambda liar: liar.signed(ECKey.generate_key("P-256", {"kid": "one"}), liar.claims()),
    "with an unknown key": lambda liar: liar.signed(ECKey.generate_key("P-256", {"kid": "three"}), liar.claims()),
    "no token": lambda _: None,
    "noise": lambda _: "a.b.c",
    "very long": lambda _: "a" * 300_000,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_what_a_liar_says_lets_nobody_in(misled, liar, lie):
    liar.answer = lambda: lie(liar)
    answer = await enter(misled, liar)
    assert answer.json["code"] in {"provider_untrusted", "provider_away"}, answer.text
    liar.answer = liar.token
    assert (await enter(misled, liar)).status == 201


@contextlib.contextmanager
def clock_of(school):
    """A clock that the test sets: ``at(minutes)`` after the beginning."""
    site, running_now = school.control.site, school.control.site.now
    began = running_now()
    try:
        yield lambda minutes: object.__setattr__(site, "now", lambda: began + dt.timedelta(minutes=minutes))
    finally:
        object.__setattr__(site, "now", running_now)


async def test_new_keys_are_asked_for_once_a_minute(misled, liar):
    assert (await enter(misled, liar)).status == 201
    with clock_of(misled) as at_minute:
        at_minute(1.5)
        liar.answer = lambda: liar.signed(liar.other, liar.claims())
        before = liar.keys_asked
        problem_of(await enter(misled, liar), 502, "provider_untrusted")
        assert liar.keys_asked == before + 1  # perhaps they are new: they were not
        liar.shown = [liar.key, liar.other]
        problem_of(await enter(misled, liar), 502, "provider_untrusted")
        assert liar.keys_asked == before + 1
        at_minute(3)
        assert (await enter(misled, liar)).status == 201
        assert liar.keys_asked == before + 2
    liar.answer = liar.token


async def test_a_provider_that_is_away_is_said_to_be(misled, liar, monkeypatch):
    monkeypatch.setattr(liar, "status", 500)
    assert "稍后" in problem_of(await enter(misled, liar), 503, "provider_away")["detail"]
    monkeypatch.setattr(liar, "status", 302)
    problem_of(await enter(misled, liar), 503, "provider_away")  # and nobody is followed elsewhere


async def test_it_is_not_there_at_all(tmp_path):
    async with open_school(tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client_id="dangxiao") as school:
        person = await school.stranger()
        assert (await person.get("/login/provider?next=/a")).headers["Location"] == "/login?by=provider&next=%2Fa"
        problem_of(await person.post("/api/v1/session/provider", {}), 503, "provider_away")


async def test_who_goes_too_fast_reads_it_on_the_login_page(tmp_path, monkeypatch):
    steady = clock.monotonic_ms()
    monkeypatch.setattr(site_module, "clock", SimpleNamespace(monotonic_ms=lambda: steady))
    away = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "dangxiao", "address_logins_per_minute": 1}
    async with open_school(tmp_path, **away) as school:
        person = await school.stranger()
        for path in ("/login/provider", "/login/provider", "/login/provider/back?code=a&state=b"):
            answer = await person.get(path)
            assert (answer.status, answer.headers["Location"]) == (303, "/login?by=provider")


async def test_of_many_one_asks_and_all_hear_what_it_heard(monkeypatch):
    provider = OpenIdProvider(Client("https://id.example.org", "dangxiao", "openid", "sub"), "")
    now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    asked, silence = [], asyncio.Event()

    async def ask(_method, url):
        asked.append(url)
        await silence.wait()
        raise Refusal("provider_away")

    async def wanted():
        with pytest.raises(Refusal) as refused:
            await provider.address(begin("/", now), "https://here.example.org/back", now, fresh=False)
        return refused.value.code

    monkeypatch.setattr(provider, "_ask", ask)
    waiting = [asyncio.ensure_future(wanted()) for _ in range(5)]
    await asyncio.sleep(0)
    silence.set()
    assert await asyncio.gather(*waiting) == ["provider_away"] * 5
    assert len(asked) == 1
    assert await wanted() == "provider_away"
    assert len(asked) == 2, "who comes later asks for himself"


async def test_the_second_factor_is_asked_for_here_too(misled, liar):
    owner = await misled.person(NUMBER)
    secret = (await owner.post("/api/v1/session/second-factor")).json["secret"]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = step_at(misled.control.site.now())
    assert (await owner.post("/api/v1/session/second-factor/confirm", {"code": code_of(key, step)})).status == 200
    person = await misled.stranger()
    asked = parse_qs(urlsplit(await sent(person)).query)
    liar.nonce = asked["nonce"][0]
    await person.get("/login/provider/back", params={"code": "c", "state": asked["state"][0]})
    problem_of(await person.post("/api/v1/session/provider", {}), 401, "second_factor_needed")
    problem_of(await person.post("/api/v1/session/provider", {"second": "000000"}), 401, "second_factor_wrong")
    entered = await person.post("/api/v1/session/provider", {"second": code_of(key, step + 1)})
    assert entered.status == 201, entered.text
