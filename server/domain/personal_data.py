"""What a table holds of people: its data class, whose a row is, and what an erasure leaves of each column.

The inventory itself is :data:`server.domain.personal_inventory.INVENTORY`; a test holds it against the schema, so that
a new table or a new column that may speak of a person cannot be forgotten.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class DataClass(enum.StrEnum):
    IDENTITY = "identity"
    ACCESS = "access"
    LOGIN_TRACES = "login_traces"
    CONSENT = "consent"
    ATTENDANCE = "attendance"
    EVIDENCE = "evidence"
    PRESENCE = "presence"
    VOUCHING = "vouching"
    CREDIT = "credit"
    SHEETS = "sheets"
    ANSWERS = "answers"
    TALK = "talk"
    INQUIRIES = "inquiries"
    NOTICES = "notices"
    TEACHING = "teaching"
    LESSON_LOG = "lesson_log"
    AUDIT = "audit"
    WORK = "work"
    PRIVACY = "privacy"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Wording:
    title: str
    title_en: str
    about: str
    about_en: str


WORDS: dict[DataClass, Wording] = {
    DataClass.IDENTITY: Wording(
        "身份与组织关系", "Identity", "姓名、电话、所在支部、类别、借调", "name, phone, unit, kind"
    ),
    DataClass.ACCESS: Wording("账号与权限", "Account", "账号、角色、登录凭据、动态口令", "account, roles, credentials"),
    DataClass.LOGIN_TRACES: Wording(
        "登录痕迹", "Login traces", "登录设备与地址、失败的登录", "devices and addresses of logins, failed logins"
    ),
    DataClass.CONSENT: Wording("同意记录", "Consent", "同意了哪一版、何时、从哪里", "which version, when, from where"),
    DataClass.ATTENDANCE: Wording("应到与签到", "Attendance", "应到名单、签到、会场", "rosters, sign-ins, places"),
    DataClass.EVIDENCE: Wording(
        "签到佐证", "Evidence of sign-ins", "签到时的地址、设备与疑点", "addresses, devices and doubts of sign-ins"
    ),
    DataClass.PRESENCE: Wording("在线时段", "Presence", "观看与在线的时段", "when somebody was there or watched"),
    DataClass.VOUCHING: Wording(
        "请假、更正与复核",
        "Leave and corrections",
        "请假、更正、复核的事由，督办与答复",
        "reasons of leaves, corrections and reviews, overseen items",
    ),
    DataClass.CREDIT: Wording("学时账", "Credit", "核定结论与学时明细", "verdicts and the credit ledger"),
    DataClass.SHEETS: Wording("签到表", "Sign-in sheets", "支部确认的签到表", "sheets that branches confirmed"),
    DataClass.ANSWERS: Wording("测验与随机确认", "Answers", "作答与随机确认", "answers to quizzes and presence checks"),
    DataClass.TALK: Wording("互动", "Talk", "聊天、举手、求助", "chat, hands, calls for help"),
    DataClass.INQUIRIES: Wording("提问", "Inquiries", "向讲师的提问与附议", "questions to the lecturer, votes"),
    DataClass.NOTICES: Wording("通知", "Notices", "课程通知的发送记录", "notices that were sent"),
    DataClass.TEACHING: Wording(
        "教学资料", "Teaching", "课程、课件、题目、录像", "lessons, papers, questions, recordings"
    ),
    DataClass.LESSON_LOG: Wording("课程日志", "Lesson log", "一场课中发生的事", "what happened in a lesson"),
    DataClass.AUDIT: Wording("审计日志", "Audit log", "谁做了什么", "who did what"),
    DataClass.WORK: Wording(
        "后台任务", "Background work", "导入、转换、核查的记录", "imports, conversions, verifications"
    ),
    DataClass.PRIVACY: Wording(
        "数据保护记录", "Data protection", "导出、注销申请、保全", "exports, requests for erasure, legal holds"
    ),
    DataClass.HOUSE: Wording(
        "不含个人信息", "No person", "规则、会场、系统状态", "rules, venues, states of the system"
    ),
}


class Fate(enum.StrEnum):
    """What an erasure does with a person's rows."""

    KEEP = "keep"  # emptied of what is personal; what is left hangs on a pseudonym
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Holding:
    """One table.

    ``member``, ``account``, ``number``: the columns that make a row a person's own. Without one, no row is anybody's.
    ``by``: ids of who acted on it, which lead to a pseudonym in future; ``linked``: other keys that lead there.
    ``names``: copies of the own name, ``by_names``: of the name of who acted; both become the pseudonym.
    ``texts``: free words by or about the person, emptied. ``traces``: addresses, devices, phones; emptied.
    ``secrets``: what is given out to nobody; emptied. ``walked``: JSON in which names and words stand among others.
    ``plain``: looks like a person's and is none. ``kept``: columns that stay as they are, ``why`` they do.
    ``exported``: whether the person is given the rows; ``why`` not. ``withheld``: columns that say what is right and
    are not given out, since it may still be asked; ``keyed``: JSON of questions, given out without their keys;
    ``asked``: the column that leads to a quiz, and the row is given out once that is closed.
    """

    kind: DataClass
    member: str = ""
    account: str = ""
    number: str = ""
    by: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    by_names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    walked: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    why: str = ""
    why_en: str = ""
    exported: bool = True
    withheld: tuple[str, ...] = ()
    keyed: tuple[str, ...] = ()
    asked: str = ""
    fate: Fate = Fate.KEEP

    @property
    def personal(self) -> bool:
        """Whether rows are somebody's own."""
        return bool(self.member or self.account or self.number)

    @property
    def given_out(self) -> bool:
        return self.personal and self.exported

    @property
    def named(self) -> frozenset[str]:
        """Every column that this speaks of."""
        groups = (self.by, self.linked, self.names, self.by_names, self.texts, self.traces, self.secrets, self.walked)
        others = {*self.plain, *self.kept, *self.withheld, *self.keyed, self.asked}
        return frozenset({self.member, self.account, self.number}.union(others, *groups)) - {""}


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data it is. ``member_id`` None: staff that is on no roster."""

    account_id: str
    member_id: str | None
    number: str
    name: str

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(each for each in (self.account_id, self.member_id) if each)
