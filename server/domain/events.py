"""The lesson's event log: what may stand in it and who hears it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from server.domain.chapters import Chapter
from server.domain.hands import Hand
from server.domain.inquiries import Desk, InquiryState
from server.domain.lessons import LessonState
from server.domain.materials import Material
from server.domain.paper_runs import PaperRun
from server.domain.planned_launches import PlannedLaunch
from server.domain.presence_checks import PresenceCheck
from server.domain.programme import Speech
from server.domain.quiz import Outcome, Quiz
from server.domain.remarking import Remark
from server.domain.roll_calls import RollCall, RollEntry, RollResult
from server.domain.signals import SignalCounts
from server.domain.venues import LecturerDesk, Microphone

EVERYONE = "everyone"
STAFF = "staff"
VENUES = "venues"
"""Every venue of the lesson."""
INQUIRY_VOTES = "inquiry.votes"
SIGNALS_COUNTED = "signals.counted"


def to_venue(lesson_venue_id: str) -> str:
    return f"venue:{lesson_venue_id}"


def to_account(account_id: str) -> str:
    return f"account:{account_id}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event before it has its place in the log."""

    kind: str
    audience: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """``seq`` counts from 1 in each lesson, without gaps in the log (an audience sees gaps)."""

    seq: int
    at: dt.datetime
    kind: str
    audience: str
    data: Mapping[str, Any]
    actor: str | None  # account id; None: the house itself


@dataclass(frozen=True, slots=True)
class Listener:
    """What one principal may hear of one lesson. ``owes``: its questions, to a make-up study; what is right is kept
    back until they are passed. ``asks_nothing``: of staff who convene it and leave the questions to others.
    """

    account_id: str
    staff: bool = False
    lesson_venue_id: str | None = None
    owes: bool = False
    asks_nothing: bool = False

    @property
    def sees_answers(self) -> bool:
        """Before they are told to everybody."""
        return self.staff and not self.asks_nothing

    @property
    def audiences(self) -> tuple[str, ...]:
        heard = [EVERYONE, to_account(self.account_id)]
        if self.staff:
            heard.append(STAFF)
        if self.lesson_venue_id is not None:
            heard += [VENUES, to_venue(self.lesson_venue_id)]
        return tuple(heard)

    def of(self, events: Iterable[Event], *, reopened: Collection[str] = ()) -> tuple[Event, ...]:
        """As this one may hear them. ``reopened``: what runs; what was told when it was closed or marked
        again before is kept back from whoever comes now.
        """
        if self.sees_answers:
            return tuple(events)
        return tuple(kept_back(event) if self.owes or _tells(event, reopened) else event for event in events)

    def hears(self, audience: str) -> bool:
        return audience in self.audiences


_SOLUTION = frozenset({"right", "distribution", "correct", "explanation", "blanks", "marks"})


def tells_answers(event: Event) -> bool:
    """What is right stands in it."""
    return event.kind in {"quiz.closed", "quiz.remarked"}


def _tells(event: Event, quiz_ids: Collection[str]) -> bool:
    return tells_answers(event) and event.data["quiz_id"] in quiz_ids


def kept_back(event: Event) -> Event:
    """Without what is right."""
    if not tells_answers(event):
        return event
    return replace(event, data={name: value for name, value in event.data.items() if name not in _SOLUTION})


@dataclass(frozen=True, slots=True)
class Hint:
    """``seq``: the lesson's log reaches at least here. ``resync``: hints may have been missed, ask the log.

    A ``resync`` hint of an all-lessons subscription has ``lesson_id`` "", one of :func:`login_ended` names a login.
    """

    lesson_id: str
    seq: int = 0
    resync: bool = False


