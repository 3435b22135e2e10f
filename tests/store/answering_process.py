"""Run as a program: takes orders on standard input, and for each forks a child that answers a quiz for many members
until it is killed or done. A fork costs milliseconds where a new interpreter costs a second.

An order is one JSON line: ``{url, quiz, papers: [[account, member, command, [option]]], point, nth}``. The child prints
``ack COMMAND RECEIVED_AT`` after each acknowledgement; the parent prints ``pid N`` before and ``ended`` after it.
``point`` is where the child kills itself (``kill -9``): ``put`` (answers written, not committed), ``commit`` (just
before), ``deliver`` (committed, not acknowledged), or "" for nowhere.
"""

import asyncio
import json
import os
import signal
import sys

import sqlalchemy as sa

from server.domain.access import AccountKind, Principal
from server.domain.quiz import AnswerChannel
from server.domain.quiz_clock import Deadlines, Moment
from server.services.answering import Attempt, answer_quiz
from server.services.house import House
from server.store.database import Database
from server.store.jobs import Outcome
from server.store.memory_fanout import MemoryFanout
from server.store.memory_presence import MemoryPresence
from server.store.quizzes import SqlQuizzes
from server.store.records import SqlRecords
from tests.store.samples import NOW

AT_ONCE = 16


def die_at(point, nth):
    """At the ``nth`` passage."""
    left = [nth]

    def pass_by():
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    if point == "put":
        put = SqlQuizzes.put

        def put_and_pass(self, new):
            written = put(self, new)
            pass_by()
            return written

        SqlQuizzes.put = put_and_pass
    elif point == "commit":
        sa.event.listen(sa.Engine, "commit", lambda _connection: pass_by())
    elif point == "deliver":
        deliver = Outcome.deliver

        def pass_and_deliver(self):
            pass_by()
            deliver(self)

        Outcome.deliver = pass_and_deliver


async def answer_all(order):
    database = await Database.open(order["url"])
    house = House(SqlRecords(database), None, None, MemoryPresence(), MemoryFanout(), deadlines=Deadlines())
    die_at(order["point"], order["nth"])  # the migration commits, too
    waiting = iter(order["papers"])

    async def hand_in():
        for account, member, command, choice in waiting:
            person = Principal(account, member, member, AccountKind.PERSON, member_id=member)
            attempt = Attempt(order["quiz"], command, tuple(choice), AnswerChannel.SOCKET, Moment(NOW, 0.0))
            view = await answer_quiz(house, person, attempt)
            os.write(1, f"ack {command} {view.received_at.isoformat()}\n".encode())  # one line, whole or not at all

    await asyncio.gather(*(hand_in() for _ in range(AT_ONCE)))
    await database.close()


def main():
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(answer_all(json.loads(line)))
            os._exit(0)
        os.write(1, f"pid {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"ended\n")


if __name__ == "__main__":
    main()
