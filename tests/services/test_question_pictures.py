"""Pictures of questions from the file to whoever is asked, on both databases."""

import datetime as dt
from dataclasses import replace

import pytest

from server.converting import picture
from server.domain.bank import BankKind, Content
from server.domain.question_pictures import LOOSE_STAYS, Picture, PictureSize
from server.domain.quiz import Terms
from server.domain.quiz_clock import Moment
from server.domain.refusals import Refusal
from server.domain.scoring import Scoring
from server.picturefiles import FolderPictureFiles
from server.services import question_pictures as pictures
from server.services.bank import add_to_bank, edit_bank, see_versions
from server.services.demo import demo_id
from server.services.question_pictures import PicturePlace, bring_picture
from server.services.questions import (
    QuestionChange,
    QuestionPlan,
    add_question,
    change_question,
    remove_question,
    take_from_bank,
)
from server.services.quiz_launches import launch_quiz
from tests.converting import photos
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

BRANCH, BESIDE = "综合党支部", "财务党支部"
ASKED = Content(BankKind.SINGLE, "图中是哪一种灭火器？", ("干粉", "二氧化碳"), (0,), scoring=Scoring.EXACT)
PLAN = QuestionPlan(BankKind.SINGLE, "图中是哪一种灭火器？", ("干粉", "二氧化碳"), (0,))
RED, GREEN = photos.png(colour=(200, 30, 30, 255)), photos.png(colour=(30, 160, 30, 255))


async def craft(source, into, progress):
    """Without its cage, whose own tests are tests/converting."""
    try:
        return picture.convert(source, into, progress)
    except picture.Refused as refused_by_it:
        raise Refusal(str(refused_by_it)) from None


class Desk:
    """The house with a folder of pictures, and short words."""

    def __init__(self, stage, folder):
        stage.house = replace(stage.house, question_pictures=FolderPictureFiles(folder, least_free_bytes=0))
        self.stage, self.house, self.records, self.folder = stage, stage.house, stage.records, folder

    async def bring(self, content=RED, by="secretary", *, command=None, unit=BRANCH, lesson=None, now=NOW):
        place = PicturePlace(demo_id(unit) if unit else None, lesson)
        who = await self.stage.who(by)
        return await bring_picture(
            self.house, craft, who, command or command_id(), place=place, content=content, now=now
        )

    async def add(self, shown=None, by="secretary", content=ASKED):
        named = None if shown is None else Picture(shown.sha256, "红色的干粉灭火器")
        who = await self.stage.who(by)
        content = replace(content, picture=named)
        return await add_to_bank(self.records, who, command_id(), unit_id=demo_id(BRANCH), content=content, now=NOW)

    async def edit(self, one, content, by="secretary"):
        who = await self.stage.who(by)
        return await edit_bank(self.records, who, one.id, command_id(), content=content, version=one.version, now=NOW)

    async def prepare(self, shown, by="admin"):
        who, named = await self.stage.who(by), Picture(shown.sha256, "红色的干粉灭火器")
        plan = replace(PLAN, picture=named)
        return await add_question(self.records, who, self.stage.lesson_id, command_id(), plan=plan, now=NOW)

    async def take(self, *ids):
        who = await self.stage.who("admin")
        return await take_from_bank(self.records, who, self.stage.lesson_id, command_id(), bank_ids=ids, now=NOW)

    async def change(self, question, **change):
        who, change = await self.stage.who("admin"), QuestionChange(**change)
        return await change_question(self.records, who, question.id, change, version=question.version, now=NOW)

    async def launch(self, question):
        return await launch_quiz(
            *(self.house, await self.stage.who("director"), self.stage.lesson_id, command_id()),
            question_id=question.id,
            terms=Terms(),
            now=Moment(NOW, 0),
        )

    async def sweep(self, after=LOOSE_STAYS + dt.timedelta(hours=1)):
        return await pictures.forget_loose_pictures(self.house, NOW + after)

    def there(self):
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def desk(stage, tmp_path):
    return Desk(stage, tmp_path / "question-pictures")


