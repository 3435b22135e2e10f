"""Which venue shows six digits: reckoned once per slot, and never more to guess at than allowed."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.refusals import Refusal
from server.domain.sign_ins import CODE_SLOT, CODES_REMEMBERED, MOST_VENUES_TO_TYPE, Claim, slot_at
from server.seals import SignInSeal
from server.services import typed_codes
from server.services.typed_codes import CodeBook
from tests.store.samples import NOW

SEAL = SignInSeal(b"k" * 32)
LESSON = str(uuid.UUID(int=1))


class Counting:
    """The seal, and how often it was asked for digits; ``few``: so many codes that venues share them."""

    def __init__(self, few=None):
        self.asked, self._few = 0, few

    def digits(self, lesson_id, claim):
        self.asked += 1
        digits = SEAL.digits(lesson_id, claim)
        return digits if self._few is None else f"{int(digits) % self._few:06}"


def venues(count):
    return tuple(str(uuid.UUID(int=n + 100)) for n in range(count))


async def placed(book, signer, code, *, among, own=None, elsewhere=False, now=NOW, lesson_id=LESSON):
    async def known():
        return among

    found = await book.venue(signer, lesson_id, code, own=own, elsewhere=elsewhere, venues=known, now=now)
    return found.code if isinstance(found, Refusal) else found


def code_of(venue, back=0, signer=SEAL):
    return signer.digits(LESSON, Claim(venue, slot_at(NOW, CODE_SLOT) - back))


@pytest.mark.parametrize(
    ("back", "found"),
    [(0, None), (1, None), (2, "sign_in_code_expired"), (CODES_REMEMBERED, "sign_in_code_expired"), (-1, "wrong")],
)
async def test_the_present_code_and_the_one_before_count(back, found):
    among = venues(20)
    expected = {None: among[7], "wrong": "sign_in_code_wrong"}.get(found, found)
    assert await placed(CodeBook(), SEAL, code_of(among[7], back), among=among) == expected


async def test_a_slot_is_reckoned_once_however_many_type():
    book, signer, among = CodeBook(), Counting(), venues(MOST_VENUES_TO_TYPE)
    for n in range(500):
        await placed(book, signer, f"{n:06}", among=among)
    assert signer.asked == len(among) * (CODES_REMEMBERED + 1)
    later = NOW + CODE_SLOT
    await placed(book, signer, "000000", among=among, now=later)
    assert signer.asked == len(among) * (CODES_REMEMBERED + 2)


async def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(typed_codes, "MOST_LESSONS", 3)
    book = CodeBook()
    for n in range(10):
        for minute in range(60):
            now = NOW + minute * dt.timedelta(minutes=1)
            await placed(book, SEAL, "000000", among=venues(2), now=now, lesson_id=str(uuid.UUID(int=n)))
    assert len(book._lessons) == 3
    assert all(len(pages.by_slot) <= CODES_REMEMBERED + 2 for pages in book._lessons.values())


@given(st.integers(1, 30), st.integers(0, 29), st.integers(0, 11), st.booleans())
async def test_the_book_says_what_looking_at_every_screen_says(count, at, back, own_first):
    few = Counting(few=7)
    among = venues(count)
    venue = among[at % count]
    code = code_of(venue, back, few)
    slots = [slot_at(NOW, CODE_SLOT) - n for n in range(CODES_REMEMBERED + 1)]
    showing = [[v for v in among if few.digits(LESSON, Claim(v, slot)) == code] for slot in slots]
    found = await placed(CodeBook(), few, code, among=among, own=venue if own_first else None)
    if showing[0] or showing[1]:
        assert found in {*showing[0], *showing[1]}
    else:
        assert found == ("sign_in_code_expired" if any(showing) else "sign_in_code_wrong")


async def test_of_two_venues_with_the_same_code_the_own_one_is_meant():
    one = Counting(few=1)
    among = venues(5)
    assert await placed(CodeBook(), one, "000000", among=among, own=among[3]) == among[3]


async def test_among_very_many_venues_only_the_own_ones_digits_count():
    among = venues(MOST_VENUES_TO_TYPE + 1)
    book, signer = CodeBook(), Counting()
    assert await placed(book, signer, code_of(among[3]), among=among, own=among[3]) == among[3]
    assert await placed(book, signer, code_of(among[4]), among=among, own=among[3]) == "sign_in_code_wrong"
    for nowhere in ({"own": None}, {"own": among[3], "elsewhere": True}):
        with pytest.raises(Refusal, match="scan_needed"):
            await placed(book, signer, code_of(among[4]), among=among, **nowhere)
    assert signer.asked <= 2 * (CODES_REMEMBERED + 1)
