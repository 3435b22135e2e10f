"""Who may do what: role × scope in the unit tree, decided here and nowhere else."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.events import Listener
from server.domain.lesson_kinds import REGULAR, LessonKind
from server.domain.lessons import Lesson, LessonState
from server.domain.refusals import Refusal
from server.domain.speakers import SpeakerKind
from server.domain.units import UnitTree
from server.domain.venues import LessonVenue, Part


class Role(enum.StrEnum):
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    SCHOOL_ADMIN = "school_admin"
    DIRECTOR = "director"
    LECTURER = "lecturer"
    SECRETARY = "secretary"
    VENUE_OPERATOR = "venue_operator"
    MEMBER = "member"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""三员: kept apart from each other, and from lessons."""


class Action(enum.StrEnum):
    """What can be done to a lesson. Those in ``SHOWN`` are shown to clients as ``may``."""

    READ = "read"
    RUN = "run"  # open, start, end, take, sound, recording; hear staff events, see the wall
    PUBLISH_MAIN = "publish_main"
    PUBLISH_VENUE = "publish_venue"
    EDIT = "edit"  # also: create, schedule, cancel
    WATCH = "watch"
    REPLACE_SOURCE = "replace_source"  # throw out another account's publisher
    REPLAY = "replay"
    BOARD = "board"  # see who is expected, there and missing; a secretary his own units, a venue its own people
    ASSIST = "assist"  # sign in for someone without a phone; a venue for its own people, a secretary for his units'
    VOUCH = "vouch"  # decide leave, look at doubtful sign-ins, correct attendance; a secretary for his units'
    QUIZ = "quiz"  # prepare, launch and close quizzes; see answers before closing
    SETTLE = "settle"  # grant the lesson's credit, decide reviews
    EXPORT = "export"  # take its recording out of the archive
    KEEP = "keep"  # say how long its recording stays, and delete it
    PREPARE = "prepare"  # upload slides, handouts and clips, and say who reads them


class AccountKind(enum.StrEnum):
    PERSON = "person"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role held in a unit and everything below it."""

    role: Role
    unit_id: str


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``unit_line`` is the own unit, its parent, … up to the root, today.

    ``loan_line``: the same of the unit with which it is on loan (借调). ``venue_id``: the room whose own login it is,
    which stands for the room: its screen, its voice. ``operates``: rooms of which this person is an operator today.
    """

    account_id: str
    name: str
    number: str
    kind: AccountKind
    member_id: str | None = None
    unit_line: tuple[str, ...] = ()
    venue_id: str | None = None
    grants: tuple[RoleGrant, ...] = ()
    loan_line: tuple[str, ...] = ()
    operates: tuple[str, ...] = ()

    @property
    def rooms(self) -> frozenset[str]:
        """That the principal operates today, as the room's own login or as a person."""
        return frozenset(self.operates) | ({self.venue_id} if self.venue_id else frozenset())

    @property
    def unit_id(self) -> str | None:
        return self.unit_line[0] if self.unit_line else None


@dataclass(frozen=True, slots=True)
class LessonTarget:
    """A lesson and where it stands: ``unit_line`` is its unit, that one's parent, … up to the root.

    ``guests``: members whom it reaches although their unit of today does not: they stand on its roster, or in its plan.
    """

    lesson: Lesson
    unit_line: tuple[str, ...]
    guests: frozenset[str] = frozenset()


class Verdict(enum.Enum):
    ALLOWED = enum.auto()
    FORBIDDEN = enum.auto()
    HIDDEN = enum.auto()  # whoever asks must not even learn that it exists


_A = Action
_RUNNING = frozenset(
    {_A.READ, _A.RUN, _A.WATCH, _A.REPLACE_SOURCE, _A.REPLAY, _A.BOARD, _A.ASSIST, _A.QUIZ, _A.PREPARE}
)

