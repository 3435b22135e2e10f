"""Going through micro-videos (微视频): begun with the terms of the day, measured by the server, granted once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain import micro_studies as rules
from server.domain import micro_videos as videos
from server.domain.access import Principal
from server.domain.courses import Course
from server.domain.credit import CreditRule, rule_facts
from server.domain.dated_rules import in_force
from server.domain.ledger import Award, EntryKind, micro_key, micro_test_key
from server.domain.make_ups import Attempt, hand_in
from server.domain.micro_studies import MicroStudy
from server.domain.micro_terms import MicroTerms, worth
from server.domain.micro_videos import MicroVideo
from server.domain.refusals import Refusal
from server.domain.replays import Beat, Span, digest, hear, lasted_ms, progress_percent, reached_ms
from server.domain.tickets import PlayGrant, renewal
from server.domain.tickets import Playing as Kind
from server.services.commands import command, once
from server.services.course_certificates import issue_when_earned
from server.services.house import House
from server.services.make_up_views import AttemptView, attempt_view
from server.services.micro_videos import SHOWN, seen_video, studies
from server.services.recordings import Playing
from server.services.records import Records, Transaction
from server.services.replay_passes import Timeline, timeline
from server.services.replays import BeatView
from server.services.settling_entries import enter_alone, text_of
from server.services.tickets import GrantSigner

REASON, TEST_REASON = "微视频《{}》", "微视频《{}》测试通过"
_VIEW = TypeAdapter(AttemptView)
_NO_TERMS = MicroTerms(short_hundredths=0, middle_hundredths=0, long_hundredths=0, test_hundredths=0)
"""Where no rule gives credit, the film is watched by the usual measure and grants nothing."""


# ---- beginning ---------------------------------------------------------------------------------------------


async def play_micro_video(
    house: House, signer: GrantSigner, principal: Principal, video_id: str, *, lifetime: dt.timedelta, now: dt.datetime
) -> Playing:
    """A member of the course begins it by this, once. Raises ``micro_not_found``."""

    def begin(tx: Transaction) -> MicroVideo:
        video, course = seen_video(tx, principal, video_id, now)
        if video.state in SHOWN and studies(principal, course):
            _begin(tx, principal, video, course, now)
        return video

    video = await house.records.write(begin)
    grant = PlayGrant(video.id, principal.account_id, Kind.REPLAY, now + lifetime)
    return Playing(
        camera=f"/films/{video.id}/{signer.sign_grant(grant)}/{videos.PLAYLIST}",
        screen=None,
        duration_ms=video.duration_ms,
        expires_at=grant.expires_at,
        renew_after_s=renewal(lifetime),
        watermark=False,
    )


def _begin(tx: Transaction, principal: Principal, video: MicroVideo, course: Course, now: dt.datetime) -> None:
    member_id, unit_id = principal.member_id, principal.unit_id
    if member_id is None or unit_id is None:
        return
    begun = tx.studies.get(video.id, member_id, lock=True)
    if begun is not None:
        _take_up(tx, principal, video, begun, now)
        return
    rule = _rule(tx, course, now)
    terms = rule.micro if rule is not None and rule.micro is not None else _NO_TERMS
    study = MicroStudy(
        id=str(uuid.uuid4()),
        video_id=video.id,
        member_id=member_id,
        unit_id=unit_id,
        terms=terms,
        rule_id=rule.id if rule is not None and rule.micro is not None else None,
        hundredths=worth(terms, video.duration_ms),
        test_hundredths=terms.test_hundredths,
        skips=video.skips,
        began_at=now,
    )
    tx.studies.add(study)
    tx.micro_watches.add(video.id, {member_id})


def _take_up(tx: Transaction, principal: Principal, video: MicroVideo, study: MicroStudy, now: dt.datetime) -> None:
    """What was watched may have gone by its period: it is watched anew. Who waited for a test that there is no more is
    done."""
    if not study.watched:
        tx.micro_watches.add(video.id, {study.member_id})
    elif study.done_at is None and not rules.tests(tx.studies.questions(video.id)):
        _settle(tx, video, rules.further(study, progress=study.progress, asked=False, now=now), principal, now)


def _rule(tx: Transaction, course: Course, now: dt.datetime) -> CreditRule | None:
    """The one in force today for the course's unit."""
    today = tx.calendar.day(now)
    line = tx.units.line(course.unit_id, today)
    return in_force(tx.credit_rules.of_units(line), line, today)


def terms_today(tx: Transaction, course: Course, now: dt.datetime) -> MicroTerms:
    """Under which somebody would begin now."""
    rule = _rule(tx, course, now)
    return rule.micro if rule is not None and rule.micro is not None else _NO_TERMS


