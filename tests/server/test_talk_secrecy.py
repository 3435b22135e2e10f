"""先审后发, scanned: a lesson full of chat, inquiries, hands, mutes and signals, and every byte that others get.

Each text that was not approved has a mark of its own, and so has the name of whoever said it. All HTTP answers with
their headers (every reading call of the API, what is refused, exports, events by polling, snapshots), all messages of
sockets of every face, and after the end the recording with its chapters are searched for them. Staff get them all and
everybody gets what is approved: the search can find.
"""

import contextlib
import json

from socketio.exceptions import BadNamespaceError, TimeoutError

from server.services.demo import demo_id

from .conftest import problem_of
from .test_quiz_secrecy import Onlooker
from .test_sockets import Socket, ticket

LINE, HELD, REMOVED = "记号聊天待审一〇一", "记号聊天賭博一〇二", "记号聊天删除一〇三"
WAITS, LISTED, DECLINED, MERGED = "记号提问待审二〇一", "记号提问賭博二〇二", "记号提问退回二〇三", "记号提问并入二〇四"
TOPIC, REASON, ASSIGNED = "记号举手话题三〇一", "记号暂停原因三〇二", "记号指定回答三〇三"
OPINION, SHOWN_OPINION, TYPED = "记号意见待审六〇一", "公开的意见六〇二", "公开的意见。六〇二"
SAID = {OPINION, LINE, HELD, REMOVED, WAITS, LISTED, DECLINED, MERGED}
MARKS = SAID | {TOPIC, REASON, ASSIGNED}
NAME = "学员丁01"
SHOWN_LINE, SHOWN_INQUIRY = "公开的发言四〇一", "公开的提问四〇二"
RETRACTED = "收回的发言五〇一"
FACES = {
    "10002": ("phone", True),
    "10021": ("phone", False),
    "10041": ("board", True),
    "secretary": ("board", True),
    "venue1": ("venue", True),
}


class Ear(Onlooker):
    """Also reads what only sockets and long polls give."""

    come = None  # gives another socket of the same person

    async def ask(self, asked):
        """Who owes a lesson that ended is sent away once, to come again for what that one may hear."""
        try:
            return await self.socket.ask("since", asked)
        except (BadNamespaceError, TimeoutError):
            self.bodies += super().traffic
            self.socket = await self.come()
            return await self.socket.ask("since", asked)

    async def read(self, lesson_id, **ids):
        await self.read_everything(lesson_id, **{"quiz_id": lesson_id, **ids})
        path = f"/api/v1/lessons/{lesson_id}"
        for asked in ({"since": "0", "snapshot": "true"}, {"last": "500", "nouns": "chat,inquiry,hand,talk,chapter"}):
            self.keep(await self.person.get(f"{path}/events", params=asked))
        for state in ("waiting", "deleted", "shown"):
            self.keep(await self.person.get(f"{path}/chat", params={"state": state, "limit": "200"}))
        for name in (f"{path}/inquiries/export", f"{path}/roll-call.csv", "/", "/metrics", "/healthz"):
            self.keep(await self.person.get(name))
        if self.socket is not None:
            for asked in ({"seq": 0}, {"seq": 0, "snapshot": True}):
                self.bodies.append(json.dumps(await self.ask(asked), ensure_ascii=False))

    def keep(self, answer):
        """A fault of ours would hide what was asked for."""
        assert answer.status < 500, answer.text
        return super().keep(answer)

    @property
    def traffic(self):
        return super().traffic if self.socket is not None else self.bodies

    def found(self, *marks):
        """Also as JSON may write it."""
        traffic = "\n".join(self.traffic)
        return {mark for mark in marks if mark in traffic or json.dumps(mark)[1:-1] in traffic}

    def forget(self):
        self.bodies.clear()
        if self.socket is not None:
            self.socket.heard.clear()


async def post(person, path, status=201, **fields):
    answer = await person.command(path, **fields)
    assert answer.status == status, answer.text
    return answer.json if answer.body else None


async def list_words(admin, *words):
    path = f"/api/v1/units/{demo_id('某集团党委')}/words"
    tag = (await admin.get(path)).headers["ETag"]
    assert (await admin.ask("PUT", path, json={"words": words}, headers={"If-Match": tag})).status == 200