# What a role allows for every lesson of a unit in its scope.
_BY_ROLE: dict[Role, frozenset[Action]] = {
    Role.SCHOOL_ADMIN: _RUNNING | {_A.EDIT, _A.SETTLE, _A.VOUCH, _A.EXPORT, _A.KEEP},
    Role.DIRECTOR: _RUNNING,
    Role.SECRETARY: frozenset({_A.READ, _A.WATCH, _A.REPLAY, _A.BOARD, _A.ASSIST, _A.VOUCH}),
    Role.AUDIT_ADMIN: frozenset({_A.READ, _A.REPLAY, _A.BOARD}),
    # The three administrators of the system itself have no business in lessons (separation of duties).
    Role.SYSTEM_ADMIN: frozenset(),
    Role.SECURITY_ADMIN: frozenset(),
    # These act by their part in the lesson, not by scope.
    Role.LECTURER: frozenset(),
    Role.VENUE_OPERATOR: frozenset(),
    Role.MEMBER: frozenset(),
}
_LECTURER_OF_IT = frozenset({_A.READ, _A.RUN, _A.WATCH, _A.PUBLISH_MAIN, _A.REPLAY, _A.BOARD, _A.QUIZ, _A.PREPARE})
_MEMBER_REACHED = frozenset({_A.READ, _A.WATCH, _A.REPLAY})
_CONVENER = frozenset({_A.EDIT, _A.RUN})
"""What a secretary may do besides to a meeting of the own units that is held on the spot."""
_SECRETARY_REACHED = frozenset({_A.BOARD, _A.ASSIST, _A.VOUCH})
_BRANCH_VENUE = frozenset({_A.READ, _A.WATCH, _A.PUBLISH_VENUE, _A.BOARD, _A.ASSIST})
_MAIN_VENUE = frozenset({_A.READ, _A.WATCH, _A.PUBLISH_MAIN, _A.BOARD, _A.ASSIST})
_OPERATOR = frozenset({_A.READ, _A.WATCH, _A.BOARD, _A.ASSIST})
"""A person at a room: picture and voice are the room's own login's."""

_HIDDEN_STATES = frozenset({LessonState.DRAFT, LessonState.CANCELLED})
SHOWN = (
    *(_A.READ, _A.RUN, _A.PUBLISH_MAIN, _A.PUBLISH_VENUE, _A.EDIT, _A.WATCH),
    *(_A.BOARD, _A.ASSIST, _A.VOUCH, _A.QUIZ, _A.SETTLE, _A.PREPARE),
)


def allowed(principal: Principal, target: LessonTarget) -> frozenset[Action]:
    """Everything that this principal may do to this lesson."""
    by_scope = _by_scope(principal, target)
    if target.lesson.lecturer_id == principal.account_id:
        by_scope |= _LECTURER_OF_IT
    if target.lesson.state in _HIDDEN_STATES:
        return by_scope  # a plan concerns those who make it
    return by_scope | _by_membership(principal, target) | _by_venue(principal, target)


def decide(principal: Principal, action: Action, target: LessonTarget) -> Verdict:
    rights = allowed(principal, target)
    if action in rights:
        return Verdict.ALLOWED
    return Verdict.FORBIDDEN if Action.READ in rights else Verdict.HIDDEN


def require(principal: Principal, action: Action, target: LessonTarget) -> None:
    """Raises ``forbidden``, or ``lesson_not_found`` where even existence must not leak."""
    verdict = decide(principal, action, target)
    if verdict is Verdict.HIDDEN:
        raise Refusal("lesson_not_found", target.lesson.id)
    if verdict is Verdict.FORBIDDEN:
        raise Refusal("forbidden", f"{action} on {target.lesson.id}")


def require_planning(principal: Principal, unit_line: tuple[str, ...], kind: LessonKind, *, media: bool) -> None:
    """Of a lesson that is not there yet, or becomes this. Raises ``forbidden``."""
    if Action.EDIT not in _scope_rights(principal, unit_line) | _as_convener(principal, unit_line, kind, media=media):
        raise Refusal("forbidden", f"{kind} in {unit_line[0]}")


