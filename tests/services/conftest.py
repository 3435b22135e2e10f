"""A house with the demo organisation in it, and people to act."""

import datetime as dt
import json
import shutil
import uuid
from dataclasses import asdict

import pytest

from server.domain.lessons import LessonStep
from server.domain.refusals import Refusal
from server.domain.tickets import PlayGrant, Playing, PublishTicket, ReturnTicket, SocketTicket, WatchTicket
from server.services.demo import demo_id, make_demo
from server.services.house import House
from server.services.lessons import move_lesson
from server.store.database import Database
from server.store.memory_fanout import MemoryFanout
from server.store.memory_presence import MemoryPresence
from server.store.records import SqlRecords
from tests.services.media_twin import Disk, MediaTwin
from tests.store.databases import rows_of
from tests.store.samples import NOW

KINDS = {kind.__name__: kind for kind in (PublishTicket, WatchTicket, ReturnTicket, SocketTicket)}


class PlainSigner:
    """Tickets as JSON behind a mark; the real one seals them."""

    def sign(self, ticket):
        return "sealed:" + json.dumps([type(ticket).__name__, asdict(ticket)], default=str)

    def read(self, token):
        if not token.startswith("sealed:"):
            raise Refusal("ticket_invalid")
        kind, fields = json.loads(token.removeprefix("sealed:"))
        return KINDS[kind](**{**fields, "expires_at": dt.datetime.fromisoformat(fields["expires_at"])})

    def sign_grant(self, grant):
        return f"{grant.recording_id}.{grant.account_id}.{grant.kind}.{grant.expires_at.timestamp():.0f}"

    def read_grant(self, text, recording_id):
        named, account_id, kind, expires_at = text.split(".")
        if named != recording_id:
            raise Refusal("grant_invalid")
        return PlayGrant(recording_id, account_id, Playing(kind), dt.datetime.fromtimestamp(int(expires_at), dt.UTC))


class QuickPasswords:
    """Obeys Passwords without the 30 ms; the real one has tests of its own."""

    async def hash(self, password):
        return f"hash of {password}"

    async def verify(self, password_hash, password):
        return password_hash == f"hash of {password}"


class Stagehand:
    """The house, the demo lesson, and short words for who acts."""

    def __init__(self, house, media, lesson_id):
        self.house, self.media, self.lesson_id = house, media, lesson_id
        self.signer = PlainSigner()

    @property
    def records(self):
        return self.house.records

    async def who(self, number):
        return await self.records.read(lambda tx: tx.accounts.principal(demo_id(number), NOW.date()))

    async def lesson(self):
        return await self.records.read(lambda tx: tx.lessons.get(self.lesson_id))

    async def step(self, *steps, by="director"):
        for step in steps:
            view = await move_lesson(
                self.house, await self.who(by), self.lesson_id, command_id(), step=LessonStep(step), now=NOW
            )
        return view

    async def events(self, since=0):
        return await self.records.read(lambda tx: tx.events.since(self.lesson_id, since, None, 1000))

    async def kinds(self, since=0):
        return [event.kind for event in await self.events(since)]

    @property
    def room(self):
        return self.media.rooms[self.lesson_id]

    async def source_of(self, number):
        venue_id = (await self.who(number)).venue_id
        return next(venue.source for venue in (await self.lesson()).venues if venue.venue_id == venue_id)


def command_id():
    return str(uuid.uuid4())


async def refused(awaitable):
    """The code of the refusal."""
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value.code


async def make_lesson(records):
    """The demo organisation; the id of its lesson."""
    accounts = await make_demo(records, QuickPasswords(), NOW)
    return next(account.face for account in accounts if account.number == "director").rsplit("/", 1)[1]


def make_stagehand(records, lesson_id):
    disk = Disk()
    media = MediaTwin(disk)
    return Stagehand(House(records, media, disk, MemoryPresence(), MemoryFanout()), media, lesson_id)


class Demo:
    """The demo organisation, made once for each kind of database and copied then."""

    def __init__(self):
        self._file = None
        self._rows = None
        self._lessons = {}

    async def file(self, migrated):
        """A closed SQLite file with it."""
        if self._file is None:
            file = migrated.with_name("demo.sqlite3")
            shutil.copyfile(migrated, file)
            await self._make("sqlite", f"sqlite+aiosqlite:///{file}")
            self._file = file
        return self._file

    async def rows(self, postgres):
        """The same as statements for an empty PostgreSQL."""
        if self._rows is None:
            url = await postgres.new_url("demo")
            await self._make("postgres", url)
            self._rows = await rows_of(url)
            await postgres.give_back(url)
        return self._rows

    async def _make(self, kind, url):
        database = await Database.open(url)
        self._lessons[kind] = await make_lesson(SqlRecords(database))
        await database.close()

    def lesson(self, url):
        """The id of its lesson, where :meth:`file` or :meth:`rows` is what is there."""
        return self._lessons["sqlite" if url.startswith("sqlite") else "postgres"]


@pytest.fixture(scope="session")
def demo():
    return Demo()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
async def database_url(request, tmp_path, migrated_sqlite, compiled_once, demo):
    """As for everybody, and with the demo organisation in it for who asks for a stage."""
    staged = "stage" in request.fixturenames
    if request.param == "sqlite":
        file = tmp_path / "test.sqlite3"
        shutil.copyfile(await demo.file(migrated_sqlite) if staged else migrated_sqlite, file)
        yield f"sqlite+aiosqlite:///{file}"
        return
    postgres = request.getfixturevalue("migrated_postgres")
    url = await postgres.new_url(request.node.name, await demo.rows(postgres) if staged else "")
    yield url
    await postgres.give_back(url)


@pytest.fixture
async def stage(records, database_url, demo):
    """On SQLite and on PostgreSQL."""
    return make_stagehand(records, demo.lesson(database_url))


@pytest.fixture
async def opened(stage):
    await stage.step("open")
    return stage


@pytest.fixture
async def live(opened):
    await opened.step("start")
    return opened
