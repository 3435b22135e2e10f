"""Making up a lesson, from its settling to the ledger; on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
import json
import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain import events
from server.domain.chain import Head
from server.domain.make_up_terms import MakeUpTerms
from server.domain.question_pictures import Picture
from server.domain.quiz import QuestionKind
from server.domain.recordings import RecordingSummary
from server.domain.replays import Beat, Heard
from server.domain.scoring import Key
from server.domain.tickets import PlayGrant, Playing
from server.services import make_ups, replays
from server.services.credit_rules import RulePlan, add_rule
from server.services.demo import demo_id
from server.services.entry_corrections import correct_entry
from server.services.events import events_since
from server.services.inbox import see_inbox
from server.services.make_up_questions import answer_mark, begin_attempt, hand_in_attempt
from server.services.question_pictures import check_of_attempt
from server.services.quizzes import list_quizzes
from server.services.remarking import preview_remark, remark_quiz
from server.services.replay_passes import timeline
from server.services.reviews import ask_review, decide_review
from server.services.verdicts import own_credit, own_verdict
from server.store.audit import check_ledger
from server.store.schema import questions, quizzes
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import (
    ABSENT,
    BEGINS,
    ENDS,
    LEFT_EARLY,
    MINUTE,
    PASSES,
    SILENT,
    held,
    member,
    move,
)
from tests.store.samples import NOW

SETTLED = ENDS + 60 * MINUTE
TERMS = MakeUpTerms(days=14, watched_percent=90, right_percent=60, attempts=2, pause_minutes=10, credit_percent=50)
SEGMENTS = 30
"""Of two seconds."""
PLAYLIST = "#EXTM3U\n" + "".join(f"#EXTINF:2.00000,\nc{n}.m4s\n" for n in range(SEGMENTS)) + "#EXT-X-ENDLIST\n"


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database could do differently."""


def at(seconds):
    return SETTLED + dt.timedelta(seconds=seconds)


def test_a_segment_lies_behind_those_before_it():
    read = timeline(PLAYLIST)
    assert (read.total_ms, read.places["c0.m4s"], read.places["c29.m4s"]) == (60_000, (0, 2000), (58_000, 60_000))


async def rule(stage, terms, unit="某集团党委"):
    least = {"least_present_percent": 80, "least_answered_percent": 50, "least_right_percent": None}
    plan = RulePlan(demo_id(unit), "规则", dt.date(2026, 1, 1), None, 10, **least, make_up=terms)
    await add_rule(stage.records, await stage.who("admin"), command_id(), plan, NOW)


class Recorded:
    """What the library has once the lesson is over."""

    def __init__(self, disk):
        self._disk = disk

    def __getattr__(self, name):
        return getattr(self._disk, name)

    async def playlist(self, recording_id, track):
        return PLAYLIST


@pytest.fixture
async def ended(stage, database):
    await rule(stage, TERMS)
    stage.house = replace(stage.house, library=Recorded(stage.media.disk))
    await held(stage, database)
    await recorded(stage, 60_000)
    return stage


async def recorded(stage, duration_ms):
    recording_id = (await stage.lesson()).recording_id
    summary = RecordingSummary(recording_id, stage.lesson_id, "finished", BEGINS, duration_ms, 1, 30, False, 0)
    await stage.records.write(lambda tx: tx.recordings.save_summary(summary))


@pytest.fixture
async def settled(ended):
    await move(ended, "settle", SETTLED)
    return ended


async def own(stage, number=ABSENT, now=SETTLED):
    return await make_ups.list_own(stage.records, await stage.who(number), now)


async def the_offer(stage, number=ABSENT, now=SETTLED):
    return (await own(stage, number, now))[0]


