"""A micro-video from its first second to the ledger, on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
import uuid
from dataclasses import replace

import pytest

from server.domain.make_ups import Step
from server.domain.micro_terms import MicroTerms, worth
from server.domain.micro_videos import MicroState, MicroVideo, segment_name
from server.domain.quiz import QuestionKind
from server.domain.replays import Beat, Heard
from server.domain.retention_steps import STEPS
from server.domain.tickets import PlayGrant, Playing
from server.services import micro_questions, micro_studies, micro_views
from server.services import micro_videos as micro
from server.services.course_certificates import own_certificates
from server.services.courses import CoursePlan, add_course
from server.services.credit_rules import RulePlan, add_rule
from server.services.demo import demo_id
from server.services.micro_questions import MicroQuestionPlan
from server.services.questions import QuestionPlan
from server.services.verdicts import own_credit
from server.store.audit import check_ledger
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

MEMBER = "10001"
SEGMENTS = [4000] * 15
FACTS = {
    **{"duration_ms": 60_000, "width": 1280, "height": 720, "sound": True, "copied": True, "bytes": 1000},
    "segments_ms": SEGMENTS,
}
RIGHT = QuestionPlan(QuestionKind.SINGLE, "干粉灭火器第一步做什么？", ("拔保险销", "按压把"), (0,), "先拔销。")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def at(seconds):
    return NOW + dt.timedelta(seconds=seconds)


class Signer:
    def sign_grant(self, grant):
        return f"{grant.recording_id}.{grant.account_id}"


@pytest.mark.parametrize(
    ("minutes", "hundredths"), [(1, 25), (15, 25), (15.001, 50), (29.999, 50), (30, 100), (90, 100)]
)
def test_what_a_length_is_worth(minutes, hundredths):
    assert worth(MicroTerms(), round(minutes * 60_000)) == hundredths


async def no(code, awaitable):
    assert await refused(awaitable) == code


@pytest.fixture
async def shown(stage):
    admin = await stage.who("admin")
    rule = {"least_present_percent": 80, "least_answered_percent": 50, "least_right_percent": None}
    terms = MicroTerms(watched_percent=90, attempts=2, pause_minutes=10)
    unit = demo_id("某集团党委")
    await add_rule(
        stage.records,
        admin,
        command_id(),
        RulePlan(unit, "规则", dt.date(2026, 1, 1), None, 10, **rule, micro=terms),
        NOW,
    )
    plan = CoursePlan("消防安全微课", "")
    stage.course_id = (await add_course(stage.records, admin, command_id(), unit_id=unit, plan=plan, now=NOW)).id
    stage.video_id = await film(stage, "灭火器的使用")
    return stage


async def film(stage, title, position=1):
    admin = await stage.who("admin")
    video = MicroVideo(
        *(str(uuid.uuid4()), stage.course_id, position, title, admin.account_id, admin.name, NOW),
        state=MicroState.PUBLISHED,
        film_id=str(uuid.uuid4()),
        facts=FACTS,
        published_at=NOW,
    )
    await stage.records.write(lambda tx: tx.micro.put(video))
    return video.id


async def ask(stage, *plans):
    admin = await stage.who("admin")
    return await micro_questions.put_micro_questions(
        stage.records, admin, stage.video_id, command_id(), plans=plans, now=NOW
    )


class Player:
    """A member's page with its pass."""

    def __init__(self, stage, number=MEMBER):
        self.stage, self.number = stage, number
        self.device, self.count = str(uuid.uuid4()), 0

    async def play(self, seconds=0):
        who = await self.stage.who(self.number)
        return await micro_studies.play_micro_video(
            self.stage.house, Signer(), who, self.stage.video_id, lifetime=dt.timedelta(hours=1), now=at(seconds)
        )

    async def fetch(self, *segments, until=7200):
        video = await micro_studies.film_of(self.stage.house, self.stage.video_id)
        grant = PlayGrant(video.id, demo_id(self.number), Playing.REPLAY, at(until))
        names = [segment_name(number) for number in segments]
        await asyncio.gather(*(micro_studies.note_film_segment(self.stage.house, grant, video, name) for name in names))

    async def beat(self, seconds, position, *, device=None, playing=True):
        self.count += 1
        said = Beat(device or self.device, self.count, position * 1000, 100, playing, visible=True)
        who = await self.stage.who(self.number)
        return await micro_studies.beat(self.stage.house, who, self.stage.video_id, said, at(seconds))

    async def watch(self, until=60):
        await self.play()
        await self.fetch(*range(len(SEGMENTS)))
        for second in range(0, until + 1, 10):
            heard = await self.beat(second, second)
        return heard