URGENT = frozenset(
    {
        *("lesson.changed", "stage.taken", "stage.audio", "stage.desk", "media.moved"),
        *(
            "quiz.launched",
            "quiz.closed",
            "quiz.timed",
            "quiz.reopened",
            "paper.launched",
            "talkback.begun",
            "talkback.ended",
            "check.asked",
        ),
        *("venue.failed_over", "venue.restored", "venue.kiosk"),
        *("cut.begun", "cut.ended", "standby.set", "standby.ended"),
    }
)
"""Kinds that do not wait for the next frame of events (within the bound of frames a second)."""

_LOGIN = "login:"


def login_ended(login: str) -> Hint:
    """``login``: the digest of its token."""
    return Hint(_LOGIN + login)


def ended_login(hint: Hint) -> str | None:
    """The login that a hint of :func:`login_ended` is about, None for any other hint."""
    return hint.lesson_id.removeprefix(_LOGIN) if hint.lesson_id.startswith(_LOGIN) else None


# ---- everything that can be announced (docs/protocol.md, section 4) ---------------------------------------


def lesson_changed(state: LessonState) -> Announcement:
    return Announcement("lesson.changed", EVERYONE, {"state": state.value})


def stage_taken(slot: str, source: str | None, label: str | None, by: str) -> Announcement:
    return Announcement("stage.taken", EVERYONE, {"slot": slot, "source": source, "label": label, "by": by})


def stage_audio(opened: Iterable[str]) -> Announcement:
    return Announcement("stage.audio", EVERYONE, {"opened": sorted(opened)})


def stage_desk(teaching: LecturerDesk, by: str) -> Announcement:
    """The lesson is taught from the lecturer's other machine."""
    return Announcement("stage.desk", EVERYONE, {"desk": teaching.value, "by": by})


def source_up(source: str, label: str, *, shown: bool) -> Announcement:
    """``shown``: the source is in a picture slot, so everybody's page must know that its picture came."""
    return Announcement("source.up", EVERYONE if shown else STAFF, {"source": source, "label": label})


def source_down(source: str, label: str, reason: str, *, shown: bool) -> Announcement:
    data = {"source": source, "label": label, "reason": reason}
    return Announcement("source.down", EVERYONE if shown else STAFF, data)


def source_layers(account_id: str, source: str, rids: Iterable[str]) -> Announcement:
    """To whoever publishes it: the simulcast layers that anybody has use for."""
    return Announcement("source.layers", to_account(account_id), {"source": source, "rids": list(rids)})


def venue_presence(lesson_venue_id: str, name: str, *, online: bool) -> Announcement:
    kind = "venue.online" if online else "venue.offline"
    return Announcement(kind, STAFF, {"lesson_venue_id": lesson_venue_id, "name": name})


def venue_microphone(lesson_venue_id: str, microphone: Microphone) -> Announcement:
    return Announcement("venue.microphone", STAFF, {"lesson_venue_id": lesson_venue_id, "microphone": microphone.value})


def venue_speech(audience: str, lesson_venue_id: str, speech: Speech) -> Announcement:
    """To staff, and to the venue."""
    return Announcement("venue.speech", audience, {"lesson_venue_id": lesson_venue_id, "speech": speech.value})


def venue_failed_over(lesson_venue_id: str, name: str, to: str | None, to_name: str) -> Announcement:
    """``to`` None: to the phones. Whoever was there or expected there looks at the own attendance again."""
    data = {"lesson_venue_id": lesson_venue_id, "name": name, "to": to, "to_name": to_name}
    return Announcement("venue.failed_over", EVERYONE, data)


def venue_restored(lesson_venue_id: str, name: str, was_to: str | None) -> Announcement:
    data = {"lesson_venue_id": lesson_venue_id, "name": name, "was_to": was_to}
    return Announcement("venue.restored", EVERYONE, data)


def preflight_changed(audience: str, lesson_venue_id: str, state: str) -> Announcement:
    """To staff, and to the venue."""
    return Announcement("preflight.changed", audience, {"lesson_venue_id": lesson_venue_id, "state": state})


