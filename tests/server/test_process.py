"""The real processes: starting, refusing to start, dying and ending, by the command line."""

import asyncio
import contextlib
import datetime as dt
import functools
import json
import os
import re
import signal
import socket
import sys
import time

import pytest

from server.settings import rows
from tests.servers.process import free_port

from .conftest import Person, School
from .test_sockets import Socket, ticket

pytestmark = pytest.mark.process

START_S = 90.0  # other tests may run beside us on two cores
WAIT_S = 25  # the longest that a question for events may wait


class Process:
    """``python -m server`` with settings of its own. ``inside``: words before it, for another place to run in."""

    inside = ()

    def __init__(self, folder, **settings):
        self.port, self.plain = free_port(), free_port()
        self.folder = folder
        self.settings = {
            "HOST": "127.0.0.1",
            "PORT": self.port,
            "PLAIN_PORT": self.plain,
            "MEDIA_PORT": free_port(),
            "DATA": folder,
            "DEMO": "on",
            "STANDBY_BEFORE_LIVE": "off",
            "LOG_LEVEL": "info",
            **settings,
        }
        self.process = None
        self.banner = []

    async def start(self, *arguments):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DANGXIAO_")}
        environment |= {f"DANGXIAO_{key}": str(value) for key, value in self.settings.items()}
        self.log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *self.inside, sys.executable, "-m", "server", *arguments,
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=self.log,
        )  # fmt: skip
        return self

    async def ready(self):
        """Seconds until it said that it is ready."""
        began = time.monotonic()
        async with asyncio.timeout(START_S):
            while "ready" not in (line := (await self.process.stdout.readline()).decode()):
                assert line, self.errors()
        return time.monotonic() - began

    async def end(self, number=signal.SIGINT):
        """Seconds until it was gone; its exit code must be 0."""
        began = time.monotonic()
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(60):
            await self.process.communicate()
        self.log.close()
        assert self.process.returncode == 0, self.errors()
        return time.monotonic() - began

    async def failure(self):
        """What it said on standard error, and its exit code, when it did not start."""
        async with asyncio.timeout(START_S):
            await self.process.communicate()
        self.log.close()
        return self.errors(), self.process.returncode

    def errors(self):
        return (self.folder.parent / f"{self.folder.name}.log").read_text()

    def worker_pid(self):
        return self.pids("media.ready")[-1]

    def pids(self, event):
        lines = [json.loads(line) for line in self.errors().splitlines() if line.startswith("{")]
        return [line["pid"] for line in lines if line["event"] == event]

    def by_worker(self):
        """The newest pid of each media process."""
        lines = [json.loads(line) for line in self.errors().splitlines() if line.startswith("{")]
        return {str(line["worker"]): line["pid"] for line in lines if line["event"] == "media.ready"}

    async def spare_pid(self):
        """Of the media process that stands by."""

        async def look():
            return [pid for pid in self.pids("media.spare") if pid not in self.pids("media.ready")]

        return (await until(look, START_S))[-1]  # it gets ready with what the machine has to spare


class RemoteSchool(School):
    """A school in another process."""

    def __init__(self, process):
        import ssl

        self.url = f"https://localhost:{process.port}"
        self.context = ssl.create_default_context(cafile=process.folder / "tls" / "ca.crt")
        self._stack = contextlib.AsyncExitStack()


@contextlib.asynccontextmanager
async def started(folder, **settings):
    process = await Process(folder, **settings).start("serve")
    try:
        await process.ready()
        school = RemoteSchool(process)
        try:
            yield process, school
        finally:
            await school.close()
    finally:
        if process.process.returncode is None:
            await process.end()


async def until(look, timeout_s=60.0):
    async with asyncio.timeout(timeout_s):
        while not (found := await look()):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.02)
    return found


async def test_a_second_server_does_not_start_beside_the_first_and_after_it_finds_everything_as_it_was(tmp_path):
    folder = tmp_path / "data"
    async with started(folder) as (_, school):
        admin: Person = await school.person("admin")
        lesson = await school.new_lesson(admin, until="scheduled")
        (tmp_path / "other").mkdir()
        second = Process(folder, LOG_LEVEL="error")
        second.folder = tmp_path / "other"
        said, code = await (await second.start()).failure()
        assert code != 0
        assert "is used by another server" in said
        assert len(said.strip().splitlines()) == 1
    async with started(folder) as (_, school):
        again: Person = await school.person("admin")
        kept = await again.get(f"/api/v1/lessons/{lesson['id']}")
        assert kept.json["state"] == "scheduled"