class Player:
    """A member's page with its pass."""

    def __init__(self, stage, number=ABSENT):
        self.stage, self.number = stage, number
        self.device, self.count = str(uuid.uuid4()), 0

    async def fetch(self, *segments):
        recording_id = (await self.stage.lesson()).recording_id
        grant = PlayGrant(recording_id, demo_id(self.number), Playing.REPLAY, at(7200))
        await asyncio.gather(*(replays.note_segment(self.stage.house, grant, f"c{n}.m4s") for n in segments))

    async def beat(self, seconds, position, *, number=None, device=None, playing=True):
        self.count += 1
        said = Beat(device or self.device, number or self.count, position * 1000, 100, playing, visible=True)
        principal = await self.stage.who(self.number)
        offered = await the_offer(self.stage, self.number)
        return await replays.beat(self.stage.house, principal, offered.id, said, at(seconds))

    async def watch(self, until=60):
        await self.fetch(*range(SEGMENTS))
        for second in range(0, until + 1, 10):
            heard = await self.beat(second, second)
        return heard


async def begin(stage, now, number=ABSENT):
    offered = await the_offer(stage, number)
    return await begin_attempt(stage.records, await stage.who(number), offered.id, command_id(), now)


async def right_choices(stage):
    questions = await stage.records.read(lambda tx: tx.questions.of(stage.lesson_id))
    return {question.id: question.correct for question in questions}


async def hand_in(stage, attempt, choices, now, *, command=None):
    offered = await the_offer(stage)
    who = await stage.who(ABSENT)
    return await hand_in_attempt(
        stage.records, who, offered.id, attempt.id, command or command_id(), choices=choices, now=now
    )


# ---- offers ----------------------------------------------------------------------------------------------


async def test_who_was_absent_is_offered_to_make_it_up_and_is_told(settled):
    offered = await the_offer(settled)
    assert (offered.step, offered.standing, offered.hundredths, offered.progress) == ("not_started", "absent", 100, 0)
    zone = dt.timezone(dt.timedelta(hours=8))
    last_day = SETTLED.astimezone(zone).date() + dt.timedelta(days=14)
    assert offered.deadline_at == dt.datetime.combine(last_day, dt.time(23, 59, 59), zone), (
        "the last day is a whole one"
    )
    letter = (await see_inbox(settled.records, await settled.who(ABSENT), cursor=None, limit=5, now=NOW)).items[0]
    assert (letter.wave, letter.read, letter.deadline_at) == ("make_up", False, offered.deadline_at)


@on_sqlite
async def test_who_passed_or_was_there_is_offered_nothing(settled):
    assert await own(settled, PASSES) == ()
    assert await own(settled, SILENT) == (), "was there all the time: that is for a review"


@on_sqlite
async def test_without_terms_or_without_a_recording_there_is_no_offer(stage, database):
    await held(stage, database)
    await move(stage, "settle", SETTLED)
    assert await own(stage) == ()


@on_sqlite
async def test_a_lesson_of_which_nothing_was_recorded_has_no_offers(stage, database):
    await rule(stage, TERMS)
    await held(stage, database)
    await recorded(stage, 0)
    await move(stage, "settle", SETTLED)
    assert await own(stage) == ()


async def test_settling_again_makes_no_second_offer(settled):
    before = await own(settled)
    lesson = await settled.lesson()

    def again(tx):
        verdicts = [tx.verdicts.get(lesson.id, member(ABSENT))[0]]
        make_ups.offer(tx, lesson, tx.credit_rules.get(lesson.rule_id), verdicts)

    await settled.records.write(again)
    assert await own(settled) == before


# ---- watching --------------------------------------------------------------------------------------------


@on_sqlite
async def test_watching_to_the_end_leads_to_the_questions(settled):
    heard = await Player(settled).watch()
    assert (heard.heard, heard.step, heard.progress, heard.reached_ms) == (Heard.CREDITED, "questions", 100, 60_000)


