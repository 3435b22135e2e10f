"""Planning lessons and moving them through their life."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from server.domain import events
from server.domain import lessons as rules
from server.domain.access import Action, Principal, Role, lesson_venue_of, may, operated, reach, require_planning, scope
from server.domain.courses import check_open
from server.domain.credit import check_hundredths
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import Lesson, LessonFilter, LessonState, LessonStep
from server.domain.programme import Programme
from server.domain.recordings import Recording, RecordingState
from server.domain.refusals import Refusal
from server.domain.roster import PHONE
from server.domain.venues import LessonVenue, Part
from server.services.assignments import freeze_roster
from server.services.checkpoints import check_complete, checkpoint_lesson
from server.services.clips import close_clip
from server.services.commands import command, once
from server.services.counting import last_votes
from server.services.credit_rules import rule_for
from server.services.finding import CHUNK, MOST_LISTED, allowed_target, cursor_of, placed, read_cursor, report_day
from server.services.hand_steps import close_hands
from server.services.house import House
from server.services.kits import end_rehearsal
from server.services.meeting_groups import check_group, group_named
from server.services.planned_marks import begin_planned, drop_planned
from server.services.presence_checks import close_checks, plan_checks
from server.services.quizzes import close_running
from server.services.records import Records, Transaction
from server.services.roll_calls import finish_running
from server.services.rooms import keep_room, tell
from server.services.settling import settle
from server.services.slides import put_away
from server.services.talkbacks import close_talkbacks
from server.services.views import LessonVenueView, LessonView, Named, Page, PersonView, RuleNameView
from server.services.waiting import wait
from server.services.watching import clear_sources

_VIEW = TypeAdapter(LessonView)
_PLANNING = frozenset({LessonStep.SCHEDULE, LessonStep.REOPEN_DRAFT, LessonStep.CANCEL})
_RUNNING = frozenset({LessonStep.OPEN, LessonStep.START, LessonStep.END})
_RULED = frozenset({LessonStep.SCHEDULE, LessonStep.OPEN})
"""Steps that a lesson which grants credit takes only under a rule."""


@dataclass(frozen=True, slots=True)
class VenuePlan:
    venue_id: str
    part: Part


@dataclass(frozen=True, slots=True)
class LessonPlan:
    title: str
    unit_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    lecturer_id: str | None = None
    recorded: bool = True
    venues: tuple[VenuePlan, ...] = ()
    video_codec: str = "H264"
    credit_hundredths: int = 0
    watermark: bool = False
    replay_skips: bool = False
    kind: LessonKind = LessonKind.LECTURE
    media: bool = True
    course_id: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class LessonChange:
    """None: leave as it is. "" takes the lecturer, the course, the group away."""

    title: str | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    lecturer_id: str | None = None
    recorded: bool | None = None
    venues: tuple[VenuePlan, ...] | None = None
    credit_hundredths: int | None = None
    watermark: bool | None = None
    replay_skips: bool | None = None
    kind: LessonKind | None = None
    media: bool | None = None
    course_id: str | None = None
    group_id: str | None = None


# ---- reading ---------------------------------------------------------------------------------------------


async def list_lessons(
    records: Records,
    principal: Principal,
    *,
    states: Collection[LessonState] = (),
    narrowed: LessonFilter = LessonFilter(),  # noqa: B008 - a frozen value
    unit_id: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[LessonView]:
    """Newest start first, only what the principal may read. ``unit_id``: convened by this unit or one below it.

    Raises ``invalid_body`` for a foreign cursor, ``unit_not_found``.
    """
    before = read_cursor(cursor)
    wanted = max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> Page[LessonView]:
        mine = narrowed
        if unit_id is not None:
            mine = replace(narrowed, unit_ids=tx.units.tree().subtree(unit_id, tx.calendar.day(now)))
        kept = readable(tx, principal, states=states, narrowed=mine, before=before, wanted=wanted + 1, now=now)
        shown = kept[:wanted]
        following = cursor_of(shown[-1].starts_at, shown[-1].id) if len(kept) > wanted else None
        return Page(tuple(views(tx, principal, shown, now)), following)

    return await records.read(load)


def readable(
    tx: Transaction,
    principal: Principal,
    *,
    states: Collection[LessonState],
    narrowed: LessonFilter,
    before: tuple[dt.datetime, str] | None,
    wanted: int,
    now: dt.datetime,
) -> list[Lesson]:
    """Up to ``wanted``, newest start first: draws chunks through the coarse net until there are so many."""
    net = reach(principal, tx.units.tree(), tx.calendar.day(now))
    kept: list[Lesson] = []
    while len(kept) < wanted:
        chunk = tx.lessons.listed(net, states, before, CHUNK, narrowed)
        kept += [lesson for lesson in chunk if Action.READ in may(principal, placed(tx, lesson, now, [principal]))]
        if len(chunk) < CHUNK:
            break
        before = (chunk[-1].starts_at, chunk[-1].id)
    return kept[:wanted]


async def get_lesson(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> LessonView:
    """Raises ``lesson_not_found``, also when it exists but the principal may not know."""

    def load(tx: Transaction) -> LessonView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        return view(tx, principal, target.lesson, now)

    return await records.read(load)


def view(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> LessonView:
    return views(tx, principal, [lesson], now)[0]


def views(tx: Transaction, principal: Principal, shown: list[Lesson], now: dt.datetime) -> list[LessonView]:
    today = tx.calendar.day(now)
    days = {lesson.id: min(report_day(tx, lesson), today) for lesson in shown}
    unit_names = {
        (unit_id, on): name
        for on in set(days.values())
        for unit_id, name in tx.units.names({each.unit_id for each in shown if days[each.id] == on}, on).items()
    }
    people = tx.accounts.names({lesson.lecturer_id for lesson in shown if lesson.lecturer_id})
    courses = tx.courses.titles({lesson.course_id for lesson in shown if lesson.course_id})
    credit_rules = tx.credit_rules.named({lesson.rule_id for lesson in shown if lesson.rule_id})

    def one(lesson: Lesson) -> LessonView:
        rule = credit_rules.get(lesson.rule_id or "")
        venue = lesson_venue_of(principal, lesson)
        lecturer = lesson.lecturer_id
        return LessonView(
            id=lesson.id,
            title=lesson.title,
            unit=Named(lesson.unit_id, unit_names[lesson.unit_id, days[lesson.id]]),
            lecturer=PersonView(lecturer, people[lecturer]) if lecturer else None,
            state=lesson.state,
            starts_at=lesson.starts_at,
            ends_at=lesson.ends_at,
            opened_at=lesson.opened_at,
            live_at=lesson.live_at,
            ended_at=lesson.ended_at,
            recorded=lesson.recorded,
            video_codec=lesson.video_codec,
            credit_hundredths=lesson.credit_hundredths,
            watermark=lesson.watermark,
            replay_skips=lesson.replay_skips,
            rule=RuleNameView(rule.id, rule.name, rule.version) if rule else None,
            settled_at=lesson.settled_at,
            venues=tuple(
                LessonVenueView(v.id, Named(v.venue_id, v.name), v.part, v.source, v.fallback, v.kiosk)
                for v in lesson.venues
            ),
            version=lesson.version,
            may=may(principal, placed(tx, lesson, now, [principal])),
            my_venue=venue.id if venue else None,
            operates=tuple(one.id for one in operated(principal, lesson)),
            kind=lesson.kind,
            media=lesson.media,
            course=Named(lesson.course_id, courses[lesson.course_id]) if lesson.course_id else None,
            series_id=lesson.series_id,
            group=Named(lesson.group.id, lesson.group.name) if lesson.group else None,
        )

    return [one(lesson) for lesson in shown]


# ---- planning --------------------------------------------------------------------------------------------


async def create_lesson(
    records: Records, principal: Principal, command_id: str, plan: LessonPlan, now: dt.datetime
) -> LessonView:
    """A draft. Raises ``forbidden``, ``invalid_body``, ``unit_not_found``, ``venue_not_found``, ``account_not_found``,
    ``group_not_found``, ``command_reused``.
    """
    asked = command(principal, command_id, "create_lesson", **asdict(plan))

    def create(tx: Transaction) -> LessonView:
        require_planning(principal, tx.units.line(plan.unit_id, tx.calendar.day(now)), plan.kind, media=plan.media)
        return once(tx, asked, now, _VIEW, lambda: _create(tx, principal, plan, now))

    return await records.write(create)


def _create(tx: Transaction, principal: Principal, plan: LessonPlan, now: dt.datetime) -> LessonView:
    return view(tx, principal, add_draft(tx, principal, plan, now), now)


def add_draft(
    tx: Transaction, principal: Principal, plan: LessonPlan, now: dt.datetime, *, series_id: str | None = None
) -> Lesson:
    """Raises as :func:`create_lesson`; whether the principal may plan there was looked at."""
    rules.check_plan(plan.title, plan.starts_at, plan.ends_at, ((v.venue_id, v.part) for v in plan.venues))
    check_hundredths(plan.credit_hundredths)
    _check_lecturer(tx, plan.lecturer_id, plan.unit_id, now)
    _check_course(tx, plan.course_id, plan.unit_id, now)
    lesson = Lesson(
        id=str(uuid.uuid4()),
        title=plan.title.strip(),
        unit_id=plan.unit_id,
        lecturer_id=plan.lecturer_id or None,
        state=LessonState.DRAFT,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        recorded=plan.recorded,
        video_codec=plan.video_codec,
        credit_hundredths=plan.credit_hundredths,
        watermark=plan.watermark,
        replay_skips=plan.replay_skips,
        venues=_venues(tx, principal, plan.venues, (), now),
        kind=plan.kind,
        media=plan.media,
        course_id=plan.course_id or None,
        series_id=series_id,
        group=group_named(tx, plan.group_id, plan.unit_id) if plan.kind is LessonKind.GROUP_MEETING else None,
    )
    lesson = rules.plain(lesson)
    tx.lessons.add(lesson)
    return lesson


def _check_lecturer(tx: Transaction, lecturer_id: str | None, unit_id: str, now: dt.datetime) -> None:
    """Raises ``account_not_found``: somebody who holds the role above or in the unit."""
    if not lecturer_id:
        return
    line = tx.units.line(unit_id, tx.calendar.day(now))
    grants = tx.accounts.grants(lecturer_id)
    if not any(grant.role is Role.LECTURER and grant.unit_id in line for grant in grants):
        raise Refusal("account_not_found", lecturer_id)


def _check_course(tx: Transaction, course_id: str | None, unit_id: str, now: dt.datetime) -> None:
    """One of the lesson's unit or of a unit above it. Raises ``course_not_found``, ``course_closed``."""
    if not course_id:
        return
    course = tx.courses.get(course_id)
    if course is None or course.unit_id not in tx.units.line(unit_id, tx.calendar.day(now)):
        raise Refusal("course_not_found", course_id)
    check_open(course)


