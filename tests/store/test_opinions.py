"""What is kept of a closed opinion is told anew by one at a time (the race needs PostgreSQL and two processes)."""

from sqlalchemy.dialects import postgresql, sqlite

from server.store.opinions import KEPT_LOCKED


def test_who_tells_anew_what_is_shown_holds_the_quizs_row():
    """As strongly as the UPDATE that follows, and no more: answers' references do not wait for it."""
    assert str(KEPT_LOCKED.compile(dialect=postgresql.dialect())).endswith("FOR NO KEY UPDATE")
    assert "FOR" not in str(KEPT_LOCKED.compile(dialect=sqlite.dialect()))
