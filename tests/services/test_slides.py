"""Slides on stage: who turns, who hears, what is kept for the replay, and what members may look at."""

import dataclasses
import datetime as dt

import pytest

from server.domain.lessons import LessonStep
from server.domain.materials import Material, MaterialKind, MaterialState, Release
from server.services.chapters import list_chapters
from server.services.lessons import move_lesson
from server.services.materials import delete_material, list_materials, reached_page
from server.services.slides import close_slides, list_turns, open_slides, turn_slides
from server.services.stage import see_stage
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

TITLES = ["火灾", "急救", ""]


class PlainPages:
    def sign_page(self, grant):
        return f"{'all' if grant.whole else 'shown'}.{grant.account_id}"


async def add_deck(stage, **changes):
    lecturer = await stage.who("lecturer")
    deck = Material(
        command_id(),
        stage.lesson_id,
        MaterialKind.SLIDES,
        "消防课件",
        MaterialState.READY,
        Release.STAFF,
        lecturer.account_id,
        "讲师",
        NOW,
        result={"pages": 3, "titles": TITLES, "sizes": [[1920, 1080]] * 3},
    )
    deck = dataclasses.replace(deck, **changes)
    await stage.records.write(lambda tx: tx.materials.put(deck))
    return deck


async def show(stage, deck, page=1, *, by="lecturer", now=NOW, command=None):
    who = await stage.who(by)
    shown = await open_slides(
        stage.house, who, stage.lesson_id, command or command_id(), material_id=deck.id, page=page, now=now
    )
    return shown.slides


async def turn(stage, deck, page, *, by="lecturer", now=NOW, command=None):
    who = await stage.who(by)
    turned = await turn_slides(
        stage.house, who, stage.lesson_id, command or command_id(), material_id=deck.id, page=page, now=now
    )
    return turned.slides


async def put_away(stage, *, by="lecturer", now=NOW):
    return await close_slides(stage.house, await stage.who(by), stage.lesson_id, command_id(), now)


async def listed(stage, by="10001"):
    return await list_materials(stage.house, PlainPages(), await stage.who(by), stage.lesson_id, NOW)


async def told(stage):
    return [event for event in await stage.events() if event.kind.startswith("slides.")]


async def test_a_deck_is_opened_turned_and_put_away_before_everybody(opened):
    deck = await add_deck(opened)
    assert (await show(opened, deck)).page == 1
    assert ((await turn(opened, deck, 3)).page, (await turn(opened, deck, 2)).reached) == (3, 3)
    stage = await see_stage(opened.house, await opened.who("10001"), opened.lesson_id, NOW)
    assert (stage.slides.material_id, stage.slides.page, stage.slides.pages) == (deck.id, 2, 3)
    assert (await put_away(opened)).slides is None
    assert (await see_stage(opened.house, await opened.who("10001"), opened.lesson_id, NOW)).slides is None
    assert [(one.kind, one.audience) for one in await told(opened)] == [
        *(("slides.opened", "everyone"), ("slides.turned", "everyone")),
        *(("slides.turned", "everyone"), ("slides.closed", "everyone")),
    ]
    turns = await list_turns(opened.records, await opened.who("10001"), opened.lesson_id, NOW)
    assert [(one.material_id, one.page) for one in turns] == [(deck.id, 1), (deck.id, 3), (deck.id, 2), (None, 0)]


async def test_a_deck_comes_back_where_it_was_and_another_one_at_its_beginning(opened):
    deck, other = await add_deck(opened), await add_deck(opened)
    await show(opened, deck, 1)
    await turn(opened, deck, 3)
    await put_away(opened)
    assert (await show(opened, other, None)).page == 1
    assert (await show(opened, deck, None)).page == 3
    assert [one.data["page"] for one in await told(opened) if one.kind == "slides.opened"] == [1, 1, 3]


async def test_a_turn_sent_twice_or_to_where_it_stands_is_told_once(opened):
    deck = await add_deck(opened)
    command = command_id()
    for _ in range(2):
        await show(opened, deck, command=command)
    await show(opened, deck)
    for _ in range(2):
        await turn(opened, deck, 2)
    assert [one.kind for one in await told(opened)] == ["slides.opened", "slides.turned"]
    assert await refused(turn(opened, deck, 3, command=command)) == "command_reused"


@pytest.mark.parametrize("by", ["10001", "venue1", "secretary"])
async def test_only_who_runs_the_lesson_turns(opened, by):
    deck = await add_deck(opened)
    await show(opened, deck)
    assert await refused(show(opened, deck, by=by)) == "forbidden"
    assert await refused(turn(opened, deck, 2, by=by)) == "forbidden"
    assert await refused(put_away(opened, by=by)) == "forbidden"
    assert (await turn(opened, deck, 2, by="director")).page == 2


async def test_what_cannot_be_shown_is_refused_and_changes_nothing(opened):
    deck = await add_deck(opened)
    handout = await add_deck(opened, kind=MaterialKind.HANDOUT)
    waiting = await add_deck(opened, state=MaterialState.CONVERTING, result=None)
    assert await refused(turn(opened, deck, 1)) == "slides_closed"
    assert await refused(show(opened, handout)) == "material_not_found"
    assert await refused(show(opened, waiting)) == "material_not_ready"
    assert await refused(show(opened, deck, 4)) == "page_unknown"
    assert await told(opened) == []
    await show(opened, deck)
    assert await refused(turn(opened, deck, 4)) == "page_unknown"
    lecturer = await opened.who("lecturer")
    assert await refused(delete_material(opened.house, lecturer, deck.id, NOW)) == "material_on_stage"


async def test_nothing_is_shown_when_the_lesson_is_not_on_the_air(stage):
    deck = await add_deck(stage)
    assert await refused(show(stage, deck)) == "lesson_not_on_air"


async def test_members_look_at_what_was_shown_and_no_further(opened):
    deck = await add_deck(opened)
    assert await listed(opened) == ()
    await show(opened, deck, 1)
    assert [one.titles for one in await listed(opened)] == [("火灾", "", "")], "what is to come is not told either"
    await turn(opened, deck, 2)
    (seen,) = await listed(opened)
    assert (seen.whole, seen.reached, seen.base.split("/")[3][:6]) == (False, 2, "shown.")
    assert seen.titles == ("火灾", "急救", "")
    assert await reached_page(opened.records, deck.id) == 2
    await put_away(opened)
    assert [one.id for one in await listed(opened)] == [deck.id]  # back at their own pace
    (prepared,) = await listed(opened, "lecturer")
    assert (prepared.whole, prepared.base.split("/")[3][:4]) == (True, "all.")


async def test_the_end_of_the_lesson_clears_the_stage_and_the_replay_gets_its_chapters(live):
    began = (await live.lesson()).live_at
    deck = await add_deck(live)
    await show(live, deck, now=began + dt.timedelta(seconds=1))
    await turn(live, deck, 2, now=began + dt.timedelta(seconds=100))
    await turn(live, deck, 3, now=began + dt.timedelta(seconds=200))
    later = began + dt.timedelta(seconds=300)
    who = await live.who("director")
    await move_lesson(live.house, who, live.lesson_id, command_id(), step=LessonStep.END, now=later)
    assert (await told(live))[-1].kind == "slides.closed"
    chapters = await list_chapters(live.records, who, live.lesson_id, later)
    assert [(one.title, (one.at - began).seconds) for one in chapters] == [("火灾", 1), ("急救", 100)]
    assert await refused(show(live, deck)) == "lesson_not_on_air"