def _venues(
    tx: Transaction,
    principal: Principal,
    plans: Collection[VenuePlan],
    present: Collection[LessonVenue],
    now: dt.datetime,
) -> tuple[LessonVenue, ...]:
    """A venue that stays keeps its id, and so its source's name. A new one must be in the planner's scope: its
    screen joins by itself, so its camera is not anybody's to call. Raises ``venue_not_found``.
    """
    own, kept = scope(principal), {venue.venue_id for venue in present}
    before = {(venue.venue_id, venue.part): venue for venue in present}
    made: list[LessonVenue] = []
    for plan in plans:
        venue = tx.venues.get(plan.venue_id)
        if venue is None or not (
            venue.id in kept
            or (not venue.retired and own.intersection(tx.units.line(venue.unit_id, tx.calendar.day(now))))
        ):
            raise Refusal("venue_not_found", plan.venue_id)
        old = before.get((venue.id, plan.part))
        own_id, fallback = (old.id, old.fallback) if old else (str(uuid.uuid4()), None)
        made.append(LessonVenue(own_id, venue.id, venue.name, plan.part, fallback=fallback))
    places = {PHONE, *(venue.id for venue in made)}
    return tuple(venue if venue.fallback in places else replace(venue, fallback=None) for venue in made)


async def change_lesson(
    records: Records,
    principal: Principal,
    lesson_id: str,
    change: LessonChange,
    *,
    version: int,
    command_id: str | None = None,
    now: dt.datetime,
) -> LessonView:
    """Raises ``precondition_failed`` when ``version`` is not the present one, ``not_editable``, ``forbidden`` also for
    what one may not plan, and as create.
    """

    def work(tx: Transaction) -> LessonView:
        target = allowed_target(tx, principal, Action.EDIT, lesson_id, now, lock=True)

        def do() -> LessonView:
            return _change(tx, principal, target.lesson, change, version=version, now=now)

        if command_id is None:
            return do()
        asked = command(principal, command_id, "change_lesson", lesson_id=lesson_id, version=version, **asdict(change))
        return once(tx, asked, now, _VIEW, do)

    return await records.write(work)