async def credit(stage, number=MEMBER):
    return (await own_credit(stage.records, await stage.who(number), None, at(100))).entries


async def seen(stage, number=MEMBER, now=None):
    return await micro_views.see_micro_study(stage.records, await stage.who(number), stage.video_id, now or at(100))


async def test_watching_it_is_enough_where_nothing_is_asked_and_grants_once(shown, database_url):
    player = Player(shown)
    heard = await player.watch()
    assert (heard.heard, heard.step, heard.progress) == (Heard.CREDITED, Step.DONE, 100)
    (entry,) = await credit(shown)
    assert (entry.kind, entry.hundredths, entry.lesson, entry.reason) == ("micro", 25, None, "微视频《灭火器的使用》")
    await player.beat(70, 10)
    await player.play(80)
    assert len(await credit(shown)) == 1
    assert (await check_ledger(database_url)).position == 1, "the chain holds"
    course = await micro_views.see_course_study(shown.records, await shown.who(MEMBER), shown.course_id, at(100))
    assert (course.done, course.total, course.next_id) == (1, 1, None)


async def test_with_a_test_the_film_grants_its_part_and_the_test_its_own(shown):
    await ask(shown, MicroQuestionPlan(RIGHT))
    who = await shown.who(MEMBER)
    player = Player(shown)
    await player.play()
    early = micro_studies.begin_test(shown.records, who, shown.video_id, command_id(), at(5))
    await no("study_not_watched", early)
    heard = await player.watch()
    assert heard.step is Step.QUESTIONS
    assert [entry.hundredths for entry in await credit(shown)] == [25]
    paper = await micro_studies.begin_test(shown.records, who, shown.video_id, command_id(), at(100))
    (question,) = paper.questions
    right = next(option.id for option in question.options if option.text == "拔保险销")
    command = command_id()
    for _ in range(2):  # a retry grants nothing more
        done = await micro_studies.hand_in_test(
            shown.records, who, shown.video_id, paper.id, command, choices={question.id: (right,)}, now=at(110)
        )
        assert done.passed
    assert sorted(entry.hundredths for entry in await credit(shown)) == [25, 50]
    assert (await seen(shown)).step is Step.DONE
    again = micro_studies.begin_test(shown.records, who, shown.video_id, command_id(), at(200))
    await no("study_passed", again)


@on_sqlite
async def test_who_fails_waits_and_after_the_last_attempt_a_day(shown):
    await ask(shown, MicroQuestionPlan(RIGHT))
    who = await shown.who(MEMBER)
    await Player(shown).watch()

    async def fail(seconds):
        paper = await micro_studies.begin_test(shown.records, who, shown.video_id, command_id(), at(seconds))
        return await micro_studies.hand_in_test(
            shown.records, who, shown.video_id, paper.id, command_id(), choices={}, now=at(seconds)
        )

    assert not (await fail(100)).passed
    await no("study_pause", fail(100 + 599))
    await fail(100 + 600)
    await no("study_pause", fail(700 + 86_399))
    assert (await seen(shown)).next_attempt_at == at(700 + 86_400)
    await fail(700 + 86_400)
    old = next(step for step in STEPS if step.table == "micro_attempts")

    def sweep(tx):
        return tx.retention.clear(old, at(500), tx.retention.found(old, at(500), None, 9))

    assert await shown.records.write(sweep) == 1
    assert not (await fail(700 + 2 * 86_400)).passed, "who has old attempts no more goes on behind the others"


