"""docs/protocol.md says everything that may be relied on: held against the code."""

import dataclasses
import datetime as dt
import inspect
import re
import typing
from pathlib import Path

import pytest

from server.domain import chat_events, clip_events, curtain_events, events
from server.domain.chapters import Chapter
from server.domain.chat import ChatSettings, Line, LineState, Mute
from server.domain.clips import Clip, ClipEnd
from server.domain.curtain import Cut, Standby
from server.domain.events import Announcement
from server.domain.hands import Hand, HandState
from server.domain.inquiries import Desk
from server.domain.lessons import LessonState
from server.domain.make_up_terms import MakeUpTerms
from server.domain.materials import Material, MaterialKind, MaterialState, Release
from server.domain.paper_runs import PaperRun
from server.domain.planned_launches import Mark, MarkKind, PlannedLaunch
from server.domain.presence_checks import PresenceCheck
from server.domain.programme import Speech
from server.domain.quiz import Option, Outcome, Question, QuestionKind, Terms, launched
from server.domain.remarking import Remark
from server.domain.roll_calls import RollCall, RollEntry
from server.domain.scoring import Key
from server.domain.signals import SignalCounts
from server.domain.speakers import SpeakerKind
from server.domain.venues import LecturerDesk, Microphone
from server.live.asked import Auth, Chosen
from server.services.assignments import AssignedMember, AssignedUnit, AssignmentsView
from server.services.board import BoardView, KindCount, UnitCount, VenueCount
from server.services.chapters import ChapterView
from server.services.chat import ChatView, LineView
from server.services.credit_views import (
    CreditEntryView,
    CreditRuleView,
    CreditView,
    EvidenceView,
    FailingView,
    ReviewView,
    VerdictView,
)
from server.services.hands import HandsView, HandView
from server.services.helps import HelpView, NoticeView
from server.services.inquiry_views import DeskView, InquiryPage, InquiryView, InquiryVote
from server.services.make_up_views import AttemptView, BranchMakeUpView, ExtensionView, MakeUpView, SolutionView
from server.services.muting import MuteView
from server.services.own_attendance import AttendanceView
from server.services.replays import BeatView
from server.services.roll_views import RollCallView, RollEntryView, RollMark, RollStanding
from server.services.roster import RosterItem, RosterSignIn
from server.services.sign_in_codes import ProofView
from server.services.sign_in_views import SignInView
from server.services.views import (
    AnswerView,
    LessonView,
    Me,
    QuestionView,
    QuizResultView,
    QuizUnitView,
    QuizView,
    RecordingView,
    SourceView,
    StageVenueView,
    StageView,
)
from server.services.words import WordListView
from server.web import api
from server.web.openapi import codes_of

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "protocol.md").read_text()

