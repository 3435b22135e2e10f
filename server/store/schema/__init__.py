"""The tables. One schema for SQLite and PostgreSQL; migrations/ makes exactly this (a test compares)."""

from __future__ import annotations

from server.store.schema.account import access_codes, accounts, login_failures, role_grants, second_factors, sessions
from server.store.schema.attendance import (
    member_assignments,
    outages,
    place_choices,
    presence_spans,
    pulses,
    roster_entries,
    sign_in_proofs,
    sign_ins,
    unit_assignments,
)
from server.store.schema.audit import audit_checks, audit_lines
from server.store.schema.bank import bank_questions, bank_tags, bank_versions
from server.store.schema.calendar import calendar_feeds, courses, kind_rules, lesson_series
from server.store.schema.columns import UtcTime, metadata
from server.store.schema.credit import (
    credit_entries,
    credit_rules,
    entry_corrections,
    ledger_days,
    ledger_heads,
    reviews,
    verdicts,
)
from server.store.schema.export import exports
from server.store.schema.failover import failover_moves, failovers, preflights
from server.store.schema.hands import hands
from server.store.schema.help import helps, notice_receipts, notices
from server.store.schema.imports import roster_imports
from server.store.schema.inquiry import chapters, inquiries, inquiry_desks, inquiry_votes, told_chapters
from server.store.schema.keeping import keep_kinds, keep_rules, kept_recordings, recording_moves
from server.store.schema.lesson import commands, lesson_events, lesson_venues, lessons, programmes
from server.store.schema.letter import letters
from server.store.schema.make_up import make_up_attempts, make_up_marks, make_ups, replay_watches
from server.store.schema.material import jobs, materials, runners, slide_turns
from server.store.schema.media import alarms, media_sessions, recordings, venue_keys
from server.store.schema.micro import micro_videos, uploads
from server.store.schema.notice import claims, deliveries, waves
from server.store.schema.opinion import opinion_rulings
from server.store.schema.organisation import (
    loans,
    member_kinds,
    members,
    membership_steps,
    memberships,
    organisation_changes,
    pairings,
    placements,
    room_operators,
    unit_groups,
    unit_names,
    unit_rules,
    units,
    venue_changes,
    venue_devices,
    venues,
)
from server.store.schema.outside import outside_credits, outside_entries, outside_proofs
from server.store.schema.oversight import oversight_steps, oversights
from server.store.schema.paper import paper_draws, paper_hand_ins, paper_runs, papers
from server.store.schema.picture import question_pictures
from server.store.schema.planned import planned_launches
from server.store.schema.privacy import (
    consent_acceptances,
    consent_texts,
    data_exports,
    erasures,
    legal_holds,
    retention_rules,
    retention_sweeps,
)
from server.store.schema.quiz import answers, questions, quizzes
from server.store.schema.remark import quiz_remark_marks, quiz_remarks
from server.store.schema.roll_call import roll_calls, roll_entries
from server.store.schema.sheets import attendance_sheets, sheet_bundles
from server.store.schema.study import (
    course_certificates,
    micro_attempts,
    micro_marks,
    micro_questions,
    micro_studies,
    micro_watches,
)
from server.store.schema.talk import chat_lines, chat_settings, talk_mutes, word_lists
from server.store.schema.vouching import (
    check_answers,
    check_plans,
    corrections,
    findings,
    leaves,
    presence_checks,
    sign_in_flags,
)
from server.store.schema.year import study_roles, year_rules
from server.store.schema.year_list import year_lists, year_reminders

__all__ = [
    "HEAD",
    "UtcTime",
    "access_codes",
    "accounts",
    "alarms",
    "answers",
    "attendance_sheets",
    "audit_checks",
    "audit_lines",
    "bank_questions",
    "bank_tags",
    "bank_versions",
    "calendar_feeds",
    "chapters",
    "chat_lines",
    "chat_settings",
    "check_answers",
    "check_plans",
    "claims",
    "commands",
    "consent_acceptances",
    "consent_texts",
    "corrections",
    "course_certificates",
    "courses",
    "credit_entries",
    "credit_rules",
    "data_exports",
    "deliveries",
    "entry_corrections",
    "erasures",
    "exports",
    "failover_moves",
    "failovers",
    "findings",
    "hands",
    "helps",
    "inquiries",
    "inquiry_desks",
    "inquiry_votes",
    "jobs",
    "keep_kinds",
    "keep_rules",
    "kept_recordings",
    "kind_rules",
    "leaves",
    "ledger_days",
    "ledger_heads",
    "legal_holds",
    "lesson_events",
    "lesson_series",
    "lesson_venues",
    "lessons",
    "letters",
    "loans",
    "login_failures",
    "make_up_attempts",
    "make_up_marks",
    "make_ups",
    "materials",
    "media_sessions",
    "member_assignments",
    "member_kinds",
    "members",
    "membership_steps",
    "memberships",
    "metadata",
    "micro_attempts",
    "micro_marks",
    "micro_questions",
    "micro_studies",
    "micro_videos",
    "micro_watches",
    "notice_receipts",
    "notices",
    "opinion_rulings",
    "organisation_changes",
    "outages",
    "outside_credits",
    "outside_entries",
    "outside_proofs",
    "oversight_steps",
    "oversights",
    "pairings",
    "paper_draws",
    "paper_hand_ins",
    "paper_runs",
    "papers",
    "place_choices",
    "placements",
    "planned_launches",
    "preflights",
    "presence_checks",
    "presence_spans",
    "programmes",
    "pulses",
    "question_pictures",
    "questions",
    "quiz_remark_marks",
    "quiz_remarks",
    "quizzes",
    "recording_moves",
    "recordings",
    "replay_watches",
    "retention_rules",
    "retention_sweeps",
    "reviews",
    "role_grants",
    "roll_calls",
    "roll_entries",
    "room_operators",
    "roster_entries",
    "roster_imports",
    "runners",
    "second_factors",
    "sessions",
    "sheet_bundles",
    "sign_in_flags",
    "sign_in_proofs",
    "sign_ins",
    "slide_turns",
    "study_roles",
    "talk_mutes",
    "told_chapters",
    "unit_assignments",
    "unit_groups",
    "unit_names",
    "unit_rules",
    "units",
    "uploads",
    "venue_changes",
    "venue_devices",
    "venue_keys",
    "venues",
    "verdicts",
    "waves",
    "word_lists",
    "year_lists",
    "year_reminders",
    "year_rules",
]

HEAD = "0071"
"""The migration this code works with."""