@on_sqlite
async def test_a_script_and_a_jump_to_the_end_earn_nothing(shown):
    player = Player(shown)
    await player.play()
    await player.fetch(*range(len(SEGMENTS)))
    await player.beat(0, 0)
    assert (await player.beat(3, 60)).heard is Heard.TOO_FAST
    other = Player(shown)
    await other.beat(10, 50)
    assert (await other.beat(20, 60)).heard is Heard.AHEAD
    assert (await seen(shown)).progress == 0


@on_sqlite
async def test_what_was_not_fetched_does_not_count(shown):
    player = Player(shown)
    await player.play()
    await player.beat(0, 0)
    assert (await player.beat(10, 10)).heard is Heard.NOT_FETCHED


@on_sqlite
async def test_a_reload_and_another_device_go_on(shown):
    await Player(shown).watch(until=30)
    study = await seen(shown)
    assert (study.position_ms, study.progress, study.step) == (30_000, 56, Step.WATCHING)
    second = Player(shown)
    await second.fetch(*range(len(SEGMENTS)))
    for second_s in range(40, 71, 10):
        heard = await second.beat(second_s, second_s - 10)
    assert heard.step is Step.DONE


@on_sqlite
async def test_who_comes_back_after_what_was_watched_has_gone_watches_anew(shown):
    await Player(shown).watch(until=30)
    old = next(step for step in STEPS if step.table == "micro_watches")

    def sweep(tx):
        return tx.retention.clear(old, at(3600), tx.retention.found(old, at(3600), None, 9))

    assert await shown.records.write(sweep) == 1
    await no("study_not_begun", Player(shown).beat(4000, 30))
    player = Player(shown)
    await player.play(4000)
    await player.fetch(*range(len(SEGMENTS)), until=9000)
    for second in range(0, 61, 10):
        heard = await player.beat(4000 + second, second)
    assert heard.step is Step.DONE
    assert [entry.hundredths for entry in await credit(shown)] == [25]


@on_sqlite
async def test_who_waits_for_a_test_that_is_taken_away_is_done(shown):
    await ask(shown, MicroQuestionPlan(RIGHT))
    assert (await Player(shown).watch()).step is Step.QUESTIONS
    await ask(shown)
    who = await shown.who(MEMBER)
    await no("study_no_test", micro_studies.begin_test(shown.records, who, shown.video_id, command_id(), at(100)))
    await Player(shown).play(110)
    assert (await seen(shown)).step is Step.DONE
    assert [entry.hundredths for entry in await credit(shown)] == [25]
    (certificate,) = await own_certificates(shown.records, who)
    assert (certificate.videos, certificate.tests) == (1, 0)


@on_sqlite
async def test_without_a_rule_that_gives_credit_it_is_watched_and_grants_nothing(shown):
    admin = await shown.who("admin")
    rule = {"least_present_percent": 80, "least_answered_percent": 50, "least_right_percent": None}
    plan = RulePlan(demo_id("某集团党委"), "规则", NOW.date(), None, 10, **rule)
    await add_rule(shown.records, admin, command_id(), plan, NOW)
    assert (await Player(shown).watch()).step is Step.DONE
    assert await credit(shown) == ()


@on_sqlite
async def test_the_terms_of_the_first_day_stay(shown):
    await Player(shown).play()
    admin = await shown.who("admin")
    rule = {"least_present_percent": 80, "least_answered_percent": 50, "least_right_percent": None}
    dearer = MicroTerms(short_hundredths=99)
    plan = RulePlan(demo_id("某集团党委"), "规则", NOW.date(), None, 10, **rule, micro=dearer)
    await add_rule(shown.records, admin, command_id(), plan, NOW)
    await Player(shown).watch()
    assert [entry.hundredths for entry in await credit(shown)] == [25]