_QUESTION = Question("p", "l", 1, QuestionKind.SINGLE, "?", (Option("a", "一"), Option("b", "二")), ("a",), "", 60)
_NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
_ROLL = RollCall("r", "l", 1, dt.datetime(2026, 11, 22, tzinfo=dt.UTC), "n", (RollEntry("v", "n"),), "v")
_ARGUMENTS = {
    "votes": {"q": 1},
    "counts": SignalCounts(),
    "settings": ChatSettings(),
    "cut": Cut(_NOW, "n", "r"),
    "standby": Standby(_NOW, _NOW, "n"),
    "line": Line("c", "l", 1, SpeakerKind.MEMBER, "m", "a", "甲", "支部", "好", LineState.WAITING, False, _NOW),
    "line_id": "c",
    "mute": Mute("l", "m", "a", "甲", _NOW, "刷屏", "d", _NOW),
    "quiz": launched(_QUESTION, "q", 1, by="a", terms=Terms(), now=dt.datetime(2026, 11, 22, tzinfo=dt.UTC)),
    "outcome": Outcome(3, 2, 4, {"a": 2, "b": 1}),
    "remark": Remark(
        *("r", "q", "l", 1, Key(("a",)), Key(("b",)), "标错"), "a", dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    ),
    "run": PaperRun("r", "l", "n", None, "s", True, True, ("q", "p"), "a", _NOW),
    "plan": PlannedLaunch("p", "l", ("q",), Mark(MarkKind.CHAPTER, 1), Terms(), False, False, "a", _NOW),
    "deadline_at": _NOW,
    "state": LessonState.LIVE,
    "slot": "camera",
    "source": "main",
    "label": "讲师",
    "by": "a",
    "opened": ["main"],
    "account_id": "<id>",
    "unit_name": "支部",
    "version": 1,
    "rids": ["q"],
    "reason": "bye",
    "on": True,
    "lesson_venue_id": "v",
    "seconds": 15,
    "name": "n",
    "online": True,
    "spread_ms": 500,
    "microphone": Microphone.READY,
    "code": "disk_low",
    "detail": "d",
    "raised": True,
    "shown": True,
    "expected": 1,
    "unit": "u",
    "member_name": "n",
    "venue": "v",
    "audience": "staff",
    "review_id": "r",
    "leave_id": "x",
    "count": 2,
    "found": "dismissed",
    "sheet_id": "s",
    "correction_id": "x",
    "words": ("absent", "present", "holds"),
    "digest": "d",
    "seed": "s",
    "check": PresenceCheck("c", "l", 1, _NOW, _NOW, _NOW),
    "in_rooms": False,
    "answered": 1,
    "granted": True,
    "hand": Hand(
        *("h", "l", SpeakerKind.MEMBER, "m", "a", "n", "u", "t", None, "member-m", HandState.WAITING),
        dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    ),
    "position": 1,
    "inquiry": {"id": "i"},
    "inquiry_id": "i",
    "desk": Desk(),
    "teaching": LecturerDesk.SPARE,
    "ids": ["i"],
    "chapter": Chapter("c", "l", dt.datetime(2026, 11, 22, tzinfo=dt.UTC), "t", "a", "i"),
    "chapter_id": "c",
    "roll": _ROLL,
    "entry": _ROLL.entries[0],
    "called": True,
    "speech": Speech.MUTED,
    "help_id": "h",
    "urgency": "urgent",
    "notice_id": "t",
    "text": "t",
    "material_id": "m",
    "page": 1,
    "pages": 3,
    "material": Material(
        *("m", "l", MaterialKind.SLIDES, "n", MaterialState.READY, Release.STAFF, "a", "n"),
        dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    ),
    "clip": Clip("m", "n", 60_000, 1, 0, _NOW, False, "main", frozenset({"main"}), "n"),
    "why": ClipEnd.PLAYED,
    "to": "w",
    "to_name": "n",
    "was_to": "w",
    "fallback": "phone",
    "who": ("n", "u"),
    "places": ("v", "w"),
}


def _made_by(module):
    return {f"{module.__name__}.{name}": each for name, each in inspect.getmembers(module, inspect.isfunction)}


def announcements():
    """Every announcement that the domain can make, both ways where it has two."""
    made = {**dict(inspect.getmembers(events, inspect.isfunction)), **_made_by(chat_events)}
    made |= {**_made_by(clip_events), **_made_by(curtain_events)}
    for name, function in made.items():
        if inspect.signature(function, eval_str=True).return_annotation is not Announcement:
            continue
        names = list(inspect.signature(function).parameters)
        for flag in (True, False):
            values = {each: _ARGUMENTS[each] for each in names}
            values |= {each: flag for each in ("online", "raised", "shown", "granted", "called") if each in values}
            yield pytest.param(function(**values), id=f"{name}-{flag}")


@pytest.mark.parametrize("announcement", list(announcements()))
def test_every_event_is_described_with_its_audience_and_fields(announcement):
    rows = [line for line in DOCUMENT.splitlines() if f"`{announcement.kind}`" in line and line.startswith("|")]
    assert len(rows) == 1, announcement.kind
    assert announcement.audience in rows[0]
    for field in announcement.data:
        assert re.search(rf"\b{field}\b", rows[0]), field


def test_no_event_is_described_that_nobody_makes():
    made = {param.values[0].kind for param in announcements()}
    section = DOCUMENT.split("| kind | audience | data |")[1].split("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", section)) == made


def described(path):
    """The path as the document writes it: its parts are named {id} there."""
    return re.sub(r"\{\w+_id\}", "{id}", path)


@pytest.mark.parametrize("endpoint", api.endpoints(), ids=lambda e: f"{e.method} {e.path}")
def test_every_call_is_described(endpoint):
    assert f"{endpoint.method} {described(endpoint.path)}" in DOCUMENT
    if endpoint.body is not None and endpoint.body.__name__ not in {"TicketUse", "ChangedLesson", "SignInUse"}:
        row = next(line for line in DOCUMENT.splitlines() if f"{endpoint.method} {described(endpoint.path)}`" in line)
        for field in endpoint.body.model_fields:
            assert field in row, field


