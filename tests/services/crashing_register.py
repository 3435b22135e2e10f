"""Run as a program: signs members in through the use cases, and dies by `kill -9` in the midst of it.

For each line `url lesson point seed numbers…` on standard input a child is forked that opens the database and signs
these members in, sixteen at once, each of them twice; it prints a member's id when the sign-in was acknowledged. At
`point` it kills itself: at a random moment, inside the transaction, before or after COMMIT, or before the answer.
The parent has imported everything once, so a round costs a fraction of a second. An empty line follows each round.
"""

import asyncio
import os
import random
import signal
import sys
import threading
import uuid

import sqlalchemy as sa

from server.services.demo import demo_id
from server.services.house import House
from server.services.sign_ins import Browser, sign_in_by_phone
from server.store.database import Database
from server.store.memory_fanout import MemoryFanout
from server.store.memory_presence import MemoryPresence
from server.store.records import SqlRecords
from tests.services.media_twin import Disk, MediaTwin
from tests.store.samples import NOW

AT_ONCE = 16


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    """Dies at the n-th passing of its point; sixteen who come together pass it as one."""

    def __init__(self, point, chance):
        self.point, self.left = point, chance.randrange(1, 9)

    def pass_(self, point):
        if point == self.point:
            self.left -= 1
            if self.left == 0:
                die()


class DyingRecords(SqlRecords):
    """The real record, with death on its way."""

    def __init__(self, database, countdown):
        super().__init__(database)
        self._countdown = countdown
        self._made = {}

    async def write(self, fn):
        def dying(tx):
            result = fn(tx)
            self._countdown.pass_("in transaction")
            return result

        result = await super().write(dying)
        self._countdown.pass_("before answer")
        return result

    async def write_together(self, fn, item):
        result = await super().write_together(self._dying(fn), item)
        self._countdown.pass_("before answer")
        return result

    def _dying(self, fn):
        """The same one for the same ``fn``: only then they go together."""

        def dying(tx, items):
            results = fn(tx, items)
            self._countdown.pass_("in transaction")
            return results

        return self._made.setdefault(fn, dying)


def around_commit(database, countdown):
    """PostgreSQL's engine tells of COMMIT before it is sent; after it nothing is told: `before answer` is next."""
    engine = database._engines[-1]
    engine = getattr(engine, "sync_engine", engine)
    sa.event.listen(engine, "commit", lambda _connection: countdown.pass_("before commit"))


async def sign_in(url, lesson_id, point, seed, numbers):
    chance = random.Random(seed)
    countdown = Countdown(point, chance)
    if point == "random":
        threading.Timer(chance.uniform(0.005, 0.25), die).start()
    database = await Database.open(url)
    around_commit(database, countdown)
    records = DyingRecords(database, countdown)
    disk = Disk()
    house = House(records, MediaTwin(disk), disk, MemoryPresence(), MemoryFanout())
    waiting = [number for number in numbers for _ in range(2)]

    async def work():
        while waiting:
            number = waiting.pop(0)
            who = await records.read(lambda tx, n=number: tx.accounts.principal(demo_id(n), NOW.date()))
            browser = Browser(f"device of {number}", "192.0.2.1")
            view = await sign_in_by_phone(house, who, lesson_id, str(uuid.uuid4()), browser=browser, now=NOW)
            os.write(1, f"{view.member_id}\n".encode())

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    die()  # done: as suddenly as in every other round


def main():
    for line in sys.stdin:
        url, lesson_id, point, seed, *numbers = line.split()
        child = os.fork()
        if child == 0:
            asyncio.run(sign_in(url, lesson_id, point.replace("_", " "), int(seed), numbers))
        os.waitpid(child, 0)
        os.write(1, b"\n")


if __name__ == "__main__":
    main()