@on_sqlite
async def test_nothing_counts_that_was_not_fetched_with_the_own_pass(settled):
    player = Player(settled)
    await Player(settled, LEFT_EARLY).fetch(*range(SEGMENTS))
    await player.beat(0, 0)
    assert (await player.beat(10, 10)).heard is Heard.NOT_FETCHED
    await player.fetch(*range(5))
    await player.beat(11, 0)
    assert (await player.beat(20, 9)).heard is Heard.CREDITED


@on_sqlite
async def test_a_script_and_a_jump_to_the_end_earn_nothing(settled):
    player = Player(settled)
    await player.fetch(*range(SEGMENTS))
    await player.beat(0, 0)
    for second in range(1, 4):
        heard = await player.beat(second, second * 16)
        assert heard.heard in {Heard.WAITS, Heard.TOO_FAST}
        assert (heard.progress, heard.reached_ms) == (0, 0)
    assert (await player.beat(10, 60)).progress == 0
    assert (await the_offer(settled)).step == "not_started"


@on_sqlite
async def test_a_late_beat_at_twice_the_speed_costs_nothing(settled):
    """Also over the record: what was not used is kept with the device's last beat."""
    player = Player(settled)
    await player.fetch(*range(SEGMENTS))
    await player.beat(0, 0)
    assert (await player.beat(16, 20)).heard is Heard.CREDITED, "six seconds late"
    heard = await player.beat(20, 40)
    assert (heard.heard, heard.reached_ms) == (Heard.CREDITED, 40_000)


@on_sqlite
async def test_another_device_goes_on_where_the_first_one_was(settled):
    player = Player(settled)
    await player.watch(until=30)
    offered = await the_offer(settled)
    assert (offered.position_ms, offered.step) == (30_000, "watching")
    other = str(uuid.uuid4())
    await player.beat(100, 30, device=other)
    heard = await player.beat(120, 50, device=other)
    assert (heard.reached_ms, heard.heard) == (50_000, Heard.CREDITED)


async def test_a_beat_again_and_beats_together_count_once(settled):
    player = Player(settled)
    await player.watch(until=20)
    again = await player.beat(40, 40, number=2)
    assert (again.heard, again.reached_ms) == (Heard.KNOWN, 20_000)
    both = await asyncio.gather(*(player.beat(30, 30, number=9) for _ in range(4)))
    assert sorted(each.heard for each in both) == [Heard.CREDITED, Heard.KNOWN, Heard.KNOWN, Heard.KNOWN]
    assert {each.reached_ms for each in both} == {30_000}


@on_sqlite
async def test_nothing_is_kept_of_who_has_nothing_to_make_up(settled):
    await Player(settled, PASSES).fetch(*range(SEGMENTS))
    recording_id = (await settled.lesson()).recording_id
    assert await settled.records.read(lambda tx: tx.watches.get(recording_id, member(PASSES))) is None


@on_sqlite
async def test_a_beat_for_somebody_elses_is_not_found(settled):
    offered = await the_offer(settled)
    said = Beat("d", 1, 0, 100, playing=True, visible=True)
    foreign = await settled.who(LEFT_EARLY)
    assert await refused(replays.beat(settled.house, foreign, offered.id, said, at(0))) == "make_up_not_found"


# ---- the questions and the credit ------------------------------------------------------------------------


async def test_passing_the_questions_makes_the_entry_and_the_verdict_stays(settled, database_url):
    await Player(settled).watch()
    attempt = await begin(settled, at(100))
    assert (attempt.right, attempt.solutions) == (None, ())
    choices, command = await right_choices(settled), command_id()
    done = await hand_in(settled, attempt, choices, at(200), command=command)
    assert (done.passed, done.right) == (True, len(choices))
    assert {each.question_id for each in done.solutions} == set(choices)
    assert await hand_in(settled, attempt, choices, at(300), command=command) == done
    offered = await the_offer(settled, now=at(300))
    entry = (await own_credit(settled.records, await settled.who(ABSENT), None, at(300))).entries[0]
    assert (entry.kind, entry.hundredths, entry.id) == ("make_up", 100, offered.entry_id)
    verdict = await own_verdict(settled.records, await settled.who(ABSENT), settled.lesson_id, at(300))
    assert (verdict.passed, verdict.evidence.standing) == (False, "absent")
    kept = await settled.records.read(lambda tx: tx.ledger.named({entry.id})[entry.id])
    evidence = json.loads(kept.evidence)
    assert (evidence["make_up_id"], evidence["attempt_id"], evidence["watched_ms"]) == (offered.id, attempt.id, 60_000)
    assert len(evidence["watched_sha256"]) == 64
    assert (await check_ledger(database_url)).position == 3, "the chain holds"