async def test_a_picture_is_kept_once_whoever_brings_it_and_however_often(desk):
    command = command_id()
    one = await desk.bring(command=command)
    assert await desk.bring(command=command) == one
    assert await desk.bring(by="admin") == one
    assert (one.width, one.height) == (64, 48)
    assert desk.there() == {one.sha256}
    for size in PictureSize:
        path = await desk.house.question_pictures.file(one.sha256, size)
        assert photos.pixels_of(path.read_bytes()).shape == (48, 64, 3)
    assert await refused(desk.bring(GREEN, command=command)) == "command_reused"


async def test_only_who_may_edit_a_question_there_brings_a_picture(desk):
    lesson = desk.stage.lesson_id
    for by in ("10001", "auditor", "venue1"):
        assert await refused(desk.bring(by=by)) == "forbidden"
        assert await refused(desk.bring(by=by, unit=None, lesson=lesson)) in {"forbidden", "lesson_not_found"}
    assert await refused(desk.bring(unit=BESIDE)) == "unit_not_found"
    assert await refused(desk.bring(unit=None)) == "invalid_body"
    assert (await desk.bring(by="lecturer", unit=None, lesson=lesson)).width == 64
    assert len(desk.there()) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ" + bytes(200), "picture_type_wrong"),
        (photos.MOVING_PNG, "picture_moves"),
        (photos.BOMB, "picture_dimensions"),
        (photos.png(rows=b""), "picture_broken"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_refused_file_leaves_nothing(desk, content, code):
    assert await refused(desk.bring(content)) == code
    assert not desk.folder.exists()
    assert await refused(desk.add(pictures.BroughtView("ab" * 32, 1, 1, 1))) == "picture_not_found"


async def test_a_digest_alone_gives_nobody_a_picture(desk):
    one = await desk.bring(by="admin")
    assert await refused(desk.add(one)) == "picture_not_found"
    question = await desk.add(one, by="admin")
    assert (question.picture.alt, question.picture.width, question.picture.height) == ("红色的干粉灭火器", 64, 48)
    assert await refused(desk.add(one, by="secretary")) == "picture_not_found"


async def test_words_for_who_does_not_see_it_are_required(desk):
    one = await desk.bring()
    for alt in ("", "  ", "图" * 201):
        assert await refused(desk.edit(await desk.add(), replace(ASKED, picture=Picture(one.sha256, alt)))) == (
            "invalid_body"
        )


async def test_another_picture_is_another_version_and_the_former_keeps_its_own(desk):
    red, green = await desk.bring(), await desk.bring(GREEN)
    one = await desk.add(red)
    two = await desk.edit(one, replace(ASKED, picture=Picture(green.sha256, "绿色的牌子")))
    three = await desk.edit(two, replace(ASKED, picture=Picture(green.sha256, "绿色的安全出口标志")))
    bare = await desk.edit(three, ASKED)
    assert (two.number, three.number, bare.number, bare.picture) == (2, 3, 4, None)
    who = await desk.stage.who("secretary")
    versions = (await see_versions(desk.records, who, one.id, NOW)).items
    assert [each.picture and each.picture.sha256 for each in versions] == [None, *[green.sha256] * 2, red.sha256]
    await desk.sweep()
    assert desk.there() == {red.sha256, green.sha256}
    for each in (red, green):
        await pictures.check_of_bank(desk.records, who, one.id, each.sha256, NOW)
    assert await refused(pictures.check_of_bank(desk.records, who, one.id, "ab" * 32, NOW)) == "picture_not_found"
    nobody = await desk.stage.who("10001")
    assert await refused(pictures.check_of_bank(desk.records, nobody, one.id, red.sha256, NOW)) == "forbidden"


async def test_it_goes_with_its_question_into_the_lesson_and_to_who_is_asked_when_it_is_asked(desk):
    red, green = await desk.bring(), await desk.bring(GREEN, by="admin")
    one = await desk.add(red)
    (taken,) = await desk.take(one.id)
    assert (taken.picture, taken.from_bank) == (one.picture, True)
    member, admin = await desk.stage.who("10001"), await desk.stage.who("admin")
    await pictures.check_of_question(desk.records, admin, taken.id, red.sha256, NOW)
    assert await refused(pictures.check_of_question(desk.records, member, taken.id, red.sha256, NOW)) == "forbidden"
    assert await refused(pictures.check_of_quiz(desk.records, member, taken.id, red.sha256, NOW)) == "quiz_not_found"
    await desk.stage.step("open", "start")
    quiz = await desk.launch(taken)
    assert quiz.picture == one.picture
    await pictures.check_of_quiz(desk.records, member, quiz.id, red.sha256, NOW)
    assert await refused(pictures.check_of_quiz(desk.records, member, quiz.id, green.sha256, NOW)) == (
        "picture_not_found"
    )
    [told] = [event for event in await desk.stage.events() if event.kind == "quiz.launched"]
    assert told.data["picture"]["sha256"] == red.sha256
    changed = await desk.change(taken, picture=Picture(green.sha256, "绿色的牌子"))
    assert (changed.picture.sha256, changed.from_bank) == (green.sha256, False)
    await pictures.check_of_quiz(desk.records, member, quiz.id, red.sha256, NOW)


async def test_a_change_of_something_else_leaves_it_and_it_can_be_taken_away(desk):
    question = await desk.prepare(await desk.bring(by="admin"))
    longer = await desk.change(question, seconds=90)
    assert longer.picture == question.picture
    bare = await desk.change(longer, bare=True)
    assert bare.picture is None
    assert bare.text == question.text


async def test_what_nothing_names_goes_after_a_day_and_nothing_else(desk):
    red, green = await desk.bring(by="admin"), await desk.bring(GREEN, by="admin")
    question = await desk.prepare(red)
    assert await desk.sweep(dt.timedelta(hours=23)) == 0
    assert desk.there() == {red.sha256, green.sha256}
    assert await desk.sweep() == 1
    assert desk.there() == {red.sha256}
    assert await refused(desk.prepare(green)) == "picture_not_found"
    who = await desk.stage.who("admin")
    await remove_question(desk.records, who, question.id, version=question.version, now=NOW)
    assert await desk.sweep() == 1
    assert desk.there() == set()


async def test_what_somebody_brings_while_it_is_swept_up_stays(desk):
    """He writes that he did before he looks for the file; what was set aside comes back."""
    red = await desk.bring()
    later = NOW + LOOSE_STAYS + dt.timedelta(hours=1)
    files = desk.house.question_pictures

    class Slow(FolderPictureFiles):
        async def set_aside(self, sha256):
            await super().set_aside(sha256)
            await desk.bring(now=later)

    house = replace(desk.house, question_pictures=Slow(desk.folder, least_free_bytes=0))
    assert await pictures.forget_loose_pictures(house, later) == 0
    assert (await files.file(red.sha256, PictureSize.PHONE)).is_file()
    assert desk.there() == {red.sha256}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_one_account_brings_so_many_in_a_day(desk, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_A_DAY", 1)
    await desk.bring()
    assert await refused(desk.bring(GREEN)) == "pictures_used"
    await desk.bring(GREEN, now=NOW + LOOSE_STAYS + dt.timedelta(seconds=1))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_says_so_and_the_question_has_none(desk, tmp_path):
    full = FolderPictureFiles(tmp_path / "full", least_free_bytes=1 << 60)
    desk.house = replace(desk.house, question_pictures=full)
    assert await refused(desk.bring()) == "disk_full"
    assert list((tmp_path / "full").iterdir()) == []