def kiosk_turned(audience: str, lesson_venue_id: str, *, on: bool) -> Announcement:
    """To staff, and to the venue: its screen follows."""
    return Announcement("venue.kiosk", audience, {"lesson_venue_id": lesson_venue_id, "on": on})


def venue_fallback(lesson_venue_id: str, fallback: str | None, by: str) -> Announcement:
    """Where a venue's people are to go if it breaks down: another one's id, ``phone``, or None."""
    return Announcement("venue.fallback", STAFF, {"lesson_venue_id": lesson_venue_id, "fallback": fallback, "by": by})


def talkback_begun(audience: str, lesson_venue_id: str, by: str) -> Announcement:
    """To staff, and to the venue that is spoken to."""
    return Announcement("talkback.begun", audience, {"lesson_venue_id": lesson_venue_id, "by": by})


def talkback_ended(audience: str, lesson_venue_id: str, by: str, reason: str) -> Announcement:
    data = {"lesson_venue_id": lesson_venue_id, "by": by, "reason": reason}
    return Announcement("talkback.ended", audience, data)


def recording_changed(state: str) -> Announcement:
    return Announcement("recording.changed", EVERYONE, {"state": state})


def alarm(code: str, detail: str, source: str | None, *, raised: bool) -> Announcement:
    data = {"code": code, "detail": detail, "source": source}
    return Announcement("alarm.raised" if raised else "alarm.cleared", STAFF, data)


def media_moved(spread_ms: int) -> Announcement:
    """Viewers come back at a moment of their own within ``spread_ms``."""
    return Announcement("media.moved", EVERYONE, {"spread_ms": spread_ms})


def roster_frozen(expected: int) -> Announcement:
    return Announcement("roster.frozen", STAFF, {"expected": expected})


def roster_added(name: str, unit: str, reason: str, by: str) -> Announcement:
    return Announcement("roster.added", STAFF, {"name": name, "unit": unit, "reason": reason, "by": by})


def roster_placed(audience: str, who: tuple[str, str], places: tuple[str, str], reason: str, by: str) -> Announcement:
    """Expected elsewhere: name and unit, the places before and after. To staff, and to the member's own account."""
    said = {"name": who[0], "unit": who[1], "before": places[0], "place": places[1], "reason": reason, "by": by}
    return Announcement("roster.placed", audience, said)


def sign_in_flagged(reason: str, member_name: str, venue: str | None) -> Announcement:
    """For a person to look at; nothing follows by itself. ``reason``: a refusal's code, or ``shared_device``."""
    return Announcement("sign_in.flagged", STAFF, {"reason": reason, "member_name": member_name, "venue": venue})


def checks_planned(count: int, digest: str) -> Announcement:
    """``digest``: SHA-256 of the seed that :func:`checks_revealed` tells when the lesson is over."""
    return Announcement("checks.planned", STAFF, {"count": count, "digest": digest})


def check_asked(check: PresenceCheck, *, in_rooms: bool) -> Announcement:
    """``in_rooms``: who is signed in at a venue is asked, too."""
    data = {
        "check_id": check.id,
        "number": check.number,
        "deadline_at": written(check.deadline_at),
        "in_rooms": in_rooms,
    }
    return Announcement("check.asked", EVERYONE, data)


def check_closed(check: PresenceCheck, answered: int) -> Announcement:
    return Announcement("check.closed", STAFF, {"check_id": check.id, "number": check.number, "answered": answered})


def checks_revealed(seed: str) -> Announcement:
    return Announcement("checks.revealed", STAFF, {"seed": seed})


def leave_asked(audience: str, leave_id: str, member_name: str) -> Announcement:
    """To staff, and to the account that asked. Its reason is read where it stands."""
    return Announcement("leave.asked", audience, {"leave_id": leave_id, "member_name": member_name})


def leave_changed(audience: str, leave_id: str, state: str) -> Announcement:
    """Approved, refused or withdrawn: to staff, and to the account that asked."""
    return Announcement("leave.changed", audience, {"leave_id": leave_id, "state": state})


