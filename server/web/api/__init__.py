"""The REST calls of docs/protocol.md, one module per noun: parse, call one use case, answer."""

from __future__ import annotations

from server.web.api import (
    access_codes,
    accounts,
    audit,
    chapters,
    chat,
    clips,
    consents,
    corrections,
    courses,
    credit,
    curtain,
    directory,
    failovers,
    findings,
    hands,
    helps,
    inbox,
    inquiries,
    leaves,
    lessons,
    logins,
    materials,
    members,
    missing,
    organisation,
    pairings,
    preflights,
    presence_checks,
    questions,
    quizzes,
    recordings,
    roles,
    roll_calls,
    roster,
    roster_imports,
    second_factors,
    session,
    sheets,
    sign_ins,
    signals,
    slides,
    stage,
    talkbacks,
    tickets,
    venue_keys,
)
from server.web.endpoint import Endpoint

ALL = (
    *(session.calls, directory.calls, lessons.calls, stage.calls, tickets.calls, recordings.calls),
    *(
        roster.calls,
        missing.calls,
        sign_ins.calls,
        leaves.calls,
        presence_checks.calls,
        findings.calls,
        corrections.calls,
        sheets.calls,
        credit.calls,
    ),
    *(access_codes.calls, accounts.calls, logins.calls, second_factors.calls, roles.calls, consents.calls),
    *(questions.calls, quizzes.calls, chat.calls, hands.calls),
    *(inquiries.calls, signals.calls, chapters.calls),
    *(roll_calls.calls, helps.calls, preflights.calls, failovers.calls, venue_keys.calls),
    *(materials.calls, slides.calls, clips.calls, curtain.calls),
    *(organisation.calls, members.calls, courses.calls, inbox.calls),
    *(talkbacks.calls, audit.calls, roster_imports.calls, pairings.calls),
)


def endpoints() -> tuple[Endpoint, ...]:
    return tuple(endpoint for calls in ALL for endpoint in calls)
