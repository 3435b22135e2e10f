"""Whether an error of PostgreSQL's driver says that the link is lost, or about to be: the work may be tried again."""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError

_LOST = (OSError, TimeoutError, InterfaceError)


def is_lost(error: BaseException) -> bool:
    """False for an error of the statement itself."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    original = getattr(error, "orig", None)
    return (
        isinstance(error, _LOST) or isinstance(original, OSError) or _is_away(error) or _is_cut_off(original or error)
    )


def _is_away(error: BaseException) -> bool:
    """SQLSTATE class 08 (connection), 57P01–57P03 (the server is going down or coming up)."""
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or getattr(error, "sqlstate", None) or "")
    return state.startswith("08") or state in {"57P01", "57P02", "57P03"}


def _is_cut_off(error: BaseException) -> bool:
    """The server said between two statements that it ends this session: asyncpg then waits for words that never come,
    and refuses the next statement ("cannot switch to state …; another operation (2) is in progress").
    """
    return isinstance(error, asyncpg.InternalClientError) or isinstance(error.__cause__, asyncpg.InternalClientError)