def _change(
    tx: Transaction, principal: Principal, lesson: Lesson, change: LessonChange, *, version: int, now: dt.datetime
) -> LessonView:
    if lesson.version != version:
        raise Refusal("precondition_failed", f"{version}, now {lesson.version}")
    rules.check_editable(lesson)
    changed = _applied(tx, principal, lesson, change, now)
    require_planning(principal, tx.units.line(changed.unit_id, tx.calendar.day(now)), changed.kind, media=changed.media)
    rules.check_plan(changed.title, changed.starts_at, changed.ends_at, ((v.venue_id, v.part) for v in changed.venues))
    check_hundredths(changed.credit_hundredths)
    _check_lecturer(tx, changed.lecturer_id, changed.unit_id, now)
    if changed.course_id != lesson.course_id:
        _check_course(tx, changed.course_id, changed.unit_id, now)
    tx.lessons.save(changed)
    if change.venues is not None:
        tx.lessons.replace_venues(changed)
    return view(tx, principal, changed, now)


def _applied(tx: Transaction, principal: Principal, lesson: Lesson, change: LessonChange, now: dt.datetime) -> Lesson:
    given = {
        name: value
        for name, value in asdict(change).items()
        if value is not None and name not in ("venues", "group_id")
    }
    for name in ("lecturer_id", "course_id"):
        if name in given:
            given[name] = given[name] or None
    if "title" in given:
        given["title"] = given["title"].strip()
    if change.group_id is not None:
        given["group"] = group_named(tx, change.group_id, lesson.unit_id)
    venues = lesson.venues
    if change.venues is not None:
        venues = _venues(tx, principal, change.venues, lesson.venues, now)
    return rules.plain(replace(lesson, **given, venues=venues, version=lesson.version + 1))