async def test_a_killed_media_process_is_replaced_and_then_by_the_one_that_stood_by_each_with_its_rooms(tmp_path):
    async with started(tmp_path / "data") as (process, school):
        admin: Person = await school.person("admin")
        lesson = await school.new_lesson(admin, until="live")
        phone = Socket(school)
        async with phone.joined(ticket=await ticket(admin, lesson), lesson_id=lesson["id"], face="console"):
            first = process.worker_pid()
            began = time.monotonic()
            os.kill(first, signal.SIGKILL)
            moved = await phone.until(lambda name, data: name == "event" and data["kind"] == "media.moved", START_S)
            print(f"rooms were restored {time.monotonic() - began:.2f} s after the kill")
            assert moved["data"]["spread_ms"] > 0
            assert process.worker_pid() != first
        stage = (await admin.get(f"/api/v1/lessons/{lesson['id']}/stage")).json
        assert stage["media_ok"]
        assert (await admin.get("/readyz")).json["checks"]["media"]
        metrics = (await admin.get("/metrics")).text
        assert "dangxiao_media_restarts 1.0" in metrics
        spare = await process.spare_pid()
        os.kill(process.worker_pid(), signal.SIGKILL)

        async def moved_again():
            events = (await admin.get(f"/api/v1/lessons/{lesson['id']}/events?since=0")).json["events"]
            return [event for event in events if event["kind"] == "media.moved"][1:]

        await until(moved_again)
        assert process.worker_pid() == spare
        assert (await admin.get(f"/api/v1/lessons/{lesson['id']}/stage")).json["recording"]["state"] == "running"


async def one_lesson_in_each(school, admin):
    """A lesson in media process 0 and one in 1, by their own figures: which one is the less busy is not ours to say."""
    found = {}

    async def rooms():
        text = (await admin.get("/metrics")).text
        return {which: int(float(re.search(rf'media_rooms{{worker="{which}"}} (\S+)', text)[1])) for which in "01"}

    for _ in range(30):  # one that just started beside a whole test run counts as busy as a dozen rooms
        before = await rooms()
        lesson = (await school.new_lesson(admin, until="live"))["id"]
        grown = next(which for which, number in (await rooms()).items() if number > before[which])
        found.setdefault(grown, lesson)
        if len(found) == 2:
            break
    return found["0"], found["1"]


async def test_of_two_media_processes_one_that_hangs_is_replaced_and_the_others_lesson_hears_nothing(tmp_path):
    async with started(tmp_path / "data", MEDIA_PORT=0, MEDIA_WORKERS=2) as (process, school):
        admin: Person = await school.person("admin")
        assert (await admin.get("/readyz")).json["media"] == {"processes": 2, "wanted": 2}
        here, there = await one_lesson_in_each(school, admin)
        pids = process.by_worker()
        os.kill(pids["1"], signal.SIGSTOP)

        async def said(lesson):
            events = (await admin.get(f"/api/v1/lessons/{lesson}/events?since=0")).json["events"]
            return [event["data"].get("code", event["kind"]) for event in events]

        async def restored():
            await asyncio.sleep(0.25)  # it is asked for seconds: an account may not ask as often as it likes
            return "media.moved" in await said(there)

        await until(restored, 60.0)
        assert "media_unavailable" in await said(there)
        assert not {"media.moved", "media_unavailable"} & set(await said(here))
        now = process.by_worker()
        assert (now["0"], now["1"] != pids["1"]) == (pids["0"], True)
        metrics = (await admin.get("/metrics")).text
        assert 'dangxiao_media_up{worker="0"} 1.0' in metrics
        assert 'dangxiao_media_loop_lag_p99_seconds{worker="1"}' in metrics


async def test_a_killed_control_process_takes_both_media_processes_along_and_costs_the_recording_only_that(tmp_path):
    folder = tmp_path / "data"

    def segments():
        text = "".join(path.read_text() for path in folder.glob("recordings/*/manifest.jsonl"))
        lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        return [line for line in lines if line["t"] == "segment"]

    async with started(folder) as (process, school):
        admin: Person = await school.person("admin")
        lesson = await school.new_lesson(admin, until="live")  # without a camera the slate is recorded
        await until(lambda: asyncio.sleep(0, segments()))
        left = [process.worker_pid(), await process.spare_pid()]
        killed = dt.datetime.now(dt.UTC)
        process.process.kill()
        await process.process.communicate()
        for pid in left:
            await until(functools.partial(gone, pid))
        process.log.close()
    last = segments()[-1]
    end = dt.datetime.fromisoformat(last["utc"]) + dt.timedelta(seconds=last["ticks"] / 90_000)
    assert end >= killed - dt.timedelta(milliseconds=1), "what the recorder had was flushed"
    before = len(segments())
    async with started(folder) as (_, school):
        admin = await school.person("admin")
        await until(lambda: asyncio.sleep(0, segments()[before:]))
        await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="end")
        recording = (await admin.get(f"/api/v1/recordings?lesson_id={lesson['id']}")).json["items"][0]
    again = segments()[before]
    assert recording["gaps_ms"] == round((again["start"] - last["start"] - last["ticks"]) / 90)
    assert not recording["recovered"]