async def test_an_attempt_keeps_the_pictures_of_its_questions_for_who_makes_it(settled):
    """Also when the lesson's question has none any more."""
    shown = Picture("ab" * 32, "红色的灭火器", 640, 480)

    def put(tx, picture):
        for question in tx.questions.of(settled.lesson_id):
            tx.questions.save(replace(question, picture=picture))

    await settled.records.write(lambda tx: put(tx, shown))
    await Player(settled).watch()
    attempt = await begin(settled, at(100))
    assert {each.picture for each in attempt.questions} == {shown}
    await settled.records.write(lambda tx: put(tx, None))
    offered, who = await the_offer(settled), await settled.who(ABSENT)
    await check_of_attempt(settled.records, who, offered.id, attempt.id, shown.sha256)
    other = check_of_attempt(settled.records, who, offered.id, attempt.id, "cd" * 32)
    assert await refused(other) == "picture_not_found"
    other = check_of_attempt(settled.records, await settled.who(PASSES), offered.id, attempt.id, shown.sha256)
    assert await refused(other) == "make_up_not_found"
    known = await settled.records.read(lambda tx: tx.question_pictures.known(["ab" * 32, "cd" * 32]))
    assert known == {shown.sha256}, "nothing sweeps it up"


async def test_what_is_right_is_kept_from_who_still_owes_the_questions(settled):
    """In the list of what was asked and in the log; who took part sees it, and so does who has passed."""

    def closed(tx):
        [(quiz, _), *_] = tx.quizzes.of(settled.lesson_id)
        said = events.quiz_closed(quiz, tx.quizzes.outcome(quiz, units=False))
        tx.events.append(settled.lesson_id, [said], SETTLED, None)

    async def seen(number, now):
        who = await settled.who(number)
        listed = await list_quizzes(settled.records, who, settled.lesson_id, now)
        page = await events_since(settled.records, settled.house.fanout, who, settled.lesson_id, 0, now=now)
        [last] = [each for each in page.events if each.kind == "quiz.closed"]
        return any(each.result for each in listed), "correct" in last.data, "explanation" in last.data

    await settled.records.write(closed)
    assert await seen(ABSENT, SETTLED) == (False, False, False)
    assert await seen(PASSES, SETTLED) == (True, True, True)
    await Player(settled).watch()
    await hand_in(settled, await begin(settled, at(100)), await right_choices(settled), at(200))
    assert await seen(ABSENT, at(201)) == (True, True, True)


@on_sqlite
async def test_between_the_end_and_the_settling_who_did_not_come_is_not_told_what_is_right(ended):
    async def told(number):
        listed = await list_quizzes(ended.records, await ended.who(number), ended.lesson_id, at(0))
        return any(each.result for each in listed)

    assert (await ended.lesson()).settled_at is None
    assert (await told(ABSENT), await told(PASSES)) == (False, True)


@on_sqlite
async def test_without_questions_watching_is_enough_and_is_entered_once(ended):
    for question in await right_choices(ended):
        await ended.records.write(lambda tx, one=question: tx.questions.remove(one))
    await move(ended, "settle", SETTLED)
    assert (await Player(ended).watch()).step == "done"
    assert len((await own_credit(ended.records, await ended.who(ABSENT), None, at(99))).entries) == 1
    assert await refused(Player(ended).beat(100, 10)) == "make_up_closed"