def test_no_call_is_described_that_nobody_answers():
    ours = {f"{endpoint.method} {described(endpoint.path)}" for endpoint in api.endpoints()}
    told = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /api/v1/[^`?\s]*)", DOCUMENT))
    assert told == ours


CREDIT = [CreditEntryView, CreditRuleView, CreditView, EvidenceView, FailingView, ReviewView, VerdictView]
ATTENDANCE = (
    *(AssignmentsView, AssignedUnit, AssignedMember, RosterItem, RosterSignIn, SignInView, AttendanceView, ProofView),
    *(BoardView, VenueCount, UnitCount, KindCount),
)
TALK = (ChatView, LineView, MuteView, WordListView)
HANDS = (HandView, HandsView)
INQUIRIES = (InquiryView, InquiryPage, DeskView, InquiryVote, SignalCounts, ChapterView)
TALKED = (*TALK, *HANDS, *INQUIRIES)
DIRECTING = (RollCallView, RollEntryView, RollMark, RollStanding, HelpView, NoticeView)
MADE_UP = (MakeUpView, MakeUpTerms, BranchMakeUpView, ExtensionView, AttemptView, SolutionView, BeatView)
QUIZ = (QuestionView, QuizView, QuizResultView, QuizUnitView, AnswerView)


@pytest.mark.parametrize(
    "view",
    [
        *(Me, LessonView, StageView, SourceView, StageVenueView, RecordingView),
        *(*ATTENDANCE, *CREDIT, *MADE_UP, *QUIZ, *TALKED, *DIRECTING),
    ],
)
def test_every_field_of_what_is_answered_is_described(view):
    for field in dataclasses.fields(view):
        assert re.search(rf"\b{field.name}\b", DOCUMENT), field.name


def test_every_code_of_a_call_is_in_the_table():
    table = DOCUMENT.split("## 8. Codes")[1]
    for endpoint in api.endpoints():
        for code in codes_of(endpoint):
            assert f"`{code}`" in table


def test_what_a_socket_connects_with_is_described():
    row = next(line for line in DOCUMENT.splitlines() if "Connect with `auth" in line)
    for field in Auth.model_fields:
        assert field in row
    for name in (
        "event",
        "events",
        "stage",
        "board",
        "quiz",
        "signals",
        "resync",
        "caught_up",
        "bye",
        "since",
        "beat",
        "answer",
    ):
        assert f"| `{name}` |" in DOCUMENT


def test_what_a_socket_answers_with_is_described():
    row = next(line for line in DOCUMENT.splitlines() if "| `answer` |" in line)
    for field in (*Chosen.model_fields, *(field.name for field in dataclasses.fields(AnswerView))):
        assert field in row


def parts_of(kind, found):
    """Every dataclass that an answer of this type is made of."""
    for part in typing.get_args(kind):
        parts_of(part, found)
    kind = typing.get_origin(kind) or kind
    if dataclasses.is_dataclass(kind) and kind not in found:
        found.add(kind)
        for part in typing.get_type_hints(kind).values():
            parts_of(part, found)
    return found


@pytest.mark.parametrize("endpoint", api.endpoints(), ids=lambda e: f"{e.method} {e.path}")
def test_whatever_a_call_answers_with_is_described(endpoint):
    """Without a list that somebody must keep: from the call's own types."""
    fields = {field.name for part in parts_of(endpoint.answer, set()) for field in dataclasses.fields(part)}
    assert sorted(name for name in fields if not re.search(rf"\b{name}\b", DOCUMENT)) == []


@pytest.mark.parametrize("endpoint", [e for e in api.endpoints() if e.query], ids=lambda e: f"{e.method} {e.path}")
def test_what_may_be_asked_for_in_an_address_is_described(endpoint):
    call = re.escape(f"{endpoint.method} {described(endpoint.path)}")
    rows = "".join(line for line in DOCUMENT.splitlines() if re.search(rf"`{call}[`?]", line))
    of_every_list = {"cursor", "limit"}
    assert [name for name in endpoint.query.model_fields if name not in of_every_list and name not in rows] == []