# ---- watching ----------------------------------------------------------------------------------------------


def film_timeline(video: MicroVideo) -> Timeline:
    return timeline(videos.playlist(video.segments_ms))


async def film_of(house: House, video_id: str) -> MicroVideo:
    """For a pass that was given. Raises ``micro_not_found`` for one that is not shown any more."""

    def load(tx: Transaction) -> MicroVideo:
        video = tx.micro.get(video_id)
        if video is None or video.film_id is None or video.facts is None:
            raise Refusal("micro_not_found", video_id)
        return video

    return await house.records.read(load)


async def note_film_segment(house: House, grant: PlayGrant, video: MicroVideo, name: str) -> None:
    """A segment is about to be sent, all of it: written before it is."""
    key = (video.id, grant.account_id, grant.expires_at.isoformat())

    def watcher(tx: Transaction) -> str | None:
        account = tx.accounts.get(grant.account_id)
        member_id = account.member_id if account else None
        return member_id if member_id and tx.micro_watches.is_kept(video.id, member_id) else None

    holder = await house.replays.holder(key, lambda: house.records.read(watcher))
    if holder.member_id is None:
        return
    place = film_timeline(video).places.get(name)
    if place is not None and holder.lacks(place):
        await house.records.write_together(_keep, _Fetched(video.id, holder.member_id, place))
        holder.wrote(place)


@dataclass(frozen=True, slots=True)
class _Fetched:
    video_id: str
    member_id: str
    place: Span


def _keep(tx: Transaction, items: Sequence[_Fetched]) -> list[Refusal | None]:
    """In the order of their keys: no two transactions wait for each other."""
    together: dict[tuple[str, str], list[Span]] = {}
    for item in items:
        together.setdefault((item.video_id, item.member_id), []).append(item.place)
    for (video_id, member_id), places in sorted(together.items()):
        tx.micro_watches.fetch(video_id, member_id, places)
    return [None] * len(items)


async def beat(house: House, principal: Principal, video_id: str, said: Beat, now: dt.datetime) -> BeatView:
    """Committed when it returns; the same beat again changes nothing. The last one that is needed grants the credit.

    Raises ``micro_not_found``, ``study_not_begun``.
    """
    return await house.records.write(lambda tx: _hear(tx, principal, video_id, said, now))


def _hear(tx: Transaction, principal: Principal, video_id: str, said: Beat, now: dt.datetime) -> BeatView:
    video, study = own_study(tx, principal, video_id, now)
    kept = tx.micro_watches.get(video.id, study.member_id, lock=True)
    if kept is None:
        raise Refusal("study_not_begun", video_id)
    before, fetched = kept
    watch, heard = hear(before, said, now, fetched=fetched, total_ms=video.duration_ms, rule=study.replay_rule)
    if watch != before:
        tx.micro_watches.save(video.id, study.member_id, watch)
    progress = progress_percent(watch.watched, video.duration_ms, study.terms.watched_percent)
    if progress > study.progress:
        asked = bool(rules.tests(tx.studies.questions(video.id)))
        study = _settle(tx, video, rules.further(study, progress=progress, asked=asked, now=now), principal, now)
    return BeatView(heard, study.step(), study.progress, reached_ms(watch.watched), watch.position_ms)


def own_study(tx: Transaction, principal: Principal, video_id: str, now: dt.datetime) -> tuple[MicroVideo, MicroStudy]:
    """Its row locked. Raises ``micro_not_found``: also to who keeps the course, for one that is not shown any more;
    ``study_not_begun``."""
    video, _ = seen_video(tx, principal, video_id, now)
    if video.state not in SHOWN:
        raise Refusal("micro_not_found", video_id)
    study = tx.studies.get(video_id, principal.member_id, lock=True) if principal.member_id else None
    if study is None:
        raise Refusal("study_not_begun", video_id)
    return video, study


# ---- granting ----------------------------------------------------------------------------------------------


def _settle(
    tx: Transaction, video: MicroVideo, study: MicroStudy, principal: Principal, now: dt.datetime
) -> MicroStudy:
    """With the entries that are due, and the course's certificate, each once. Saved."""
    if study.watched and study.entry_id is None and study.hundredths:
        entry = enter_alone(tx, _award(tx, video, study, principal.account_id), now)
        study = replace(study, entry_id=entry.id)
    if study.passed and study.test_entry_id is None and study.test_hundredths:
        entry = enter_alone(tx, _test_award(tx, video, study, principal.account_id), now)
        study = replace(study, test_entry_id=entry.id)
    tx.studies.save(study)
    if study.done_at is not None:
        issue_when_earned(tx, video.course_id, study.member_id, study.unit_id, now)
    return study