@on_sqlite
async def test_where_nothing_that_was_asked_can_be_right_watching_is_enough(ended, database):
    opinions = sa.update(questions).values(kind="opinion", options=[], correct=[])
    await database.write(lambda connection: connection.execute(opinions))
    await move(ended, "settle", SETTLED)
    assert (await the_offer(ended)).questions == 0
    assert (await Player(ended).watch()).step == "done"
    assert len((await own_credit(ended.records, await ended.who(ABSENT), None, at(99))).entries) == 1


@on_sqlite
async def test_questions_come_after_watching_with_a_pause_and_so_many_times(settled):
    assert await refused(begin(settled, at(0))) == "make_up_not_watched"
    await Player(settled).watch()
    first = await begin(settled, at(100))
    assert (await begin(settled, at(110))).id == first.id, "one that was begun goes on"
    failed = await hand_in(settled, first, {}, at(120))
    assert (failed.passed, failed.right, failed.solutions) == (False, 0, ())
    assert await refused(hand_in(settled, first, {}, at(121))) == "attempt_over"
    assert await refused(begin(settled, at(130))) == "make_up_pause"
    await hand_in(settled, await begin(settled, at(720)), {}, at(730))
    assert await refused(begin(settled, at(9000))) == "make_up_no_attempts"
    await extended(settled, at(9000), more_attempts=1)
    assert (await begin(settled, at(9001))).number == 3


@on_sqlite
async def test_after_the_deadline_nothing_counts_and_the_server_says_so(settled):
    await Player(settled).watch()
    attempt = await begin(settled, at(100))
    late = (await the_offer(settled)).deadline_at
    choices = await right_choices(settled)
    assert await refused(hand_in(settled, attempt, choices, late)) == "make_up_expired"
    assert (await the_offer(settled, now=late)).step == "expired"
    told = await list_quizzes(settled.records, await settled.who(ABSENT), settled.lesson_id, late)
    assert not any(each.result for each in told), "the deadline may be moved, and the questions stay the same"
    await extended(settled, late + MINUTE)
    assert (await hand_in(settled, attempt, choices, late + 2 * MINUTE)).passed


@on_sqlite
async def test_a_review_that_is_granted_takes_the_offer_back(settled):
    await grant_review(settled)
    assert (await the_offer(settled)).step == "withdrawn"
    assert (await own_credit(settled.records, await settled.who(ABSENT), None, at(9))).hundredths == 200


@on_sqlite
async def test_what_was_made_up_is_not_granted_a_second_time_by_a_review(settled):
    await Player(settled).watch()
    await hand_in(settled, await begin(settled, at(100)), await right_choices(settled), at(200))
    await grant_review(settled)
    assert (await own_credit(settled.records, await settled.who(ABSENT), None, at(9))).hundredths == 200
    assert (await the_offer(settled)).step == "done"


@on_sqlite
async def test_a_make_up_that_was_corrected_leaves_the_rest_to_a_review(settled, database_url):
    await Player(settled).watch()
    await hand_in(settled, await begin(settled, at(100)), await right_choices(settled), at(200))
    [entry] = (await own_credit(settled.records, await settled.who(ABSENT), None, at(9))).entries
    order = (settled.house, await settled.who("admin"), entry.id, command_id())
    corrected = await correct_entry(*order, hundredths=40, seen=entry.hundredths, reason="部分认定", now=at(300))
    assert (corrected.kind, corrected.comes_to) == ("make_up", 40)
    assert (await own_credit(settled.records, await settled.who(ABSENT), None, at(9))).hundredths == 40
    await grant_review(settled)
    assert (await own_credit(settled.records, await settled.who(ABSENT), None, at(9))).hundredths == 200
    order = (settled.house, await settled.who("admin"), entry.id, command_id())
    more = correct_entry(*order, hundredths=entry.hundredths, seen=40, reason="恢复", now=at(2000))
    assert await refused(more) == "entry_changed", "a review has granted the rest since"
    assert isinstance(await check_ledger(database_url), Head)


