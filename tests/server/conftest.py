"""A school that runs: the real control process over HTTPS with SQLite, its media plane in this process."""

import contextlib
import ssl
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
import pytest

from rooms.interface import NodeConfig
from server import clock
from server.app import Control, Ports, running
from server.plane import LocalMediaPlane
from server.services.consents import publish
from server.services.demo import PASSWORD, demo_id
from server.settings import Settings
from server.web import site as site_module
from tests.store.compiled import share
from tests.store.prepared import prepare

HOST = "localhost"


def settings_for(folder, **changes) -> Settings:
    values = {"host": "127.0.0.1", "port": 0, "plain_port": 0, "media_port": 0, "data": folder, "demo": True}
    values |= {"admin_second_factor": False, "notices": False}  # have tests of their own
    values["standby_before_live"] = False  # who watches here watches from the opening on
    # A few accounts at one address ask for all tests of the session: whose turn it is must not decide.
    # Tests of the pace give their own.
    values |= {"account_requests_per_minute": 1_000_000, "address_requests_per_minute": 1_000_000}
    values |= {"address_logins_per_minute": 100_000, "account_uploads_per_minute": 1_000_000}
    return Settings(**{**values, **changes})


@dataclass(frozen=True)
class Answered:
    """A response that was read."""

    status: int
    headers: object
    body: bytes

    @property
    def json(self):
        return __import__("json").loads(self.body)

    @property
    def text(self):
        return self.body.decode()


class Person:
    """Somebody with a browser: cookies, an origin, the CA trusted."""

    def __init__(self, school, session):
        self.school = school
        self.session = session

    async def ask(self, method, path, *, origin="own", headers=None, **more) -> Answered:
        headers = dict(headers or {})
        if origin is not None:
            headers["Origin"] = self.school.url if origin == "own" else origin
        url = path if path.startswith("http") else self.school.url + path
        async with self.session.request(method, url, headers=headers, allow_redirects=False, **more) as response:
            return Answered(response.status, response.headers, await response.read())

    async def get(self, path, **more):
        return await self.ask("GET", path, **more)

    async def post(self, path, json=None, **more):
        return await self.ask("POST", path, json=json, **more)

    async def command(self, path, **fields):
        return await self.post(path, {"command_id": str(uuid.uuid4()), **fields})

    async def log_in(self, number):
        answer = await self.post("/api/v1/session", {"number": number, "password": PASSWORD})
        assert answer.status == 201, answer.text
        return self

    async def ticket(self, lesson_id, **use):
        answer = await self.post(f"/api/v1/lessons/{lesson_id}/tickets", {"client_id": "c1", **use})
        assert answer.status == 201, answer.text
        return answer.json


class School:
    """A running control process and the people who come to it."""

    def __init__(self, control: Control, settings: Settings):
        self.control = control
        self.settings = settings
        self.url = f"https://{HOST}:{control.doors.port}"
        self.context = ssl.create_default_context(cafile=settings.folder / "tls" / "ca.crt")
        self._stack = contextlib.AsyncExitStack()

    async def stranger(self) -> Person:
        connector = aiohttp.TCPConnector(ssl=self.context)
        jar = aiohttp.CookieJar(unsafe=True)  # addresses have cookies, as in browsers
        session = aiohttp.ClientSession(connector=connector, cookie_jar=jar)
        await self._stack.enter_async_context(session)
        return Person(self, session)

    async def person(self, number) -> Person:
        return await (await self.stranger()).log_in(number)

    async def close(self):
        await self._stack.aclose()

    @property
    def at_desk(self):
        return "/api/v1/lessons"

    async def new_lesson(self, admin: Person, *, unit="某集团党委", until="open", venues=True, **more) -> dict:
        """A lesson of this unit, moved on until it has that state."""
        body = {
            "title": "消防安全",
            "unit_id": demo_id(unit),
            "lecturer_id": demo_id("lecturer"),
            "starts_at": "2026-11-23T01:00:00Z",
            "ends_at": "2026-11-23T02:30:00Z",
            "venues": [
                {"venue_id": demo_id("主会场"), "part": "main"},
                {"venue_id": demo_id("第一分会场"), "part": "branch"},
            ]
            if venues
            else [],
            **more,
        }
        created = await admin.command("/api/v1/lessons", **body)
        assert created.status == 201, created.text
        lesson = created.json
        for event, state in (("schedule", "scheduled"), ("open", "open"), ("start", "live"), ("end", "ended")):
            if lesson["state"] == until:
                return lesson
            moved = await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event=event)
            assert moved.status == 200, moved.text
            assert moved.json["state"] == state
            lesson = moved.json
        return lesson