def sign_in_looked_at(member_name: str, found: str, by: str) -> Announcement:
    """A person found out about a doubtful sign-in: it is ``confirmed`` or ``dismissed``."""
    return Announcement("sign_in.looked_at", STAFF, {"member_name": member_name, "outcome": found, "by": by})


def attendance_corrected(correction_id: str, member_name: str, words: tuple[str, str, str], by: str) -> Announcement:
    """``words``: what was said before, what is said after, and whether that holds."""
    before, after, state = words
    data = {"correction_id": correction_id, "member_name": member_name, "before": before, "after": after}
    return Announcement("attendance.corrected", STAFF, {**data, "state": state, "by": by})


SHEET_CONFIRMED = "sheet.confirmed"


def sheet_confirmed(sheet_id: str, unit_name: str, version: int, digest: str, by: str) -> Announcement:
    """A copy of the digest that stands elsewhere than the sheet."""
    data = {"sheet_id": sheet_id, "unit_name": unit_name, "version": version, "digest": digest, "by": by}
    return Announcement(SHEET_CONFIRMED, STAFF, data)


def review_asked(audience: str, review_id: str, member_name: str) -> Announcement:
    """To staff, and to the account that asked."""
    return Announcement("review.asked", audience, {"review_id": review_id, "member_name": member_name})


def review_decided(audience: str, review_id: str, *, granted: bool) -> Announcement:
    return Announcement("review.decided", audience, {"review_id": review_id, "granted": granted})


def hand_raised(audience: str, hand: Hand) -> Announcement:
    return Announcement("hand.raised", audience, _hand(hand))


def guest_lost(name: str, seconds: int) -> Announcement:
    """A member's phone on the air sent nothing for so long: its turn has ended."""
    return Announcement("guest.lost", STAFF, {"name": name, "seconds": seconds})


def hand_changed(audience: str, hand: Hand) -> Announcement:
    """To staff, and to whom it belongs: the member's account, the venue."""
    return Announcement("hand.changed", audience, _hand(hand))


def hands_moved(position: int | None) -> Announcement:
    """Whoever waits behind this place in the queue moves up by one; None: nobody waits any more. Names nobody."""
    return Announcement("hands.moved", EVERYONE, {"position": position})


def _hand(hand: Hand) -> dict[str, Any]:
    return {
        "id": hand.id,
        "kind": hand.kind.value,
        "speaker_id": hand.speaker_id,
        "name": hand.name,
        "unit": hand.unit,
        "topic": hand.topic,
        "through": hand.through,
        "source": hand.source,
        "state": hand.state.value,
        "raised_at": written(hand.raised_at),
        "expires_at": written(hand.expires_at),
        "on_air_at": written(hand.on_air_at),
        "ended_at": written(hand.ended_at),
    }


def written(at: dt.datetime | None) -> str | None:
    """As everywhere in the protocol: RFC 3339 in UTC."""
    return None if at is None else at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def quiz_launched(quiz: Quiz) -> Announcement:
    """What a page needs to show the question; nothing about what is right."""
    data = {
        "quiz_id": quiz.id,
        "question_id": quiz.question_id,
        "number": quiz.number,
        "kind": quiz.kind.value,
        "text": quiz.text,
        "options": [{"id": option.id, "text": option.text} for option in quiz.options],
        "seconds": quiz.seconds,
        "deadline_at": written(quiz.deadline_at),
        "scored": quiz.scored,
        "places": quiz.places,
        "keep": quiz.keep.value,
        "picture": None if quiz.picture is None else asdict(quiz.picture),
    }
    return Announcement("quiz.launched", EVERYONE, data)


def paper_launched(run: PaperRun, deadline_at: dt.datetime, seconds: int) -> Announcement:
    """Of what is asked nothing: each reads it in the own order."""
    data = {
        "run_id": run.id,
        "name": run.name,
        "questions": len(run.quiz_ids),
        "seconds": seconds,
        "deadline_at": written(deadline_at),
    }
    return Announcement("paper.launched", EVERYONE, data)