async def grant_review(stage):
    who, when = await stage.who(ABSENT), at(1000)
    review = await ask_review(stage.house, who, stage.lesson_id, command_id(), text="当天在会场", now=when)
    admin = await stage.who("admin")
    await decide_review(stage.house, admin, review.id, command_id(), grant=True, answer="属实", now=when)


# ---- what was asked in the lesson, at its marks ----------------------------------------------------------


async def mark(stage, quiz_id, now, *choice, number=ABSENT, command=None):
    offered, who = await the_offer(stage, number), await stage.who(number)
    return await answer_mark(stage.records, who, offered.id, quiz_id, command or command_id(), choice=choice, now=now)


@pytest.fixture
async def with_options(ended, database):
    """The lesson's quizzes have something to choose."""
    words = {"options": [{"id": each, "text": each} for each in "ab"], "correct": ["a"], "explanation": "因为"}
    await database.write(lambda connection: connection.execute(sa.update(quizzes).values(**words)))
    return ended


async def test_the_first_answer_at_a_mark_stays_and_is_explained_once_the_questions_are_passed(with_options):
    stage = with_options
    await move(stage, "settle", SETTLED)
    once = command_id()
    said = await mark(stage, "quiz 1", at(5), "b", command=once)
    assert (said.choice, said.told, said.right, said.correct, said.explanation) == (("b",), False, None, (), "")
    assert await mark(stage, "quiz 1", at(6), "b", command=once) == said, "sent again"
    assert (await mark(stage, "quiz 1", at(7), "a")).choice == ("b",)
    assert await refused(mark(stage, "quiz 3", at(8), "a")) == "question_not_found", "nobody closed it"
    assert await refused(mark(stage, "quiz 2", at(8), "z")) == "option_unknown"
    offered = await the_offer(stage, now=at(9))
    assert ([each.question_id for each in offered.marks], offered.marks_asked, offered.marks_missing) == (
        ["quiz 1"],
        2,
        0,
    )
    verdict = await own_verdict(stage.records, await stage.who(ABSENT), stage.lesson_id, at(9))
    assert (verdict.make_up.state, verdict.make_up.marks_answered, verdict.make_up.marks_right) == ("open", 1, None)
    await Player(stage).watch()
    await hand_in(stage, await begin(stage, at(100)), await right_choices(stage), at(200))
    [told] = (await the_offer(stage, now=at(201))).marks
    assert (told.right, told.correct, told.explanation) == (False, ("a",), "因为")
    entry = (await own_credit(stage.records, await stage.who(ABSENT), None, at(300))).entries[0]
    kept = await stage.records.read(lambda tx: tx.ledger.named({entry.id})[entry.id])
    evidence = json.loads(kept.evidence)
    assert [evidence[f"marks_{each}"] for each in ("asked", "answered", "right")] == [2, 1, 0]
    assert await refused(mark(stage, "quiz 2", at(300), "a")) == "make_up_closed"


@on_sqlite
async def test_marked_again_an_answer_at_a_mark_is_told_by_the_right_key(with_options, database):
    stage = with_options
    await move(stage, "settle", SETTLED)
    await mark(stage, "quiz 1", at(5), "b")
    await Player(stage).watch()
    await hand_in(stage, await begin(stage, at(100)), await right_choices(stage), at(200))
    key = sa.update(quizzes).where(quizzes.c.id == "quiz 1").values(correct=["b"])
    await database.write(lambda connection: connection.execute(key))
    [told] = (await the_offer(stage, now=at(201))).marks
    assert (told.choice, told.right, told.correct) == (("b",), True, ("b",))
    verdict = await own_verdict(stage.records, await stage.who(ABSENT), stage.lesson_id, at(202))
    assert verdict.make_up.marks_right == 1