async def gone(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:  # noqa: ASYNC230
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


async def test_an_end_with_fifty_live_sockets_waits_for_nobody_and_leaves_no_process(tmp_path):
    running = started(tmp_path / "data", ACCOUNT_SOCKETS=50)
    async with running as (process, school), contextlib.AsyncExitStack() as stack:
        admin = await school.person("admin")
        lesson = await school.new_lesson(admin, until="live")
        sockets = [Socket(school) for _ in range(50)]
        for each in sockets:
            pass_ = await ticket(admin, lesson)
            await stack.enter_async_context(each.joined(ticket=pass_, lesson_id=lesson["id"]))
        waiting = asyncio.create_task(admin.get(f"/api/v1/lessons/{lesson['id']}/events?since=99&wait={WAIT_S}"))
        left = [process.worker_pid(), await process.spare_pid()]
        took = await process.end(signal.SIGINT)
        assert took < WAIT_S, "nobody who waits is waited for"
        for pid in left:
            assert await gone(pid)
        for each in sockets:
            await each.until(lambda name, _: name == "bye")
        waits = {data["retry_after_ms"] for each in sockets for name, data in each.heard if name == "bye"}
        assert len(waits) > 25, "each client gets a moment of its own"
        await asyncio.gather(waiting, return_exceptions=True)
        log = process.errors()
        assert f'"lesson_id": "{lesson["id"]}"' in log
        assert '"account_id"' in log
        secrets = [cookie.value for cookie in admin.session.cookie_jar]
        assert secrets
        assert not [secret for secret in (*secrets, pass_, 'dangxiao", "') if secret in log]


@pytest.mark.parametrize(
    ("key", "value"), [("PORT", "99999"), ("LANGUAGE", "fr"), ("TLS", "files"), ("NONSENSE", "1"), ("DEMO", "maybe")]
)
async def test_a_bad_setting_is_one_sentence_that_names_it(tmp_path, key, value):
    process = await Process(tmp_path / "data", **{key: value}).start("check-config")
    said, code = await process.failure()
    assert code not in {0, None}
    assert len(said.strip().splitlines()) == 1
    assert f"DANGXIAO_{key}" in said


async def test_a_taken_tcp_port_is_one_sentence(tmp_path):
    process = Process(tmp_path / "data", LOG_LEVEL="error")
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", process.port))
        squatter.listen()
        said, code = await (await process.start()).failure()
    assert code != 0
    assert re.fullmatch(rf"dangxiao: TCP port {process.port} cannot be used: .*\n", said)


@pytest.mark.parametrize(("kind", "word"), [(socket.SOCK_DGRAM, "UDP"), (socket.SOCK_STREAM, "media")])
async def test_a_taken_media_port_is_one_sentence(tmp_path, kind, word):
    process = Process(tmp_path / "data", LOG_LEVEL="error")
    with socket.socket(type=kind) as squatter:
        squatter.bind(("127.0.0.1", int(process.settings["MEDIA_PORT"])))
        if kind is socket.SOCK_STREAM:
            squatter.listen()
        said, code = await (await process.start()).failure()
    assert code != 0
    [sentence] = [line for line in said.splitlines() if not line.startswith("{")]
    assert sentence.startswith(f"dangxiao: {word} port {process.settings['MEDIA_PORT']} cannot be used: ")


async def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    process = await Process(tmp_path / "data", LOG_LEVEL="error").start()
    said, code = await process.failure()
    assert code != 0
    assert re.fullmatch(r"dangxiao: the data folder .* cannot be written: .*\n", said)


async def test_help_explains_and_check_config_lists_every_setting(tmp_path):
    environment = {**os.environ, "DANGXIAO_REDIS_URL": "redis://:S3CRET@localhost"}

    async def said(*arguments):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", *arguments, env=environment, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        return out.decode()

    text = await said("--help")
    assert "serve" in text
    assert "check-config" in text
    assert "worker" not in text
    listed = await said("check-config")
    assert [line[2:].split("=")[0] for line in listed.splitlines()] == [row.key for row in rows()]
    assert "S3CRET" not in listed