def _award(tx: Transaction, video: MicroVideo, study: MicroStudy, actor: str) -> Award:
    """Its evidence: the digest of what was watched, of which film."""
    watch = tx.micro_watches.get(video.id, study.member_id)
    watched = watch[0].watched if watch else ()
    evidence = {
        "video_id": video.id,
        "film_sha256": video.sha256,
        "duration_ms": video.duration_ms,
        "watched_sha256": digest(watched),
        "watched_ms": lasted_ms(watched),
    }
    key, reason = micro_key(video.id, study.member_id), REASON.format(video.title)
    return _entry(tx, study, actor, key=key, hundredths=study.hundredths, reason=reason, evidence=text_of(evidence))


def _test_award(tx: Transaction, video: MicroVideo, study: MicroStudy, actor: str) -> Award:
    passing = next((each for each in tx.studies.attempts(study.id) if each.passed), None)
    evidence = {
        "video_id": video.id,
        "attempt_id": passing.id if passing else None,
        "right": passing.right if passing else None,
        "asked": len(passing.paper) if passing else 0,
    }
    key, reason = micro_test_key(video.id, study.member_id), TEST_REASON.format(video.title)
    worth_it = study.test_hundredths
    return _entry(tx, study, actor, key=key, hundredths=worth_it, reason=reason, evidence=text_of(evidence))


def _entry(
    tx: Transaction, study: MicroStudy, actor: str, *, key: str, hundredths: int, reason: str, evidence: str
) -> Award:
    rule = tx.credit_rules.get(study.rule_id) if study.rule_id else None
    return Award(
        idempotency_key=key,
        kind=EntryKind.MICRO,
        member_id=study.member_id,
        unit_id=study.unit_id,
        lesson_id=None,
        hundredths=hundredths,
        rule=text_of(rule_facts(rule)),
        evidence=evidence,
        reason=reason,
        actor=actor,
    )


# ---- the test ----------------------------------------------------------------------------------------------


async def begin_test(
    records: Records, principal: Principal, video_id: str, command_id: str, now: dt.datetime
) -> AttemptView:
    """A new attempt, or the one that waits to be handed in.

    Raises ``micro_not_found``, ``study_not_begun``, ``study_not_watched``, ``study_passed``, ``study_no_test``,
    ``study_pause``, ``command_reused``.
    """
    asked = command(principal, command_id, "begin_test", id=video_id)

    def do(tx: Transaction, study: MicroStudy) -> AttemptView:
        tried = tx.studies.attempts(study.id)
        waiting = next((each for each in tried if each.submitted_at is None), None)
        if waiting is not None:
            return attempt_view(waiting)
        questions = rules.tests(tx.studies.questions(video_id))
        made = rules.begin(study, tried, str(uuid.uuid4()), questions, now)
        tx.studies.add_attempt(made)
        return attempt_view(made)

    def work(tx: Transaction) -> AttemptView:
        _, study = own_study(tx, principal, video_id, now)
        return once(tx, asked, now, _VIEW, lambda: do(tx, study))

    return await records.write(work)


async def hand_in_test(
    records: Records,
    principal: Principal,
    video_id: str,
    attempt_id: str,
    command_id: str,
    *,
    choices: dict[str, tuple[str, ...]],
    now: dt.datetime,
) -> AttemptView:
    """One that passes grants what the test is worth, once.

    Raises ``micro_not_found``, ``study_not_begun``, ``attempt_not_found``, ``attempt_over``, ``question_not_found``,
    ``option_unknown``, ``command_reused``.
    """
    body = {each: list(chosen) for each, chosen in choices.items()}
    asked = command(principal, command_id, "hand_in_test", id=attempt_id, choices=body)

    def do(tx: Transaction, video: MicroVideo, study: MicroStudy) -> AttemptView:
        attempt = _attempt(tx.studies.attempts(study.id), attempt_id)
        done = hand_in(attempt, choices, study.terms.right_percent, now)
        tx.studies.save_attempt(done)
        if done.passed:
            _settle(tx, video, rules.passed(study, now), principal, now)
        return attempt_view(done)

    def work(tx: Transaction) -> AttemptView:
        video, study = own_study(tx, principal, video_id, now)
        return once(tx, asked, now, _VIEW, lambda: do(tx, video, study))

    return await records.write(work)


def _attempt(tried: Collection[Attempt], attempt_id: str) -> Attempt:
    found = next((each for each in tried if each.id == attempt_id), None)
    if found is None:
        raise Refusal("attempt_not_found", attempt_id)
    return found
