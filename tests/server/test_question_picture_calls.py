"""Pictures of questions over HTTPS: what is taken in, and what is given out to whom."""

import asyncio
import uuid

from server.services.demo import demo_id
from tests.converting import photos

from .conftest import problem_of
from .test_quiz_secrecy import launched, lesson

__all__ = ["lesson"]

BYTES = {"Content-Type": "application/octet-stream"}
PATH = "/api/v1/question-pictures"


def query(**place):
    return {"command_id": str(uuid.uuid4()), **place}


async def bring(person, content=None, **place):
    return await person.ask("POST", PATH, params=query(**place), data=content or photos.png(), headers=BYTES)


async def test_a_picture_is_shown_with_its_question_and_not_before(school, admin, lecturer, member, lesson):
    brought = await bring(lecturer, lesson_id=lesson["id"])
    assert brought.status == 201, brought.text
    asked, shown = {"sha256": brought.json["sha256"], "size": "phone"}, {"sha256": brought.json["sha256"]}
    own = await lecturer.get(PATH, params=asked)
    assert (own.status, own.headers["Content-Type"]) == (200, "image/webp")
    problem_of(await admin.get(PATH, params=asked), 404, "picture_not_found")
    plan = {"kind": "single", "text": "图中是？", "options": ["甲", "乙"], "correct": [0]}
    path = f"/api/v1/lessons/{lesson['id']}/questions"
    question = await lecturer.command(path, **plan, picture={**shown, "alt": "红色的方块"})
    assert (question.status, question.json["picture"]["alt"]) == (201, "红色的方块"), question.text
    bad = await lecturer.command(path, **plan, picture={**shown, "alt": " "})
    problem_of(bad, 422, "invalid_body")
    problem_of(await admin.command(path, **plan, picture={**shown, "alt": "别人的"}), 404, "picture_not_found")
    prepared = f"/api/v1/questions/{question.json['id']}/picture"
    problem_of(await member.get(prepared, params=asked), 403, "forbidden")
    assert (await lecturer.get(prepared, params=asked)).body == own.body
    quiz = await launched(lecturer, lesson, question.json)
    assert quiz["picture"] == question.json["picture"]
    [seen] = (await member.get(f"/api/v1/lessons/{lesson['id']}/quizzes")).json["items"]
    given = await member.get(f"/api/v1/quizzes/{seen['id']}/picture", params=asked)
    assert (given.status, given.body) == (200, own.body)
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    other = {"sha256": "ab" * 32}
    problem_of(await member.get(f"/api/v1/quizzes/{seen['id']}/picture", params=other), 404, "picture_not_found")
    screen = await school.person("venue1")
    assert (await screen.get(f"/api/v1/quizzes/{seen['id']}/picture", params=shown)).status == 200


async def test_what_is_too_large_is_refused_before_it_is_read_and_what_is_no_picture_by_its_bytes(admin, member):
    async def endless():
        yield photos.png()
        await asyncio.Event().wait()

    unit = {"unit_id": demo_id("综合党支部")}
    headers = {**BYTES, "Content-Length": str(100 << 20)}
    sent = admin.ask("POST", PATH, params=query(**unit), data=endless(), headers=headers)
    problem_of(await asyncio.wait_for(sent, 60), 413, "file_too_large")
    problem_of(await bring(admin, b"<svg/>", **unit), 415, "picture_type_wrong")
    problem_of(await bring(admin, photos.BOMB, **unit), 422, "picture_dimensions")
    problem_of(await bring(admin, photos.MOVING_WEBP, **unit), 422, "picture_moves")
    typed = {"Content-Type": "image/png"}
    form = await admin.ask("POST", PATH, params=query(**unit), data=photos.png(), headers=typed)
    problem_of(form, 415, "unsupported_media_type")
    problem_of(await bring(member, **unit), 403, "forbidden")
    problem_of(await bring(admin), 422, "invalid_body")
    problem_of(await bring(member), 403, "forbidden")
