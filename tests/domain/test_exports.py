"""An export from its request to the day when its files go."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.exports import Export, ExportKind, begun, check_exportable, ended, falls_to, made
from server.domain.jobs import MOST_ATTEMPTS, RUNNER_LOST, JobState, JobStep
from server.domain.recordings import Recording, RecordingState
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)
WAITING = Export("e", ExportKind.FILMS, "r", "l", "a", "管理员", NOW, "one")


def test_it_is_begun_again_after_a_restart_and_given_up_when_that_was_tried_often():
    one = WAITING
    for attempt in range(1, MOST_ATTEMPTS + 1):
        one = begun(one, "one", NOW)
        assert (one.state, one.attempts) == (JobState.RUNNING, attempt)
    given_up = begun(one, "one", NOW)
    assert (given_up.state, given_up.code) == (JobState.FAILED, "export_interrupted")


def test_files_are_kept_from_the_request_to_their_last_day():
    done = made(begun(WAITING, "one", NOW), {"files": []}, NOW, WEEK)
    assert WAITING.kept(NOW)
    assert done.kept(NOW + WEEK - dt.timedelta(seconds=1))
    assert not done.kept(NOW + WEEK)
    assert not ended(WAITING, JobStep.CANCEL, NOW).kept(NOW)
    with pytest.raises(Refusal, match="job_over"):
        made(done, {}, NOW, WEEK)


def test_another_does_it_only_when_its_runner_gives_no_sign_of_life():
    later = NOW + RUNNER_LOST
    assert falls_to(WAITING, "one", {}, NOW)
    assert not falls_to(WAITING, "two", {}, NOW)
    assert falls_to(WAITING, "two", {}, later)
    assert not falls_to(WAITING, "two", {"one": later}, later)


def test_only_what_has_ended_and_holds_something_is_exported():
    finished = Recording("r", "l", RecordingState.FINISHED, NOW, 5)
    check_exportable(finished)
    for bad, code in (
        (replace(finished, state=RecordingState.PAUSED), "recording_not_finished"),
        (replace(finished, duration_ms=0), "nothing_recorded"),
    ):
        with pytest.raises(Refusal, match=code):
            check_exportable(bad)
