"""What an answer says, by kind, what it is worth, and what all of them come to."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.domain.matching import matches, normalised
from server.domain.quiz import MOST_OPTIONS, MOST_WORDS, Outcome, Question, QuestionKind, Quiz, UnitOutcome
from server.domain.refusals import Refusal
from server.domain.scoring import FULL, Given, Key, mark
from server.domain.wordlist import INVISIBLE

LONGEST_TEXT = 200
"""Of a blank, and of an opinion."""
LONGEST_WORD = 20
"""Of a word cloud."""
MOST_PARTS = MOST_OPTIONS
"""Of one answer, whatever its kind."""


def choice_of(quiz: Quiz | Question, given: Sequence[str]) -> tuple[str, ...]:
    """An answer as it is kept. Choices: option ids, in the order of the options. Ordering: all of them, in the given
    order. Fill-in: what is written, a text for each blank, "" for none. Opinion: its text. Word cloud: its words.

    Raises ``option_unknown``, or ``invalid_body`` where it is not of this form.
    """
    kind = quiz.kind
    if kind is QuestionKind.FILL_IN:
        return _blanks(given, len(quiz.blanks))
    if kind is QuestionKind.OPINION:
        return _opinion(given)
    if kind is QuestionKind.WORD_CLOUD:
        return _words(given)
    wanted, known = set(given), [option.id for option in quiz.options]
    if not wanted <= set(known):
        raise Refusal("option_unknown")
    if not wanted or len(wanted) < len(given):
        raise Refusal("invalid_body", "choice: at least one, each once")
    if kind is QuestionKind.ORDERING:
        if len(wanted) < len(known):
            raise Refusal("invalid_body", "choice: every option, in order")
        return tuple(given)
    if kind is not QuestionKind.MULTIPLE and len(wanted) > 1:
        raise Refusal("invalid_body", "choice: exactly one")
    return tuple(option_id for option_id in known if option_id in wanted)


def is_same(quiz: Quiz, choice: Sequence[str], given: Sequence[str]) -> bool:
    """Whether what is given says again what was kept."""
    try:
        return choice_of(quiz, given) == tuple(choice)
    except Refusal:
        return False


def _blanks(given: Sequence[str], count: int) -> tuple[str, ...]:
    texts = tuple(tidied(text) for text in given)
    if len(texts) != count or not any(texts):
        raise Refusal("invalid_body", f"choice: {count} texts, one of them not empty")
    _check_length(texts, LONGEST_TEXT)
    return texts


def _opinion(given: Sequence[str]) -> tuple[str, ...]:
    texts = tuple(tidied(text) for text in given)
    if len(texts) != 1 or not texts[0]:
        raise Refusal("invalid_body", "choice: one text")
    _check_length(texts, LONGEST_TEXT)
    return texts


def _words(given: Sequence[str]) -> tuple[str, ...]:
    """Twice the same counts once."""
    words = {normalised(text): text for text in reversed([tidied(text) for text in given])}
    words.pop("", None)
    if not words or len(given) > MOST_WORDS:
        raise Refusal("invalid_body", f"choice: 1 to {MOST_WORDS} words")
    _check_length(words.values(), LONGEST_WORD)
    return tuple(reversed(words.values()))


def _check_length(texts: Iterable[str], longest: int) -> None:
    if any(len(text) > longest for text in texts):
        raise Refusal("invalid_body", f"choice: {longest} signs at most")


def tidied(text: str) -> str:
    """One line, composed, without what can't be seen."""
    seen = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or (unicodedata.category(char)[0] != "C" and char not in INVISIBLE)
    )
    return " ".join(seen.split())


# ---- what it is worth ------------------------------------------------------------------------------------


def key_of(quiz: Quiz | Question) -> Key:
    return Key(tuple(quiz.correct), quiz.blanks)


def marks_of(quiz: Quiz | Question, choice: Sequence[str]) -> int | None:
    """Hundredths of the question, by its rule; None where nothing is scored. ``choice`` as :func:`choice_of` has it."""
    written = quiz.kind is QuestionKind.FILL_IN
    given = Given(blanks=tuple(choice)) if written else Given(chosen=tuple(choice))
    return mark(quiz.scoring, key_of(quiz), given)


@dataclass(frozen=True, slots=True)
class Counted:
    """Equal answers: how many there are."""

    choice: tuple[str, ...]
    marks: int | None
    count: int


def outcome_of(quiz: Quiz, answers: Iterable[Counted], units: Sequence[UnitOutcome]) -> Outcome:
    """From distinct answers, and what each unit did."""
    distribution = dict.fromkeys(_shown_parts(quiz), 0)
    answered = right = marks = 0
    for each in answers:
        answered += each.count
        right += each.count if each.marks == FULL else 0
        marks += (each.marks or 0) * each.count
        for part in _parts_of(quiz, each.choice):
            distribution[part] += each.count
    return Outcome(answered, right, sum(unit.expected for unit in units), distribution, tuple(units), marks)


def _shown_parts(quiz: Quiz) -> list[str]:
    if quiz.kind is QuestionKind.FILL_IN:
        return [str(place) for place in range(1, len(quiz.blanks) + 1)]
    return [option.id for option in quiz.options]


def _parts_of(quiz: Quiz, choice: Sequence[str]) -> list[str]:
    """Where an answer counts in the distribution."""
    if quiz.kind is QuestionKind.ORDERING:
        return [own for own, right in zip(choice, quiz.correct, strict=False) if own == right]
    if quiz.kind is QuestionKind.FILL_IN:
        filled = zip(choice, quiz.blanks, strict=False)
        return [str(place) for place, (text, accepted) in enumerate(filled, 1) if matches(text, accepted)]
    return [part for part in choice if quiz.options]
