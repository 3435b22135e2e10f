"""Every table of the record, and what it holds of people (see :mod:`server.domain.personal_data`)."""

from __future__ import annotations

from server.domain.personal_data import DataClass, Fate, Holding

_D = DataClass
_CHAINED = ("学时账以哈希相连，删改即失效；只保留代号", "the ledger is chained by hashes; it keeps a pseudonym")
_AUDITED = (
    "审计日志至少保存六个月且以哈希相连；内容已清空",
    "the audit log is kept for six months at least and chained; its details are emptied",
)
_OTHERS = ("其中有其他人的信息", "other people stand in it")
_TOLD = ("内容已在各自的类别中给出", "what it tells is given out with the classes that it comes from")
_SHARED = ("签到表含其他人，只给出本人一行", "other people stand in it; the own line is given out")
_VENUE = ("会场设备，不是个人", "a venue's device is no person")
_AT_ONCE = ("几分钟内自动清除", "gone within minutes by itself")


def _house(*plain: str, by: tuple[str, ...] = ()) -> Holding:
    return Holding(_D.HOUSE, by=by, plain=plain)


INVENTORY: dict[str, Holding] = {
    # -- who somebody is --------------------------------------------------------------------------------------
    "members": Holding(
        _D.IDENTITY, member="id", names=("name",), traces=("phone", "spelling", "initials"), linked=("group_id",)
    ),
    "member_kinds": Holding(_D.IDENTITY, member="member_id"),
    "memberships": Holding(_D.IDENTITY, member="member_id", texts=("note",)),
    "membership_steps": Holding(_D.IDENTITY, member="member_id"),
    "loans": Holding(_D.IDENTITY, member="member_id", texts=("note",)),
    "unit_groups": Holding(_D.IDENTITY, by=("leader_id",), plain=("name",)),
    "organisation_changes": Holding(_D.IDENTITY, member="member_id", by=("actor",), walked=("facts",)),
    # -- the account ------------------------------------------------------------------------------------------
    "accounts": Holding(
        _D.ACCESS, member="member_id", account="id", names=("name",), linked=("number",), secrets=("password_hash",)
    ),
    "role_grants": Holding(_D.ACCESS, account="account_id", fate=Fate.DELETE),
    "room_operators": Holding(_D.ACCESS, account="account_id", by=("by", "ended_by")),
    "access_codes": Holding(
        _D.ACCESS, account="account_id", by=("issued_by",), secrets=("digest", "used_command"), fate=Fate.DELETE
    ),
    "second_factors": Holding(
        _D.ACCESS, account="account_id", secrets=("secret", "recovery", "last_step"), fate=Fate.DELETE
    ),
    "calendar_feeds": Holding(_D.ACCESS, account="account_id", secrets=("token_digest",), fate=Fate.DELETE),
    "sessions": Holding(
        _D.LOGIN_TRACES,
        account="account_id",
        traces=("device", "address"),
        secrets=("token_digest",),
        fate=Fate.DELETE,
    ),
    "login_failures": Holding(_D.LOGIN_TRACES, number="number", traces=("address",), fate=Fate.DELETE),
    "media_sessions": Holding(
        _D.LOGIN_TRACES,
        account="account_id",
        traces=("client_id",),
        linked=("name",),
        secrets=("resource_digest", "session_id", "login"),
        fate=Fate.DELETE,
    ),
    "consent_texts": Holding(_D.HOUSE, by=("published_by",), plain=("text", "text_en")),
    "consent_acceptances": Holding(_D.CONSENT, account="account_id", traces=("address", "device")),
    # -- lessons attended -------------------------------------------------------------------------------------
    "member_assignments": Holding(_D.ATTENDANCE, member="member_id"),
    "place_choices": Holding(_D.ATTENDANCE, member="member_id"),
    "roster_entries": Holding(_D.ATTENDANCE, member="member_id", by=("added_by",), names=("name",), texts=("reason",)),
    "sign_ins": Holding(
        _D.ATTENDANCE,
        member="member_id",
        by=("account_id", "left_by"),
        texts=("reason",),
        traces=("address", "device_digest"),
        linked=("command_id",),
        secrets=("proof_digest",),
    ),
    "sign_in_proofs": Holding(
        _D.EVIDENCE, plain=("address",), secrets=("digest",), exported=False, why=_AT_ONCE[0], why_en=_AT_ONCE[1]
    ),
    "sign_in_flags": Holding(_D.EVIDENCE, member="member_id", by=("account_id",)),
    "findings": Holding(_D.EVIDENCE, member="member_id", by=("by",), texts=("reason",)),
    "presence_spans": Holding(_D.PRESENCE, member="member_id", linked=("device",)),
    "replay_watches": Holding(_D.PRESENCE, member="member_id", walked=("anchors",)),
    "failover_moves": Holding(_D.ATTENDANCE, member="member_id", by=("arrived_by",)),
    "leaves": Holding(
        _D.VOUCHING,
        member="member_id",
        by=("asked_by", "decided_by"),
        linked=("open_key",),
        texts=("reason", "answer"),
    ),
    "corrections": Holding(
        _D.VOUCHING,
        member="member_id",
        by=("asked_by", "decided_by"),
        linked=("open_key",),
        texts=("reason", "answer"),
    ),
    "reviews": Holding(
        _D.VOUCHING, member="member_id", by=("asked_by", "decided_by"), linked=("open_key",), texts=("text", "answer")
    ),
    "verdicts": Holding(_D.CREDIT, member="member_id"),
    "study_roles": Holding(_D.CREDIT, member="member_id", by=("made_by", "ended_by"), texts=("reason",)),
    "year_reminders": Holding(_D.NOTICES, member="member_id", by=("by",)),
    "make_ups": Holding(_D.CREDIT, member="member_id", walked=("extensions",)),
    "credit_entries": Holding(
        _D.CREDIT, member="member_id", by=("actor",), kept=("reason",), why=_CHAINED[0], why_en=_CHAINED[1]
    ),
    "micro_studies": Holding(_D.CREDIT, member="member_id"),
    "micro_watches": Holding(_D.PRESENCE, member="member_id", walked=("anchors",)),
    "micro_attempts": Holding(_D.ANSWERS, member="member_id", keyed=("paper",)),
    "micro_marks": Holding(_D.ANSWERS, member="member_id"),
    "course_certificates": Holding(
        _D.CREDIT,
        member="member_id",
        names=("name",),
        by=("withdrawn_by",),
        texts=("reason",),
        plain=("course", "issuer"),
    ),
    "outside_credits": Holding(
        _D.CREDIT,
        member="member_id",
        by=("entered_by", "decided_by"),
        linked=("standing_key",),
        texts=("title", "organiser", "answer"),
        secrets=("proof_id",),
    ),
    "entry_corrections": Holding(_D.CREDIT, member="member_id", by=("by",), texts=("reason",)),
    "outside_entries": Holding(_D.CREDIT, member="member_id", by=("by",), texts=("reason",)),
    "oversights": Holding(_D.VOUCHING, account="opened_by", by=("answered_by",), texts=("text",)),
    "oversight_steps": Holding(_D.VOUCHING, account="by", texts=("text",)),
    "outside_proofs": Holding(_D.VOUCHING, account="account_id", texts=("name",)),
    "attendance_sheets": Holding(
        _D.SHEETS,
        by=("confirmed_by",),
        walked=("content",),
        plain=("why",),
        exported=False,
        why=_SHARED[0],
        why_en=_SHARED[1],
    ),
    "answers": Holding(
        _D.ANSWERS,
        member="member_id",
        by=("account_id",),
        linked=("command_id",),
        texts=("reason",),
        walked=("choice", "turns"),
        asked="quiz_id",
    ),
    "paper_hand_ins": Holding(_D.ANSWERS, member="member_id", by=("account_id",)),
    "quiz_remark_marks": Holding(_D.ANSWERS, member="member_id"),
    "make_up_attempts": Holding(_D.ANSWERS, member="member_id", keyed=("paper",)),
    "make_up_marks": Holding(_D.ANSWERS, member="member_id", withheld=("right",)),
    "check_answers": Holding(_D.ANSWERS, member="member_id", by=("account_id",), linked=("command_id",)),
    # -- what was said ----------------------------------------------------------------------------------------
    "chat_lines": Holding(
        _D.TALK, account="account_id", by=("decided_by",), linked=("speaker_id",), names=("name",), texts=("text",)
    ),
    "talk_mutes": Holding(
        _D.TALK, account="account_id", by=("by",), linked=("speaker_id",), names=("name",), texts=("reason",)
    ),
    "hands": Holding(
        _D.TALK,
        account="account_id",
        by=("ended_by",),
        linked=("speaker_id", "former", "active_key", "open_key"),
        names=("name",),
        texts=("topic",),
    ),
    "helps": Holding(
        _D.TALK,
        account="account_id",
        linked=("caller_key",),
        names=("name",),
        by_names=("answered_by", "closed_by"),
        texts=("text", "answer"),
    ),
    "inquiries": Holding(
        _D.INQUIRIES,
        member="member_id",
        account="account_id",
        names=("name",),
        texts=("text",),
        plain=("unit_name", "answer"),
    ),
    "inquiry_votes": Holding(_D.INQUIRIES, member="member_id"),
    "deliveries": Holding(_D.NOTICES, member="member_id", plain=("claimed_by",)),
    "letters": Holding(_D.NOTICES, member="member_id", account="account_id", plain=("topic",)),
    # -- what people did for lessons --------------------------------------------------------------------------
    "lessons": Holding(
        _D.TEACHING, by=("lecturer_id",), walked=("guest", "clip", "talkbacks"), plain=("group_name",), exported=False
    ),
    "lesson_series": Holding(_D.TEACHING, by=("created_by",), exported=False),
    "programmes": Holding(_D.TEACHING, walked=("cut", "standby"), exported=False),
    "quizzes": Holding(
        _D.TEACHING, by=("launched_by",), plain=("text", "reopen_reason"), walked=("outcome",), exported=False
    ),
    "opinion_rulings": Holding(_D.TEACHING, by=("by",), linked=("text_id",), exported=False),
    "papers": Holding(_D.TEACHING, by=("created_by",), plain=("name",), exported=False),
    "paper_draws": Holding(_D.TEACHING, by=("by",), exported=False),
    "paper_runs": Holding(_D.TEACHING, by=("launched_by",), plain=("name",), exported=False),
    "planned_launches": Holding(_D.TEACHING, by=("planned_by",), exported=False),
    "quiz_remarks": Holding(_D.TEACHING, by=("by",), plain=("reason",), exported=False),
    "bank_questions": Holding(_D.TEACHING, by=("retired_by",), plain=("text",), exported=False),
    "bank_versions": Holding(_D.TEACHING, by=("created_by",), exported=False),
    "bank_tags": Holding(_D.TEACHING, exported=False),
    "questions": Holding(_D.TEACHING, plain=("text",), exported=False),
    "chapters": Holding(_D.TEACHING, by=("marked_by",), exported=False),
    "told_chapters": _house("title"),
    "materials": Holding(_D.TEACHING, account="account_id", by_names=("created_by",), plain=("name",)),
    "micro_videos": Holding(_D.TEACHING, account="account_id", by_names=("created_by",), plain=("title",)),
    "micro_questions": _house("text", "options", "explanation"),
    "uploads": Holding(_D.WORK, account="account_id"),
    "question_pictures": Holding(_D.WORK, account="account_id"),
    "recordings": Holding(
        _D.TEACHING,
        exported=False,
        why="录像中的声音与画面不能按人抹去；只能整段保留或整段删除",
        why_en="voices and faces can't be taken out of a recording one by one; it is kept or deleted as a whole",
    ),
    "word_lists": Holding(_D.HOUSE, by=("changed_by",)),
    "roll_calls": Holding(_D.TEACHING, by_names=("started_by",), exported=False),
    "roll_entries": Holding(_D.TEACHING, by_names=("decided_by",), plain=("name",), exported=False),
    "notices": Holding(_D.TEACHING, by_names=("sent_by",), plain=("text",), exported=False),
    "preflights": Holding(
        _D.TEACHING,
        by=("account_id",),
        by_names=("signed_by",),
        plain=("device", "client", "reason"),
        exported=False,
        why=_VENUE[0],
        why_en=_VENUE[1],
    ),
    "failovers": Holding(_D.TEACHING, by_names=("by", "undone_by"), exported=False),
    "venue_keys": Holding(
        _D.TEACHING,
        by=("account_id",),
        by_names=("by", "revoked_by"),
        secrets=("digest",),
        exported=False,
    ),
    "lesson_events": Holding(
        _D.LESSON_LOG,
        by=("actor",),
        walked=("data",),
        exported=False,
        why=_TOLD[0],
        why_en=_TOLD[1],
    ),
    "audit_lines": Holding(
        _D.AUDIT,
        account="actor",
        secrets=("detail", "salt"),
        kept=("address", "login"),
        why=_AUDITED[0],
        why_en=_AUDITED[1],
    ),
    # -- work in the background -------------------------------------------------------------------------------
    "commands": Holding(
        _D.WORK, account="actor", secrets=("result",), exported=False, why=_TOLD[0], why_en=_TOLD[1], fate=Fate.DELETE
    ),
    "roster_imports": Holding(
        _D.WORK,
        by=("account_id", "applied_by"),
        by_names=("created_by",),
        walked=("report",),
        secrets=("content",),
        exported=False,
        why=_OTHERS[0],
        why_en=_OTHERS[1],
    ),
    "jobs": Holding(_D.WORK, account="account_id"),
    "exports": Holding(_D.WORK, account="account_id", by_names=("created_by",)),
    "sheet_bundles": Holding(_D.WORK, account="account_id", by_names=("created_by",), secrets=("content",)),
    "audit_checks": Holding(_D.WORK, account="account_id", by_names=("created_by",)),
    "data_exports": Holding(
        _D.PRIVACY,
        account="account_id",
        by=("asked_by",),
        by_names=("created_by",),
        texts=("reason",),
        secrets=("content",),
    ),
    "erasures": Holding(
        _D.PRIVACY,
        account="account_id",
        by=("asked_by", "decided_by"),
        linked=("open_key",),
        texts=("note",),
        kept=("reason",),
        why="注销的依据由作出决定的人负责",
        why_en="the grounds of an erasure are answered for by whoever decided it",
    ),
    "legal_holds": Holding(_D.PRIVACY, account="account_id", by=("set_by", "lifted_by"), texts=("reason",)),
    # -- the house --------------------------------------------------------------------------------------------
    "venue_devices": _house("account_id", "name", "browser", by=("paired_by", "revoked_by")),
    "venue_changes": _house("facts", by=("actor",)),
    "pairings": _house("browser", "address", "device_id"),
    "retention_rules": _house(by=("set_by",)),
    "keep_rules": _house("reason", by=("set_by",)),
    "recording_moves": _house(),
    "keep_kinds": _house("reason", by=("set_by",)),
    "kept_recordings": _house("reason", "why", by=("set_by", "deleted_by")),
    "retention_sweeps": _house(),
    "units": _house("name"),
    "unit_names": _house("name"),
    "unit_rules": _house(),
    "unit_assignments": _house(),
    "placements": _house(),
    "venues": _house("name", "notes", "shares_device"),
    "lesson_venues": _house("name"),
    "alarms": _house(),
    "courses": _house("note"),
    "kind_rules": _house(),
    "credit_rules": _house("name", by=("made_by",)),
    "year_lists": _house(by=("confirmed_by",)),
    "year_rules": _house("name", by=("made_by",)),
    "ledger_heads": _house("name"),
    "ledger_days": _house(),
    "check_plans": _house(),
    "presence_checks": _house(),
    "inquiry_desks": _house("names"),
    "chat_settings": _house(),
    "notice_receipts": _house(),
    "slide_turns": _house(),
    "waves": _house("members"),
    "channel_claims": _house(),
    "outages": _house(),
    "pulses": _house("name"),
    "runners": _house("name"),
}
