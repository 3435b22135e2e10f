"""``script/soak burst``: the server killed (``kill -9``) in the middle of a quiz's burst, again and again.

Every round: a quiz is launched, its phones begin to answer, the server is killed at a random moment and started again;
the phones come back by the rule of the real client and send again what was not acknowledged. Then each acknowledgement
is held against the rows of the database: none lost, none doubled, each choice as it was sent.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for folder in (str(ROOT), str(ROOT / "script")):
    if folder not in sys.path:
        sys.path.insert(0, folder)

import crowd_school  # noqa: E402
import own_server  # noqa: E402
import quiz_burst  # noqa: E402 - after the path of the checkout
from returning_phones import Hall, ReturningPhone  # noqa: E402

from tests.servers.process import ServerProcess  # noqa: E402

BURST_S = 1.0
QUIZ_S = 120
PATIENCE_S = 90.0


class Kills:
    """A school with its server and phones; ``round`` as often as wanted."""

    def __init__(self, folder: Path, school: crowd_school.School, seed: int) -> None:
        self._database = folder / "data" / "dangxiao.sqlite3"
        self._school = school
        self._origin = own_server.free_origin()
        self._chance = random.Random(seed)
        url = f"sqlite+aiosqlite:///{self._database}"
        self._server: ServerProcess = own_server.process(folder, self._origin, DATABASE_URL=url, LOG_LEVEL="warning")
        self._secrets = folder / "data" / "secrets"
        self.answers = self.before = 0
        self.away_s: list[float] = []

    @contextlib.asynccontextmanager
    async def phones(self) -> AsyncIterator[tuple[Hall, list[ReturningPhone]]]:
        self._server.start()
        try:
            hall = Hall(self._origin, self._school.lesson_id, self._secrets, burst_s=BURST_S, at_once=40)
            people = [ReturningPhone(hall, account) for account in self._school.account_ids]
            lives = [asyncio.create_task(phone.live()) for phone in people]
            try:
                yield hall, people
            finally:
                for phone in people:
                    phone.end()
                for life in lives:
                    life.cancel()
                await asyncio.gather(*lives, return_exceptions=True)
        finally:
            await asyncio.to_thread(self._server.stop)

    async def round(self, hall: Hall, people: list[ReturningPhone]) -> None:
        """Raises AssertionError when something that was acknowledged is lost, or something is there twice."""
        # Who is not back yet would hear of the quiz late; that is no matter of this test.
        self._holds(await hall.until(lambda: all(phone.back_at for phone in people), PATIENCE_S), "not all came")
        async with quiz_burst.lecturer_of(self._origin) as lecturer:
            question = await lecturer.prepare(self._school.lesson_id)
            quiz = await lecturer.launch(self._school.lesson_id, question, seconds=QUIZ_S)
        began = asyncio.get_running_loop().time()
        self._holds(await hall.until(lambda: any(p.quiz_id == quiz for p in people), PATIENCE_S), "nobody heard of it")
        await asyncio.sleep(self._chance.uniform(0.0, BURST_S))
        for phone in people:
            phone.back_at.clear()
        await asyncio.to_thread(self._server.kill)
        killed = asyncio.get_running_loop().time()
        acknowledged = {phone.command["command_id"] for phone in people if phone.command and phone.receipts}
        self._compare(quiz, people, acknowledged)
        self.before += len(acknowledged)
        await asyncio.to_thread(self._server.start)
        answered = await hall.until(lambda: all(p.quiz_id == quiz and p.receipts for p in people), PATIENCE_S)
        self.away_s.append(asyncio.get_running_loop().time() - killed)
        self._holds(answered, f"not all answered after {asyncio.get_running_loop().time() - began:.0f} s")
        for phone in people:  # the same command once more: the same receipt, no second row
            phone.answer()
        twice = await hall.until(lambda: all(len(p.receipts) > 1 for p in people), PATIENCE_S)
        self._holds(twice, "a command sent again was not acknowledged again")
        self._holds(all(p.receipts[0] == p.receipts[-1] for p in people), "a command sent again was answered otherwise")
        self._compare(quiz, people, {phone.command["command_id"] for phone in people if phone.command}, complete=True)
        self.answers += len(people)
        async with quiz_burst.lecturer_of(self._origin) as lecturer:
            await lecturer.close(quiz)

    def _compare(
        self, quiz: str, people: list[ReturningPhone], acknowledged: set[str], *, complete: bool = False
    ) -> None:
        with contextlib.closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as record:
            rows = record.execute(
                "SELECT command_id, member_id, choice FROM answers WHERE quiz_id = ?", (quiz,)
            ).fetchall()
        written = {command: choice for command, _, choice in rows}
        self._holds(not acknowledged - set(written), f"lost: {len(acknowledged - set(written))}")
        self._holds(max(Counter(member for _, member, _ in rows).values(), default=1) == 1, "a member has two rows")
        sent = {phone.command["command_id"]: phone.command["choice"] for phone in people if phone.command}
        self._holds(set(written) <= set(sent), "an answer that nobody gave")
        for command, choice in written.items():
            self._holds(all(each in choice for each in sent[command]), "another choice than was sent")
        self._holds(not complete or len(rows) == len(people), f"{len(rows)} rows of {len(people)}")

    @staticmethod
    def _holds(condition: bool, what: str) -> None:
        if not condition:
            raise AssertionError(what)


async def main(args: argparse.Namespace) -> None:
    random.seed(args.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        school = await crowd_school.fill(f"sqlite+aiosqlite:///{folder / 'data' / 'dangxiao.sqlite3'}", args.phones)
        kills = Kills(folder, school, args.seed)
        began, done = time.monotonic(), 0
        async with kills.phones() as (hall, people):
            while done < args.kills and (args.seconds is None or time.monotonic() - began < args.seconds):
                await kills.round(hall, people)
                done += 1
                if args.loud:
                    print(f"{done:>4} kills, {time.monotonic() - began:.0f} s", flush=True)
    print(
        f"{done} kills, {kills.answers} answers, {kills.before} of them acknowledged before; 0 lost, 0 doubled; "
        f"slowest until all had answered {max(kills.away_s):.1f} s"
    )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--phones", type=int, default=100)
    parser.add_argument("--seconds", type=float, help="begin no further round after so long")
    parser.add_argument("--loud", action="store_true", help="a line for each kill")
    parser.add_argument("--hypothesis-seed", type=int, default=0, dest="seed", help="of the moments")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(parse()))