# ---- its life --------------------------------------------------------------------------------------------


async def move_lesson(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, step: LessonStep, now: dt.datetime
) -> LessonView:
    """One step of its life. Raises ``illegal_transition``, ``forbidden``, ``lesson_not_found``, ``command_reused``,
    ``rule_missing``, ``group_dissolved``, and ``presence_pending`` for settling while another process has not said yet
    who was there.

    The record decides; the media process follows. When it is away the step still holds, and it is made to follow
    when it comes back.
    """
    asked = command(principal, command_id, "move_lesson", lesson_id=lesson_id, step=step.value)

    def work(tx: Transaction) -> LessonView:
        target = allowed_target(tx, principal, _action(step), lesson_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: move(tx, target.lesson))

    def move(tx: Transaction, lesson: Lesson) -> LessonView:
        if step is LessonStep.SETTLE:
            check_complete(tx, house.name, lesson.ended_at, now)
        slate = house.standby_before_live or step is not LessonStep.OPEN
        return _move(tx, principal, lesson, step, now, slate=slate)

    if step is LessonStep.SETTLE:
        await checkpoint_lesson(house, lesson_id, now)
    moved = await house.records.write(work)
    await tell(house, lesson_id)
    await checkpoint_lesson(house, lesson_id, now)
    await keep_room(house, lesson_id, now)
    if step is LessonStep.OPEN:
        await end_rehearsal(house, lesson_id, now)
    return moved