@on_sqlite
async def test_where_the_rule_wants_answers_at_marks_it_is_done_with_the_last_of_them(with_options):
    stage = with_options
    offered = replace(TERMS, marked_percent=100)
    await move(stage, "settle", SETTLED)

    def asks_more(tx):
        known = tx.make_ups.of(stage.lesson_id, member(ABSENT))
        tx.make_ups.save(replace(known, terms=offered))

    await stage.records.write(asks_more)
    await mark(stage, "quiz 1", at(5), "b")
    await Player(stage).watch()
    assert (await hand_in(stage, await begin(stage, at(100)), await right_choices(stage), at(200))).passed
    waiting = await the_offer(stage, now=at(201))
    assert (waiting.step, waiting.passed, waiting.marks_missing) == ("questions", True, 1)
    assert (await mark(stage, "quiz 2", at(210), "b")).right is False
    done = await the_offer(stage, now=at(211))
    assert (done.step, done.marks_missing) == ("done", 0)
    assert len((await own_credit(stage.records, await stage.who(ABSENT), None, at(300))).entries) == 1


# ---- the branch ------------------------------------------------------------------------------------------


async def extended(stage, now, *, more_attempts=0, by="secretary", days=30, number=ABSENT):
    offered = await the_offer(stage, number)
    return await make_ups.extend_make_up(
        stage.records,
        await stage.who(by),
        offered.id,
        command_id(),
        deadline_at=now + dt.timedelta(days=days),
        more_attempts=more_attempts,
        reason="出差在外",
        now=now,
    )


async def branch(stage, by="secretary", now=SETTLED, **more):
    return await make_ups.list_branch(stage.records, await stage.who(by), limit=200, now=now, **more)


async def test_a_secretary_sees_the_own_branch_in_steps_and_the_school_all(settled):
    await Player(settled).watch(until=20)
    theirs, everybodys = (await branch(settled)).items, (await branch(settled, "admin")).items
    assert {each.unit.id for each in theirs} == {demo_id("综合党支部")}
    assert {each.id for each in theirs} < {each.id for each in everybodys}
    mine = next(each for each in theirs if each.member.id == member(ABSENT))
    assert (mine.step, mine.standing) == ("watching", "absent")
    assert not {"progress", "position_ms", "reached_ms"} & set(type(mine).__dataclass_fields__)
    assert await refused(branch(settled, "10001")) == "forbidden"
    for only_open in (False, True):
        about = {"only_open": only_open, "now": SETTLED}
        page = await make_ups.list_branch(settled.records, await settled.who("admin"), limit=3, **about)
        following = await make_ups.list_branch(
            settled.records, await settled.who("admin"), limit=200, cursor=page.next_cursor, **about
        )
        together = [each.id for each in (*page.items, *following.items)]
        assert len(set(together)) == len(together) == len(everybodys), "each once"


async def test_of_the_open_ones_the_nearest_deadline_comes_first(settled):
    await extended(settled, at(10))
    assert (await branch(settled)).items[0].member.id == member(ABSENT), "the last deadline first"
    assert (await branch(settled, only_open=True)).items[-1].member.id == member(ABSENT)
    late = (await the_offer(settled, "10005")).deadline_at
    left = await branch(settled, now=late, only_open=True)
    assert [each.member.id for each in left.items] == [member(ABSENT)]


@on_sqlite
async def test_a_deadline_is_extended_by_name_and_with_a_reason(settled):
    view = await extended(settled, at(10))
    assert (view.deadline_at, view.extensions[0].reason) == (at(10) + dt.timedelta(days=30), "出差在外")
    assert view.extensions[0].by.account_id == demo_id("secretary")
    assert await refused(extended(settled, at(20), days=1)) == "invalid_body", "never shorter"
    assert await refused(extended(settled, at(20), days=400)) == "invalid_body"
    assert await refused(extended(settled, at(20), by="10001", days=40)) == "forbidden"