def quiz_planned(plan: PlannedLaunch) -> Announcement:
    """A planned launch as it is now. Nothing of what is asked."""
    data = {
        "planned_id": plan.id,
        "state": plan.state.value,
        "due_at": written(plan.due_at),
        "held": plan.held.value if plan.held else None,
        "missed": plan.missed.value if plan.missed else None,
        "quiz_id": plan.quiz_id,
    }
    return Announcement("quiz.planned", STAFF, data)


def quiz_timed(quiz: Quiz) -> Announcement:
    """It was paused, goes on, or has longer: its time as it is now."""
    data = {
        "quiz_id": quiz.id,
        "number": quiz.number,
        "seconds": quiz.seconds,
        "deadline_at": written(quiz.deadline_at),
        "paused_at": written(quiz.paused_at),
    }
    return Announcement("quiz.timed", EVERYONE, data)


def quiz_reopened(quiz: Quiz) -> Announcement:
    timed = quiz_timed(quiz).data
    return Announcement("quiz.reopened", EVERYONE, {**timed, "round": quiz.round, "reason": quiz.reopen_reason})


def quiz_remarked(quiz: Quiz, outcome: Outcome, remark: Remark) -> Announcement:
    """By the right key; what came of it now, and why."""
    known = quiz_closed(quiz, outcome).data
    return Announcement("quiz.remarked", EVERYONE, {**known, "remark": remark.number, "reason": remark.reason})


def quiz_opinions(quiz: Quiz) -> Announcement:
    """It was decided on what may be shown. Of a quiz that runs screens are told as they are told the count; of a closed
    one each reads it again. No text stands in the log.
    """
    return Announcement("quiz.opinions", EVERYONE if quiz.closed else STAFF, {"quiz_id": quiz.id})


def quiz_closed(quiz: Quiz, outcome: Outcome) -> Announcement:
    data = {
        "quiz_id": quiz.id,
        "number": quiz.number,
        "answered": outcome.answered,
        "right": outcome.right,
        "distribution": dict(outcome.distribution),
        "correct": list(quiz.correct),
        "explanation": quiz.explanation,
        "blanks": [list(accepted) for accepted in quiz.blanks],
        "marks": outcome.marks,
    }
    return Announcement("quiz.closed", EVERYONE, data)


def inquiry_asked(audience: str, inquiry: Mapping[str, Any]) -> Announcement:
    """To staff, and to the account that asked. Nobody else hears of it."""
    return Announcement("inquiry.asked", audience, {"inquiry": dict(inquiry)})


def inquiry_changed(inquiry: Mapping[str, Any]) -> Announcement:
    return Announcement("inquiry.changed", STAFF, {"inquiry": dict(inquiry)})


def inquiry_decided(account_id: str, inquiry_id: str, state: InquiryState) -> Announcement:
    """To whoever asked."""
    return Announcement("inquiry.decided", to_account(account_id), {"inquiry_id": inquiry_id, "state": state.value})


def inquiry_shown(inquiry: Mapping[str, Any]) -> Announcement:
    """As others may see it. A later one of the same inquiry empties this one in the log."""
    return Announcement("inquiry.shown", EVERYONE, {"inquiry": dict(inquiry)})


def inquiry_hidden(inquiry_id: str) -> Announcement:
    return Announcement("inquiry.hidden", EVERYONE, {"inquiry_id": inquiry_id})


def inquiry_votes(votes: Mapping[str, int]) -> Announcement:
    """Of those whose number has changed, and that are shown. Who voted is nobody's business."""
    return Announcement(INQUIRY_VOTES, EVERYONE, {"votes": dict(votes)})


def signals_counted(audience: str, counts: SignalCounts) -> Announcement:
    """All of them as they are now."""
    return Announcement(SIGNALS_COUNTED, audience, asdict(counts))


