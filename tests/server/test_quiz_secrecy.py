"""Before a quiz is closed nothing about its right answer, its explanation or how others answer reaches a member or a
venue's screen: everything that is sent to them is scanned. After closing the same scan finds it, so it can find.
"""

import asyncio
import contextlib
import json
import uuid
from collections import Counter

import pytest

from server.domain.members import MemberKind
from server.domain.roster import RosterEntry
from server.services.demo import demo_id
from server.web import api

from .test_sockets import Socket, ticket

MARK = "记号七四一九"
SECRET_KEYS = {"correct", "distribution", "explanation", "right", "my_marks", "blanks"}
OPTIONS = ["甲项", "乙项", "丙项", "丁项"]
RIGHT = 2
EXPECTED = ("10001", "10002", "10003", "10021")


class Onlooker:
    """Somebody whose traffic is kept, byte for byte: every HTTP answer and every message of a socket."""

    def __init__(self, person, socket):
        self.person, self.socket, self.bodies = person, socket, []

    async def read_everything(self, lesson_id, quiz_id, **more):
        """Every reading call of the API, with what it may be asked for, and the refused ones too. ``more``: further
        ids, by the names that they have in paths.
        """
        parts = {"lesson_id": lesson_id, "quiz_id": quiz_id, **more}
        for endpoint in api.endpoints():
            if endpoint.method == "GET":
                path = endpoint.path.format(**{name: parts.get(name, lesson_id) for name in endpoint.parts})
                self.keep(await self.person.get(path, params={"since": "0", "wait": "0", "limit": "200"}))
        self.keep(await self.person.get("/api/openapi.json"))
        self.keep(await self.person.get(f"/m/{lesson_id}"))

    def keep(self, answer):
        self.bodies.append(answer.body.decode(errors="replace"))  # workbooks hold people, and nothing of a lesson
        self.bodies += [f"{name}: {value}" for name, value in answer.headers.items()]
        return answer

    @property
    def traffic(self):
        return [*self.bodies, *(json.dumps([name, data], ensure_ascii=False) for name, data in self.socket.heard)]


def values_of(text):
    """Every JSON object in a message, at any depth."""
    with contextlib.suppress(ValueError):
        waiting = [json.loads(text)]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                yield value
                waiting += value.values()
            elif isinstance(value, list):
                waiting += value


def betrayals(traffic, quiz, own_choice=()):
    """What in this traffic tells more than the question. An option named more often than another tells which one."""
    found = {f"mark in {text[:80]}" for text in traffic if MARK in text}
    named = Counter()
    for text in traffic:
        if '"openapi"' in text[:20]:
            continue  # the names of fields are no secret
        for value in values_of(text):
            found |= {f"{key} = {value[key]}" for key in SECRET_KEYS & value.keys() if value[key] is not None}
        for option in quiz["options"]:
            named[option["id"]] += text.count(option["id"])
    others = {count for option_id, count in named.items() if option_id not in own_choice}
    if len(others) > 1:
        found.add(f"options named unequally: {named}")
    return found


@pytest.fixture
async def lesson(school, admin):
    lesson = await school.new_lesson(admin, until="live")
    branch = {"10021": "财务党支部"}
    entries = [
        RosterEntry(
            demo_id(f"member {number}"), number, MemberKind.FULL, demo_id(branch.get(number, "综合党支部")), None
        )
        for number in EXPECTED
    ]

    def expect(tx):
        present = {entry.member_id for entry in tx.roster.of(lesson["id"])}
        tx.roster.add(lesson["id"], [entry for entry in entries if entry.member_id not in present])

    await school.control.house.records.write(expect)
    return lesson


async def prepared(lecturer, lesson):
    plan = {"kind": "single", "text": "哪一项？", "options": OPTIONS, "correct": [RIGHT], "explanation": MARK}
    answer = await lecturer.command(f"/api/v1/lessons/{lesson['id']}/questions", **plan)
    assert answer.status == 201, answer.text
    return answer.json


async def launched(lecturer, lesson, question, **fields):
    path = f"/api/v1/lessons/{lesson['id']}/quizzes"
    answer = await lecturer.command(path, question_id=question["id"], **fields)
    assert answer.status == 201, answer.text
    return answer.json


