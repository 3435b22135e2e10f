"""A command that changes something is done once, however often its client sends it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter

from server.domain.access import Principal
from server.services.records import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Command:
    """``id`` is the client's own UUID; ``name`` and ``body`` are what it asks, JSON types only."""

    id: str
    actor: str
    name: str
    body: Mapping[str, Any]

    @property
    def digest(self) -> str:
        text = json.dumps([self.name, self.body], sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def command(principal: Principal, command_id: str, name: str, **body: object) -> Command:
    return Command(command_id, principal.account_id, name, body)


def once(tx: Transaction, asked: Command, now: dt.datetime, shape: TypeAdapter[T], do: Callable[[], T]) -> T:
    """``do()``, or the result that the same command had before. Raises ``command_reused``.

    A refusal inside ``do`` rolls the claim back too: the command may be tried again.
    """
    before = tx.commands.begin(asked.id, asked.actor, asked.digest, now)
    if before is not None:
        return shape.validate_json(before)
    result = do()
    tx.commands.finish(asked.id, shape.dump_json(result).decode())
    return result