@contextlib.asynccontextmanager
async def open_school(folder, **changes) -> AsyncIterator[School]:
    share()
    settings = settings_for(folder, **changes)
    if not settings.database_url:
        prepare(settings.folder)
    # Every test of the session opens lessons of its own here.
    node = NodeConfig(host="127.0.0.1", max_rooms=1000)
    plane = await LocalMediaPlane.start(node, settings.folder / "recordings")
    try:
        async with running(settings, Ports(settings), plane=plane) as control:
            school = School(control, settings)
            try:
                yield school
            finally:
                await school.close()
    finally:
        await plane.close()


@pytest.fixture(scope="session")
async def school(tmp_path_factory):
    async with open_school(tmp_path_factory.mktemp("school")) as running_school:
        yield running_school


@pytest.fixture(scope="session")
async def admin(school):
    return await school.person("admin")


@pytest.fixture(scope="session")
async def director(school):
    return await school.person("director")


@pytest.fixture(scope="session")
async def lecturer(school):
    return await school.person("lecturer")


@pytest.fixture(scope="session")
async def member(school):
    """Of 综合党支部."""
    return await school.person("10001")


@pytest.fixture
def time_stands(school, monkeypatch):
    """Whose pace is tested is not let off by a slow machine: every request is of one moment."""
    with standing_still(school, monkeypatch) as moment:
        yield moment


@contextlib.contextmanager
def standing_still(school, monkeypatch):
    """Likewise, for a school of one's own."""
    site, moment, steady = school.control.site, school.control.site.now(), clock.monotonic_ms()
    monkeypatch.setattr(site_module, "clock", SimpleNamespace(monotonic_ms=lambda: steady))
    running_now = site.now
    object.__setattr__(site, "now", lambda: moment)  # frozen for everybody else
    yield moment
    object.__setattr__(site, "now", running_now)


async def published(school) -> int:
    """The version of a text to agree to; for schools of one's own, since everybody is asked for it."""
    records, now = school.control.house.records, school.control.site.now()
    keeper = await records.read(lambda tx: tx.accounts.principal(demo_id("secadmin"), tx.calendar.day(now)))
    text = await publish(records, keeper, str(uuid.uuid4()), text="第一条 用途。", text_en="", after=0, now=now)
    return text.version


def own_school() -> tuple:
    """``school, admin, director, lecturer, member`` for a module that changes what the others go by: people, their
    passwords, rules of credit."""

    @pytest.fixture(scope="module")
    async def school(tmp_path_factory):
        async with open_school(tmp_path_factory.mktemp("own")) as running_school:
            yield running_school

    def person(number: str):
        @pytest.fixture(scope="module")
        async def somebody(school):
            return await school.person(number)

        return somebody

    return school, person("admin"), person("director"), person("lecturer"), person("10001")


def problem_of(answer: Answered, status: int, code: str) -> dict:
    """The answer is this problem, with sentences in both languages and nothing of ours inside."""
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json
    assert problem["code"] == code
    assert problem["status"] == status
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["title"])
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["detail"])
    assert problem["title_en"].isascii() or "不录制" in problem["title_en"]
    assert problem["title_en"]
    assert problem["detail_en"]
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in answer.text
    return problem