def inquiry_desk(desk: Desk) -> Announcement:
    data = {"names": desk.names, "order": desk.order.value, "band": desk.band}
    return Announcement("inquiry.desk", EVERYONE, data)


def inquiry_ordered(ids: Iterable[str]) -> Announcement:
    """By hand, the first one first."""
    return Announcement("inquiry.ordered", EVERYONE, {"ids": list(ids)})


def chapter_marked(chapter: Chapter) -> Announcement:
    """Newly, or with another title."""
    at = chapter.at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    data = {"chapter_id": chapter.id, "at": at, "title": chapter.title, "inquiry_id": chapter.inquiry_id}
    return Announcement("chapter.marked", STAFF, data)


def chapter_removed(chapter_id: str) -> Announcement:
    return Announcement("chapter.removed", STAFF, {"chapter_id": chapter_id})


def roll_call_started(roll: RollCall) -> Announcement:
    data = {"roll_call_id": roll.id, "number": roll.number, "venues": len(roll.entries), "by": roll.started_by}
    return Announcement("roll_call.started", STAFF, data)


def roll_call_called(audience: str, roll: RollCall, entry: RollEntry, *, called: bool) -> Announcement:
    """To staff, and to the venue whose turn began or went by."""
    return Announcement("roll_call.called", audience, {**_of_venue(roll, entry), "called": called})


def roll_call_answered(roll: RollCall, entry: RollEntry) -> Announcement:
    return Announcement("roll_call.answered", STAFF, _of_venue(roll, entry))


def roll_call_decided(audience: str, roll: RollCall, entry: RollEntry) -> Announcement:
    """To staff, and to the venue that it is about."""
    result = entry.result.value if entry.result else None
    proposed = entry.proposed.value if entry.proposed else None
    data = {**_of_venue(roll, entry), "result": result, "proposed": proposed, "by": entry.decided_by}
    return Announcement("roll_call.decided", audience, data)


def roll_call_finished(roll: RollCall) -> Announcement:
    counts = {result.value: roll.counts[result] for result in RollResult}
    uncalled = sum(entry.result is None for entry in roll.entries)
    data = {"roll_call_id": roll.id, "number": roll.number, **counts, "uncalled": uncalled}
    return Announcement("roll_call.finished", STAFF, data)


def _of_venue(roll: RollCall, entry: RollEntry) -> dict[str, Any]:
    place = {"lesson_venue_id": entry.lesson_venue_id, "name": entry.name}
    return {"roll_call_id": roll.id, "number": roll.number, **place}


def help_changed(audience: str, help_id: str, state: str, name: str, urgency: str) -> Announcement:
    """To staff, and to whoever calls. The words are read where they stand: only the caller and staff may."""
    data = {"help_id": help_id, "state": state, "name": name, "urgency": urgency}
    return Announcement("help.changed", audience, data)


def notice_sent(audience: str, notice_id: str, text: str, by: str) -> Announcement:
    """To every venue, and to staff."""
    return Announcement("notice.sent", audience, {"notice_id": notice_id, "text": text, "by": by})


def notice_read(notice_id: str, lesson_venue_id: str) -> Announcement:
    return Announcement("notice.read", STAFF, {"notice_id": notice_id, "lesson_venue_id": lesson_venue_id})


def material_changed(audience: str, material: Material) -> Announcement:
    """To who prepares the lesson; to everyone about what everyone may read, or may no more."""
    data = {"material_id": material.id, "kind": material.kind.value, "state": material.state.value}
    return Announcement("material.changed", audience, data)


def slides_opened(material_id: str, name: str, page: int, pages: int) -> Announcement:
    data = {"material_id": material_id, "name": name, "page": page, "pages": pages}
    return Announcement("slides.opened", EVERYONE, data)


def slides_turned(material_id: str, page: int) -> Announcement:
    return Announcement("slides.turned", EVERYONE, {"material_id": material_id, "page": page})


def slides_closed() -> Announcement:
    return Announcement("slides.closed", EVERYONE, {})