def _action(step: LessonStep) -> Action:
    if step in _PLANNING:
        return Action.EDIT
    return Action.RUN if step in _RUNNING else Action.SETTLE


def _move(
    tx: Transaction, principal: Principal, lesson: Lesson, step: LessonStep, now: dt.datetime, *, slate: bool
) -> LessonView:
    moved = rules.step(lesson, step, now, recording_id=str(uuid.uuid4()))
    if step in _RULED:
        check_group(tx, moved)
        moved = _under_rule(tx, moved, now)
    tx.lessons.save(moved)
    if step is LessonStep.SETTLE:
        settle(tx, moved, principal.account_id)
    announced = [events.lesson_changed(moved.state)]
    on_step = _ON_STEP.get(step)
    if on_step is not None:
        announced += on_step(tx, moved, now)
    if slate and moved.media:
        announced += wait(tx, moved, step, now, principal.name)
    tx.events.append(lesson.id, announced, now, principal.account_id)
    return view(tx, principal, moved, now)


def _under_rule(tx: Transaction, lesson: Lesson, now: dt.datetime) -> Lesson:
    """At the opening the rule in force is frozen; before, it must only be there. Raises ``rule_missing``."""
    rule = rule_for(tx, lesson, now)
    return replace(lesson, rule_id=rule.id if rule else None) if lesson.on_air else lesson


def _on_open(tx: Transaction, lesson: Lesson, now: dt.datetime) -> list[events.Announcement]:
    """The recording exists from now on, in the memory ring only; who is expected is frozen. Without media there is
    none.
    """
    if lesson.recording_id is not None:
        tx.recordings.add(Recording(lesson.recording_id, lesson.id, RecordingState.OFF))
    tx.programmes.save(lesson.id, Programme())
    return [freeze_roster(tx, lesson, now)]


def _on_start(tx: Transaction, lesson: Lesson, _now: dt.datetime) -> list[events.Announcement]:
    planned = [*plan_checks(tx, lesson), *begin_planned(tx, lesson)]
    if not lesson.recorded:
        return planned
    assert lesson.recording_id is not None
    tx.recordings.set_state(lesson.recording_id, RecordingState.RUNNING)
    return [events.recording_changed(RecordingState.RUNNING), *planned]


def _on_over(tx: Transaction, lesson: Lesson, now: dt.datetime) -> list[events.Announcement]:
    """Ended or cancelled: nobody answers any more, nobody waits to speak, and nobody is waited for."""
    over = [*close_running(tx, lesson.id, now), *drop_planned(tx, lesson), *close_hands(tx, lesson, now)]
    over += [*close_clip(tx, lesson, now), *finish_running(tx, lesson.id, now)]
    over += [*clear_sources(tx, lesson, now), *close_checks(tx, lesson, now)]
    over += last_votes(tx, lesson.id)
    return [*over, *put_away(tx, lesson, now), *close_talkbacks(tx, lesson)]


_ON_STEP: dict[LessonStep, Callable[[Transaction, Lesson, dt.datetime], list[events.Announcement]]] = {
    LessonStep.OPEN: _on_open,
    LessonStep.START: _on_start,
    LessonStep.END: _on_over,
    LessonStep.CANCEL: _on_over,
}