@on_sqlite
async def test_a_question_at_a_mark_is_asked_once_and_its_first_answer_stays(shown):
    mark = MicroQuestionPlan(RIGHT, 20_000)
    (made,) = (await ask(shown, mark)).items
    who = await shown.who(MEMBER)

    async def answer(text):
        option = next(each.id for each in made.options if each.text == text)
        return await micro_questions.answer_mark(
            shown.records, who, shown.video_id, made.id, choice=[option], now=at(20)
        )

    await no("study_not_begun", answer("按压把"))
    await Player(shown).play()
    (before,) = (await seen(shown)).marks
    assert (before.mark_ms, before.answered) == (20_000, False)
    first = await answer("按压把")
    again = await answer("拔保险销")
    assert (first.right, again) == (False, first)
    assert (await seen(shown)).marks[0].answered
    heard = await Player(shown).watch()
    assert heard.step is Step.DONE  # it counts for nothing
    admin = await shown.who("admin")
    await micro.change_micro_video(shown.records, admin, shown.video_id, command_id(), asks=False, now=NOW)
    assert (await seen(shown)).marks == ()
    await no("invalid_body", ask(shown, MicroQuestionPlan(RIGHT, 61_000)))
    await no("invalid_body", ask(shown, mark, mark))


async def test_it_is_for_the_members_of_the_course_and_retiring_ends_beginning(shown):
    admin = await shown.who("admin")
    await Player(shown, "admin").play()  # who keeps it only looks at it
    assert not (await seen(shown, "admin")).counts
    await no("study_not_begun", Player(shown, "admin").beat(0, 0))
    await micro.retire_micro_video(shown.records, admin, shown.video_id, command_id(), at(1))
    await no("micro_not_found", Player(shown).play())
    assert await micro_views.list_course_studies(shown.records, await shown.who(MEMBER), at(2)) == ()
    other = await add_course(
        shown.records,
        admin,
        command_id(),
        unit_id=demo_id("二车间党支部"),
        plan=CoursePlan("另一门", ""),
        now=NOW,
    )
    video = await shown.records.read(lambda tx: tx.micro.get(shown.video_id))
    moved = replace(video, course_id=other.id, state=MicroState.PUBLISHED)
    await shown.records.write(lambda tx: tx.micro.put(moved))
    await no("micro_not_found", Player(shown).play())
    await no("course_not_found", micro_views.see_course_study(shown.records, await shown.who(MEMBER), other.id, NOW))


async def test_who_keeps_it_and_studies_it_neither_begins_nor_goes_on_once_it_is_retired(shown):
    admin, member = await shown.who("admin"), await shown.who(MEMBER)
    both = replace(admin, member_id=member.member_id, unit_line=member.unit_line)
    other = await film(shown, "疏散", 2)

    async def play(video_id):
        lifetime = dt.timedelta(hours=4)
        await micro_studies.play_micro_video(shown.house, Signer(), both, video_id, lifetime=lifetime, now=NOW)
        return await shown.records.read(lambda tx: tx.studies.get(video_id, both.member_id))

    assert await play(other) is not None
    for video_id in (other, shown.video_id):
        await micro.retire_micro_video(shown.records, admin, video_id, command_id(), NOW)
    assert await play(shown.video_id) is None
    beat = Beat("a", 1, 0, 100, playing=True, visible=True)
    await no("micro_not_found", micro_studies.beat(shown.house, both, other, beat, at(1)))
    assert not (await micro_views.see_micro_study(shown.records, both, other, at(1))).counts


async def test_the_next_one_is_the_first_that_is_not_done(shown):
    second = await film(shown, "疏散", 2)
    await Player(shown).watch()
    (course,) = await micro_views.list_course_studies(shown.records, await shown.who(MEMBER), at(100))
    assert ([row.step for row in course.items], course.next_id, course.done) == (
        [Step.DONE, Step.NOT_STARTED],
        second,
        1,
    )
    assert (await seen(shown)).next_id == second
