"""What a calendar leaves out where there is too much."""

import datetime as dt

from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import LessonStep
from server.services import feeds
from server.services.demo import demo_id
from server.services.lessons import LessonPlan, create_lesson, move_lesson
from tests.services.conftest import command_id
from tests.store.samples import NOW

HOUR = dt.timedelta(hours=1)


async def scheduled(stage, begins):
    admin = await stage.who("admin")
    plan = LessonPlan("主题党日", demo_id("某集团党委"), begins, begins + HOUR, kind=LessonKind.THEME_DAY, media=False)
    made = await create_lesson(stage.records, admin, command_id(), plan, NOW)
    await move_lesson(stage.house, admin, made.id, command_id(), step=LessonStep.SCHEDULE, now=NOW)
    return made.id


async def test_of_too_many_lessons_a_calendar_tells_the_near_ones(stage, monkeypatch):
    far = await scheduled(stage, NOW + dt.timedelta(days=300))
    path = (await feeds.make_feed(stage.records, await stage.who("10001"), NOW)).path
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    told = [each.lesson.id for each in await feeds.read_feed(stage.records, token, NOW)]
    near = [lesson_id for lesson_id in told if lesson_id != far]
    assert told == [*near, far]
    assert near
    monkeypatch.setattr(feeds, "MOST", len(near))
    assert [each.lesson.id for each in await feeds.read_feed(stage.records, token, NOW)] == near
