"""Statements are compiled once for all databases of a session.

An engine keeps what it compiled, as a server that runs for months does. Tests open engines of their own, hundreds of
them, and compiled the same statements hundreds of times: a third of what such a test cost. Here engines of one dialect
share what any of them compiled.
"""

import weakref
from collections import defaultdict
from collections.abc import MutableMapping

from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

STATEMENTS = 4000
"""More than there are in the whole house, in both dialects."""

_compiled: LRUCache = LRUCache(STATEMENTS)
_types: dict[tuple[object, ...], MutableMapping] = defaultdict(weakref.WeakKeyDictionary)


def share() -> None:
    """For every engine made from now on, until the process ends. Idempotent."""
    DefaultDialect.__eq__ = _equal  # a dialect is part of a statement's key
    DefaultDialect.__hash__ = _hash
    DefaultDialect._type_memos = property(lambda dialect: _types[_identity(dialect)])
    Engine._compiled_cache = property(lambda engine: _compiled, lambda engine, own: None)


def _identity(dialect: Dialect) -> tuple[object, ...]:
    """Every test has one SQLite and one PostgreSQL. How JSON is written is an engine's own, and what is compiled has it
    inside; nothing else tells two dialects of a class apart.
    """
    json = (getattr(dialect, name, None) for name in ("_json_serializer", "_json_deserializer"))
    return type(dialect), dialect.paramstyle, *json


def _equal(one: Dialect, other: object) -> bool:
    return isinstance(other, DefaultDialect) and _identity(one) == _identity(other)


def _hash(dialect: Dialect) -> int:
    return hash(_identity(dialect))
