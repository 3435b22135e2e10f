"""A quiz whose last answer before closing counts: which answer stands, and what each command made."""

from __future__ import annotations

from dataclasses import replace

from server.domain.quiz import MOST_TURNS, Answer, Turn


def all_turns(answer: Answer) -> tuple[Turn, ...]:
    """The only one, where it was never changed."""
    return answer.turns or (Turn(answer.command_id, answer.nth, answer.choice, answer.received_at, answer.round),)


def turn_of(answer: Answer, command_id: str) -> Turn | None:
    """What the command made, also when another answer has taken its place; None when it made nothing."""
    return next((turn for turn in all_turns(answer) if turn.command_id == command_id), None)


def after(standing: Answer, new: Answer, *, rolling: bool = False) -> Answer:
    """What stands when ``new`` has come. It takes the place only when the member counts it as later: one that was on
    its way for long never overwrites what came after it, and a command that made an answer makes no other. After
    ``MOST_TURNS`` the last one stays; ``rolling`` (a paper, where each mark is saved by itself): the oldest but the
    first falls out.
    """
    turns = all_turns(standing)
    if turn_of(standing, new.command_id) is not None or new.nth <= standing.nth:
        return standing
    if len(turns) >= MOST_TURNS:
        if not rolling:
            return standing
        turns = (turns[0], *turns[2:])
    return replace(new, command_id=standing.command_id, turns=(*turns, *all_turns(new)))
