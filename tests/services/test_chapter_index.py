"""The index of told chapters is written in an order in which no erasure that goes on at once is missed."""

import datetime as dt
from types import SimpleNamespace

from server.services.chapter_index import index_chapters
from tests.store.samples import NOW


def test_the_row_of_the_recording_is_held_before_the_log_is_read():
    """On PostgreSQL an erasure writes that row, too: whoever waits for it must not have read the old log before."""
    done = []
    tx = SimpleNamespace(
        recordings=SimpleNamespace(note_told=lambda *_: done.append("row")),
        events=SimpleNamespace(latest=lambda *_: done.append("log") or ()),
        chapters=SimpleNamespace(retell=lambda *_: done.append("told")),
    )
    lesson = SimpleNamespace(id="lesson", live_at=NOW, ended_at=NOW + dt.timedelta(hours=1), recorded=True)
    index_chapters(tx, lesson, "recording", NOW)
    assert done == ["row", "log", "told"]