async def test_what_nobody_approved_is_in_no_byte_that_others_get(school, admin, director):
    lesson = await school.new_lesson(admin, until="live")
    lesson_id, path = lesson["id"], f"/api/v1/lessons/{lesson['id']}"
    await list_words(admin, "赌博")
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(list_words, admin)

        async def ear(number, face, batch):
            person = await school.person(number)

            async def come():
                socket = Socket(school)
                auth = {"ticket": await ticket(person, lesson), "lesson_id": lesson_id, "face": face, "batch": batch}
                await stack.enter_async_context(socket.joined(**auth))
                return socket

            made = Ear(person, await come())
            made.come = come
            return made

        others = [await ear(number, *how) for number, how in FACES.items()]
        nobody = Ear(await school.stranger(), None)
        staff, quiet = await ear("director", "console", True), await ear("10061", "phone", True)
        ids = await talk(quiet, director, path)
        ids["quiz_id"] = await opine(school, director, path)
        await staff.socket.until(lambda name, data: REASON in str(data))

        for each in [*others, nobody]:
            await meddle(each, ids)
            await each.read(lesson_id, **ids)
            assert each.found(*MARKS, NAME) == set()
        await quiet.read(lesson_id, **ids)
        assert quiet.found(*MARKS) == MARKS - {ASSIGNED}
        await staff.read(lesson_id, **ids)
        assert staff.found(*MARKS, NAME) == {*MARKS, NAME}

        # The search can find: what is approved is found, and nothing beside it.
        await post(director, f"/api/v1/chat/{ids['shown_line']}/approve", 200)
        await post(director, f"/api/v1/inquiries/{ids['shown_inquiry']}/steps", 200, step="approve")
        await approve_opinion(director, ids["quiz_id"])
        retracted = await post(director, f"{path}/chat", text=RETRACTED)
        for each in others:
            await each.socket.until(lambda name, data: RETRACTED in str(data))
            assert each.found(*MARKS) == set()
            assert each.found(SHOWN_LINE, SHOWN_INQUIRY, RETRACTED) == {SHOWN_LINE, SHOWN_INQUIRY, RETRACTED}
        screen = others[list(FACES).index("venue1")]
        await screen.socket.until(lambda name, data: name == "quiz" and SHOWN_OPINION in str(data))
        assert not any(each.found(SHOWN_OPINION) for each in others if each is not screen)

        # What was taken back, and the end: the recording, its chapters, the log.
        await post(director, f"/api/v1/chat/{retracted['id']}/delete", 200)
        for step in ("stage", "answer"):
            await post(director, f"/api/v1/inquiries/{ids['shown_inquiry']}/steps", 200, step=step)
        await post(admin, f"{path}/transitions", 200, event="end")
        ids["recording_id"] = (await director.get(f"{path}/stage")).json["recording"]["id"]
        for each in [*others, nobody]:
            if each.socket is not None:
                await each.socket.until(lambda name, data: '"ended"' in json.dumps(data))
            each.forget()
            await each.read(lesson_id, **ids)
            each.keep(await each.person.post(f"/api/v1/recordings/{ids['recording_id']}/play"))
            assert each.found(*MARKS, RETRACTED, TYPED) == set()
            assert each is nobody or each.found(SHOWN_OPINION)
            assert each is nobody or each.found(SHOWN_INQUIRY)


async def talk(quiet, director, path):
    """All that is said in this lesson; ids by the names that they have in paths."""
    person = quiet.person
    lines = {text: await post(person, f"{path}/chat", text=text) for text in (LINE, HELD, REMOVED, SHOWN_LINE)}
    assert lines[HELD]["held"]
    await post(director, f"/api/v1/chat/{lines[REMOVED]['id']}/delete", 200)
    inquiries = {}
    for text, step in ((SHOWN_INQUIRY, None), (MERGED, "merge"), (DECLINED, "decline"), (WAITS, None), (LISTED, None)):
        inquiries[text] = asked = await post(person, f"{path}/inquiries", text=text)
        if step:
            more = {"into": inquiries[SHOWN_INQUIRY]["id"]} if step == "merge" else {}
            await post(director, f"/api/v1/inquiries/{asked['id']}/steps", 200, step=step, **more)
    await post(director, f"/api/v1/inquiries/{inquiries[WAITS]['id']}/assign", 200, to=ASSIGNED)
    hand = await post(person, f"{path}/hands", topic=TOPIC)
    assert (await person.post(f"{path}/signals", {"signal": "unclear"})).status == 204
    await post(director, f"/api/v1/chat/{lines[LINE]['id']}/mute", 200, minutes=5, reason=REASON)
    return {
        "line_id": lines[LINE]["id"],
        "inquiry_id": inquiries[WAITS]["id"],
        "hand_id": hand["id"],
        "shown_line": lines[SHOWN_LINE]["id"],
        "shown_inquiry": inquiries[SHOWN_INQUIRY]["id"],
    }


async def opine(school, director, path):
    """An opinion that runs, with one text for the screen and one that waits; the quiz."""
    question = await post(director, f"{path}/questions", kind="opinion", text="您的建议？")
    quiz = await post(director, f"{path}/quizzes", question_id=question["id"], seconds=3600)
    for number, text in (("10061", OPINION), ("10062", SHOWN_OPINION), ("10063", TYPED), ("10064", SHOWN_OPINION)):
        await post(await school.person(number), f"/api/v1/quizzes/{quiz['id']}/answer", 200, choice=[text])
    return quiz["id"]


async def approve_opinion(director, quiz_id):
    path = f"/api/v1/quizzes/{quiz_id}/opinions"
    [wanted] = [one for one in (await director.get(path)).json["items"] if one["text"] == SHOWN_OPINION]
    ruled = await post(director, f"{path}/rulings", 200, ids=[wanted["id"]], ruling="approved")
    assert (wanted["count"], ruled["changed"]) == (3, 1)


async def meddle(each, ids):
    """Who knows an id learns nothing by it, and does nothing to it."""
    line, inquiry, hand = (f"/api/v1/{noun}/{ids[key]}" for noun, key in MEDDLED)
    for path, fields in (
        (f"{line}/approve", {}),
        (f"{line}/delete", {}),
        (f"{line}/mute", {"minutes": 5, "reason": "…"}),
        (f"{inquiry}/steps", {"step": "approve"}),
        (f"{inquiry}/vote", {"up": True}),
        (f"{inquiry}/assign", {"to": "…"}),
        (f"{inquiry}/mute", {"minutes": 5, "reason": "…"}),
        (f"{inquiry}/answer", {"answer": "…"}),
        (f"/api/v1/quizzes/{ids['quiz_id']}/opinions/rulings", {"ids": ["0" * 64], "ruling": "approved"}),
        (f"{hand}/take", {}),
        (f"{hand}/withdraw", {}),
        (f"{hand}/lower", {}),
    ):
        answer = each.keep(await each.person.command(path, **fields))
        assert answer.status in {401, 403, 404}, (path, answer.text)
        problem_of(answer, answer.status, answer.json["code"])


MEDDLED = (("chat", "line_id"), ("inquiries", "inquiry_id"), ("hands", "hand_id"))
