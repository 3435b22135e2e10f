"""Lines of the chat, mutes and listed words on SQLite and PostgreSQL."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.chat import ChatMode, ChatSettings, Line, LineQuery, LineState, Mute
from server.domain.events import EVERYONE, Announcement, Listener
from server.domain.speakers import SpeakerKind
from server.domain.wordlist import WordList
from tests.store.samples import NOW, a_lesson, populate

LINE = Line("c1", "l1", 1, SpeakerKind.MEMBER, "m1", "teacher", "甲", "支部", "好", LineState.WAITING, False, NOW)
SHOWN, WAITING = LineState.SHOWN, LineState.WAITING


@pytest.fixture
async def filled(records):
    def fill(tx):
        populate(tx)
        tx.lessons.add(a_lesson("l1"))
        for n in range(1, 7):
            at = NOW + dt.timedelta(seconds=n)
            tx.chat.add(
                replace(LINE, id=f"c{n}", seq=n, at=at, state=SHOWN if n % 2 else WAITING, speaker_id=f"m{n % 3}")
            )

    await records.write(fill)
    return records


async def seqs(records, *query, limit=10, **more):
    lines = await records.read(lambda tx: tx.chat.listed("l1", LineQuery(*query, **more), limit))
    return [line.seq for line in lines]


async def test_lines_are_listed_by_state_owner_and_place(filled):
    assert await seqs(filled, (SHOWN,)) == [1, 3, 5]
    assert await seqs(filled, (SHOWN,), limit=2) == [3, 5]
    assert await seqs(filled, (SHOWN,), before=5) == [1, 3]
    assert await seqs(filled, (WAITING,), after=2) == [4, 6]
    assert await seqs(filled, (WAITING,), after=0, limit=2) == [2, 4]
    assert await seqs(filled, (SHOWN,), own="m1") == [1, 3, 4, 5]
    assert await filled.read(lambda tx: tx.chat.waiting("l1")) == 3


async def test_a_line_is_kept_whole(filled):
    decided = replace(LINE, state=SHOWN, seq=9, decided_at=NOW, decided_by="teacher", held=True)
    await filled.write(lambda tx: tx.chat.save(decided))
    assert await filled.read(lambda tx: tx.chat.get("c1")) == decided
    assert await filled.read(lambda tx: tx.chat.get("nothing")) is None


async def test_times_and_counts_for_the_pace(filled):
    times = await filled.read(lambda tx: tx.chat.times("l1", "m1", 1))
    assert times == (NOW + dt.timedelta(seconds=4),)
    assert await filled.read(lambda tx: tx.chat.count_since("l1", NOW + dt.timedelta(seconds=4))) == 2


async def test_settings_are_the_first_ones_until_they_are_set(filled):
    assert await filled.read(lambda tx: tx.chat.settings("l1")) == ChatSettings()
    for settings in (ChatSettings(ChatMode.OPEN, 30), ChatSettings(ChatMode.OFF)):
        await filled.write(lambda tx, settings=settings: tx.chat.set("l1", settings))
        assert await filled.read(lambda tx: tx.chat.settings("l1")) == settings


async def test_a_mute_replaces_the_one_before_and_ends(filled):
    first = Mute("l1", "m1", "teacher", "甲", NOW + dt.timedelta(minutes=1), "一", "teacher", NOW)
    second = replace(first, until=NOW + dt.timedelta(minutes=9), reason="二")
    for mute in (first, second):
        await filled.write(lambda tx, mute=mute: tx.mutes.put(mute))
    assert await filled.read(lambda tx: tx.mutes.of("l1", NOW)) == (second,)
    assert await filled.read(lambda tx: tx.mutes.of("l1", second.until)) == ()
    assert await filled.write(lambda tx: tx.mutes.remove("l1", "m1")) == second
    assert await filled.write(lambda tx: tx.mutes.remove("l1", "m1")) is None


async def test_a_word_list_follows_the_version_before(filled):
    one = WordList("b1", ("甲",), 1, "teacher", NOW)
    assert await filled.read(lambda tx: tx.words.get("b1")) == WordList("b1")
    assert await filled.write(lambda tx: tx.words.put(one))
    assert not await filled.write(lambda tx: tx.words.put(one))
    two = replace(one, words=("乙", "丙"), version=2)
    assert await filled.write(lambda tx: tx.words.put(two))
    assert not await filled.write(lambda tx: tx.words.put(two))
    assert await filled.read(lambda tx: tx.words.get("b1")) == two
    assert await filled.read(lambda tx: tx.words.of(["b1", "b2"])) == ("乙", "丙")


async def test_what_is_withdrawn_keeps_its_place_in_the_log(filled):
    listener = Listener("somebody")

    def say(tx):
        return tx.events.append("l1", [Announcement("chat.line", EVERYONE, {"text": "x"})] * 3, NOW, None)

    last = await filled.write(say)
    await filled.write(lambda tx: tx.events.withdraw("l1", last - 1, {"text": ""}))
    read = await filled.read(lambda tx: tx.events.since("l1", 0, listener, 10))
    assert [event.data["text"] for event in read] == ["x", "", "x"]
    newest = await filled.read(lambda tx: tx.events.latest("l1", listener, ["chat"], 2))
    assert [event.seq for event in newest] == [last - 1, last]
    assert await filled.read(lambda tx: tx.events.latest("l1", listener, ["cha"], 2)) == ()
    assert await filled.read(lambda tx: tx.events.beyond("l1", 0, listener, 2))
    assert not await filled.read(lambda tx: tx.events.beyond("l1", 0, listener, 3))