async def test_reminders_come_up_in_the_inbox_once_a_day(settled):
    offered = await the_offer(settled)
    secretary, absent = await settled.who("secretary"), await settled.who(ABSENT)

    async def remind(now):
        return await make_ups.remind(settled.records, secretary, [offered.id, str(uuid.uuid4())], command_id(), now)

    assert await remind(at(60)) == make_ups.Reminded(1, 1)
    assert await remind(at(120)) == make_ups.Reminded(0, 2)
    assert await remind(at(86_400)) == make_ups.Reminded(1, 1)
    letters = (await see_inbox(settled.records, absent, cursor=None, limit=50, now=NOW)).items
    mine = [each for each in letters if each.wave == "make_up"]
    assert [each.sent_at for each in mine] == [at(86_400)], "one letter, new again"


async def test_a_wrong_key_is_corrected_in_failed_attempts_too_and_whoever_passes_by_it_gets_an_entry_that_says_why(
    settled, database, database_url
):
    """Handed in in time; the key is corrected when the deadline is over."""
    asked = await settled.records.read(lambda tx: tx.questions.of(settled.lesson_id))
    wrong = next(each for each in asked if each.kind in {QuestionKind.SINGLE, QuestionKind.TRUE_FALSE})
    other = next(option.id for option in wrong.options if option.id not in wrong.correct)
    options = [{"id": each.id, "text": each.text} for each in wrong.options]
    same = {"question_id": wrong.id, "kind": wrong.kind.value, "options": options, "correct": list(wrong.correct)}
    quiz = sa.update(quizzes).where(quizzes.c.id == "quiz 1").values(**same, scoring=int(wrong.scoring))
    await database.write(lambda connection: connection.execute(quiz))
    await Player(settled).watch()
    needed = -(-len(asked) * 60 // 100)
    known = [each for each in asked if each.id != wrong.id][: needed - 1]
    failed = await hand_in(
        settled,
        await begin(settled, at(100)),
        {each.id: each.correct for each in known} | {wrong.id: (other,)},
        at(200),
    )
    assert (failed.passed, failed.right) == (False, needed - 1)
    waiting = await begin(settled, at(1000))
    late = SETTLED + dt.timedelta(days=30)
    admin, key = await settled.who("admin"), Key((other,))
    seen = await preview_remark(settled.records, admin, "quiz 1", key, late)
    assert (seen.made_up, (await the_offer(settled, now=late)).step) == (1, "expired")
    made = await remark_quiz(
        settled.house, admin, "quiz 1", command_id(), key=key, reason="原答案标错", after=0, now=late
    )
    assert made.made_up == 1
    offered = await the_offer(settled, now=late)
    assert (offered.step, offered.hundredths) == ("done", 100)
    [entry] = (await own_credit(settled.records, await settled.who(ABSENT), None, late)).entries
    assert (entry.kind, entry.hundredths, entry.reason) == ("make_up", 100, "测验改判，补学测验达到要求，记入学时")
    kept = await settled.records.read(lambda tx: tx.make_ups.attempts(offered.id))
    assert [(each.passed, each.right) for each in kept] == [(True, needed), (False, 0)]
    assert {question.correct for each in kept for question in each.paper if question.id == wrong.id} == {(other,)}
    assert waiting.id == kept[1].id
    entries = await settled.records.read(lambda tx: tx.ledger.of_lesson(settled.lesson_id))
    facts = next(json.loads(each.evidence) for each in entries if each.kind == "make_up")
    assert (facts["remark_id"], facts["attempt_id"]) == (made.id, failed.id)
    again = await preview_remark(settled.records, admin, "quiz 1", Key(wrong.correct), late)
    assert again.made_up == 0
    assert await check_ledger(database_url)