async def test_nothing_tells_before_closing_and_the_same_scan_finds_it_afterwards(school, lecturer, lesson):
    lesson_id = lesson["id"]
    question = await prepared(lecturer, lesson)
    async with contextlib.AsyncExitStack() as stack:

        async def onlooker(number, face):
            person, socket = await school.person(number), Socket(school)
            auth = {"ticket": await ticket(person, lesson), "lesson_id": lesson_id, "face": face}
            await stack.enter_async_context(socket.joined(**auth))
            return Onlooker(person, socket)

        silent, answering = await onlooker("10001", "phone"), await onlooker("10002", "console")
        screen, stranger = await onlooker("venue1", "venue"), await onlooker("secretary", "board")
        watching = (silent, answering, screen, stranger)
        quiz = await launched(lecturer, lesson, question)
        ids = [option["id"] for option in quiz["options"]]
        for each in watching:
            await each.socket.until(lambda name, data: name == "event" and data["kind"] == "quiz.launched")

        path = f"/api/v1/quizzes/{quiz['id']}/answer"
        for number, place in (("10003", RIGHT), ("10021", 0)):
            assert (await (await school.person(number)).command(path, choice=[ids[place]])).status == 200
        command = str(uuid.uuid4())
        body = {"quiz_id": quiz["id"], "command_id": command, "choice": [ids[1]]}
        for again in range(2):  # its acks go to whoever asked
            answering.bodies.append(json.dumps(await answering.socket.ask("answer", body)))
            answering.keep(await answering.person.post(path, {"command_id": command, "choice": [ids[1]]}))
            answering.keep(await answering.person.command(path, choice=[ids[again * RIGHT]]))
        for each in (silent, stranger):
            each.keep(await each.person.command(path, choice=["nowhere"]))
            each.bodies.append(json.dumps(await each.socket.ask("answer", {**body, "choice": []})))
        stranger.keep(await stranger.person.command(path, choice=[ids[RIGHT]]))
        await screen.socket.until(lambda name, data: name == "quiz" and data["answered"] == 3)
        for each in watching:
            await each.read_everything(lesson_id, quiz["id"])
            each.bodies.append(json.dumps(await each.socket.ask("since", {"seq": 0})))

        for each in watching:
            own = ids[1:2] if each is answering else ()
            assert betrayals(each.traffic, quiz, own) == set()
        assert not [name for each in (silent, answering, stranger) for name, _ in each.socket.heard if name == "quiz"]

        closed = await lecturer.command(f"/api/v1/quizzes/{quiz['id']}/close")
        assert closed.status == 200, closed.text
        for each in watching:
            await each.socket.until(lambda name, data: name == "event" and data["kind"] == "quiz.closed")
            told = betrayals([json.dumps(event, ensure_ascii=False) for event in each.socket.heard], quiz)
            assert {"correct", "distribution"} <= {each.split(" ")[0] for each in told}
            before = len(each.bodies)
            await each.read_everything(lesson_id, quiz["id"])
            found = betrayals(each.bodies[before:], quiz)
            assert any(each.startswith("mark") for each in found)
            assert any(each.startswith("options named unequally") for each in found)


async def test_what_members_get_does_not_depend_on_what_is_right(school, lecturer, lesson):
    """Two quizzes that differ in nothing but the right answer, and how others answered: a member can't tell them."""
    member, seen = await school.person("10001"), []
    other = await school.person("10003")
    for right in (0, 3):
        plan = {"kind": "single", "text": "哪一项？", "options": OPTIONS, "correct": [right], "explanation": str(right)}
        question = (await lecturer.command(f"/api/v1/lessons/{lesson['id']}/questions", **plan)).json
        quiz = await launched(lecturer, lesson, question)
        ids = {option["id"]: place for place, option in enumerate(quiz["options"])}
        choices = list(ids)
        answered = await member.command(f"/api/v1/quizzes/{quiz['id']}/answer", choice=[choices[0]])
        await other.command(f"/api/v1/quizzes/{quiz['id']}/answer", choice=[choices[right]])
        listed = (await member.get(f"/api/v1/lessons/{lesson['id']}/quizzes")).json["items"][-1]
        event = (await member.get(f"/api/v1/lessons/{lesson['id']}/events")).json["events"][-1]["data"]
        texts = [json.dumps(each, ensure_ascii=False) for each in (answered.json, listed, event)]
        for own, place in ids.items():
            texts = [text.replace(own, f"option {place}") for text in texts]
        seen.append([_timeless(json.loads(text)) for text in texts])
        await lecturer.command(f"/api/v1/quizzes/{quiz['id']}/close")
    assert seen[0] == seen[1]


def _timeless(value):
    changing = {"id", "quiz_id", "question_id", "number", "received_at", "launched_at", "deadline_at", "server_time"}
    return {key: each for key, each in value.items() if key not in changing}


async def test_the_desk_gets_the_distribution_and_a_screen_the_count(school, lecturer, lesson):
    question = await prepared(lecturer, lesson)
    desk, screen = Socket(school), Socket(school)
    venue = await school.person("venue1")
    async with (
        desk.joined(ticket=await ticket(lecturer, lesson), lesson_id=lesson["id"], face="desk"),
        screen.joined(ticket=await ticket(venue, lesson), lesson_id=lesson["id"], face="venue"),
    ):
        quiz = await launched(lecturer, lesson, question)
        chosen = quiz["options"][1]["id"]
        member = await school.person("10001")
        await member.command(f"/api/v1/quizzes/{quiz['id']}/answer", choice=[chosen])
        shown = await desk.until(lambda name, data: name == "quiz" and data["answered"] == 1)
        assert shown["distribution"][chosen] == 1
        shown = await screen.until(lambda name, data: name == "quiz" and data["answered"] == 1)
        assert shown.keys() == {"quiz_id", "answered", "expected"}
        await asyncio.gather(*(lecturer.command(f"/api/v1/quizzes/{quiz['id']}/close") for _ in range(2)))
        closed = await desk.until(lambda name, data: name == "event" and data["kind"] == "quiz.closed")
        assert closed["data"]["distribution"][chosen] == 1