def require_in_unit(principal: Principal, action: Action, unit_line: tuple[str, ...]) -> None:
    """For what has no lesson yet (create): raises ``forbidden``."""
    if action not in _scope_rights(principal, unit_line):
        raise Refusal("forbidden", f"{action} in {unit_line[0]}")


def may_in_unit(principal: Principal, action: Action, unit_line: tuple[str, ...]) -> bool:
    """As :func:`require_in_unit`, as a question."""
    return action in _scope_rights(principal, unit_line)


def may(principal: Principal, target: LessonTarget) -> tuple[Action, ...]:
    """What clients are shown, in the order of the protocol."""
    rights = allowed(principal, target)
    return tuple(action for action in SHOWN if action in rights)


def scope(principal: Principal) -> frozenset[str]:
    """The units in whose subtree the principal sees units, venues and people: where roles are held, else its own."""
    held = frozenset(grant.unit_id for grant in principal.grants if grant.role is not Role.MEMBER)
    return held or frozenset(principal.unit_line[:1])


def held_in(principal: Principal, action: Action) -> frozenset[str]:
    """The units in which a role allows it, for lessons there and below. Raises ``forbidden`` when there are none."""
    units = units_held(principal, action)
    if not units:
        raise Refusal("forbidden", action)
    return units


def units_held(principal: Principal, action: Action) -> frozenset[str]:
    """As :func:`held_in`; none, perhaps."""
    return frozenset(grant.unit_id for grant in principal.grants if action in _BY_ROLE[grant.role])


@dataclass(frozen=True, slots=True)
class Reach:
    """A coarse net for queries: holds every lesson that :func:`decide` could let the principal read, and some more."""

    unit_ids: frozenset[str]
    account_id: str
    venue_ids: frozenset[str]
    member_id: str | None = None


def reach(principal: Principal, tree: UnitTree, on: dt.date) -> Reach:
    by_role = (tree.subtree(grant.unit_id, on) for grant in principal.grants if _BY_ROLE[grant.role])
    by_membership = (*principal.unit_line, *principal.loan_line) if _belongs(principal) else ()
    units = frozenset(by_membership).union(*by_role)
    return Reach(units, principal.account_id, principal.rooms, principal.member_id)


def lesson_venue_of(principal: Principal, lesson: Lesson) -> LessonVenue | None:
    """The part in this lesson of the venue that the principal stands for."""
    if principal.venue_id is None:
        return None
    return next((venue for venue in lesson.venues if venue.venue_id == principal.venue_id), None)


def operated(principal: Principal, lesson: Lesson) -> tuple[LessonVenue, ...]:
    """The parts in this lesson of all rooms that the principal operates, the one it stands for among them."""
    rooms = principal.rooms
    return tuple(venue for venue in lesson.venues if venue.venue_id in rooms)


def operated_venue(principal: Principal, lesson: Lesson, lesson_venue_id: str | None) -> LessonVenue:
    """The one of :func:`operated` that is meant; None: the only one.

    Raises ``venue_not_found`` for none of the lesson's, ``forbidden`` for another's, ``which_venue``.
    """
    rooms = operated(principal, lesson)
    if lesson_venue_id is not None:
        meant = lesson.venue(lesson_venue_id)
        if meant not in rooms:
            raise Refusal("forbidden", "another's venue")
        return meant
    if not rooms:
        raise Refusal("forbidden", "operates no venue of this lesson")
    if len(rooms) > 1:
        raise Refusal("which_venue", lesson.id)
    return rooms[0]


def listener(principal: Principal, target: LessonTarget) -> Listener:
    venue = lesson_venue_of(principal, target.lesson)
    rights = allowed(principal, target)
    staff = Action.RUN in rights
    return Listener(
        account_id=principal.account_id,
        staff=staff,
        lesson_venue_id=venue.id if venue else None,
        asks_nothing=staff and Action.QUIZ not in rights,
    )


def standing(principal: Principal, target: LessonTarget) -> tuple[SpeakerKind, str]:
    """As whom the principal talks back: kind and id of a :class:`Speaker`.

    A venue's account speaks for the room where it has a part in the lesson, a member's for the member whom the lesson
    reaches. Raises ``forbidden``, and ``lesson_not_on_air`` outside of open and live.
    """
    venue = lesson_venue_of(principal, target.lesson)
    member_id = principal.member_id if _reached(principal, target) else None
    if venue is None and member_id is None:
        raise Refusal("forbidden", "neither a member of this lesson nor one of its venues")
    if not target.lesson.on_air:
        raise Refusal("lesson_not_on_air", target.lesson.state)
    if venue is not None:
        return SpeakerKind.VENUE, venue.id
    assert member_id is not None
    return SpeakerKind.MEMBER, member_id


def writing_standing(principal: Principal, target: LessonTarget) -> tuple[SpeakerKind, str]:
    """As whom the principal writes in the chat: who runs the lesson as its lecturer or as 会控, all others as
    :func:`standing`, which also says what it raises.
    """
    if Action.RUN not in allowed(principal, target):
        return standing(principal, target)
    if not target.lesson.on_air:
        raise Refusal("lesson_not_on_air", target.lesson.state)
    lectures = target.lesson.lecturer_id == principal.account_id
    return SpeakerKind.LECTURER if lectures else SpeakerKind.DIRECTOR, principal.account_id


def _scope_rights(principal: Principal, unit_line: tuple[str, ...]) -> frozenset[Action]:
    rights: frozenset[Action] = frozenset()
    for grant in principal.grants:
        if grant.unit_id in unit_line:
            rights |= _BY_ROLE[grant.role]
    return rights


def _by_scope(principal: Principal, target: LessonTarget) -> frozenset[Action]:
    lesson, line = target.lesson, target.unit_line
    return _scope_rights(principal, line) | _as_convener(principal, line, lesson.kind, media=lesson.media)


def _as_convener(
    principal: Principal, unit_line: tuple[str, ...], kind: LessonKind, *, media: bool
) -> frozenset[Action]:
    """三会一课 and 主题党日 are convened by the branch itself; whatever has media is the school's."""
    own = any(grant.role is Role.SECRETARY and grant.unit_id in unit_line for grant in principal.grants)
    return _CONVENER if own and not media and kind in REGULAR else frozenset()


def _by_membership(principal: Principal, target: LessonTarget) -> frozenset[Action]:
    """A unit's lesson reaches the members and secretaries of everything below it, and whoever else is expected."""
    if not reached_by_unit(principal, target.lesson):
        return _MEMBER_REACHED if principal.member_id in target.guests else frozenset()
    return _MEMBER_REACHED | _SECRETARY_REACHED if _is_secretary(principal) else _MEMBER_REACHED


def reached_by_unit(principal: Principal, lesson: Lesson) -> bool:
    return _belongs(principal) and lesson.unit_id in (*principal.unit_line, *principal.loan_line)


def _reached(principal: Principal, target: LessonTarget) -> bool:
    """As a member."""
    return reached_by_unit(principal, target.lesson) or principal.member_id in target.guests


def _belongs(principal: Principal) -> bool:
    return principal.member_id is not None or _is_secretary(principal)


def _is_secretary(principal: Principal) -> bool:
    """Of the own unit."""
    return principal.unit_id is not None and RoleGrant(Role.SECRETARY, principal.unit_id) in principal.grants


def _by_venue(principal: Principal, target: LessonTarget) -> frozenset[Action]:
    own = lesson_venue_of(principal, target.lesson)
    if own is not None:
        return _MAIN_VENUE if own.part is Part.MAIN else _BRANCH_VENUE
    return _OPERATOR if operated(principal, target.lesson) else frozenset()
