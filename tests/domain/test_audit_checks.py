"""A verification of the audit log from its request to its end."""

import datetime as dt

import pytest

from server.domain.audit_checks import AuditCheck, begun, ended, falls_to
from server.domain.jobs import MOST_ATTEMPTS, RUNNER_LOST, JobState, JobStep
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
WAITING = AuditCheck("c", "a", "审计员", NOW, "one")


def test_it_is_begun_again_after_a_restart_and_given_up_when_that_was_tried_often():
    one = WAITING
    for attempt in range(1, MOST_ATTEMPTS + 1):
        one = begun(one, "one", NOW)
        assert (one.state, one.attempts) == (JobState.RUNNING, attempt)
    given_up = begun(one, "one", NOW)
    assert (given_up.state, given_up.code, given_up.ended_at) == (JobState.FAILED, "job_interrupted", NOW)


def test_what_is_over_stays_so():
    done = ended(begun(WAITING, "one", NOW), JobStep.FINISH, NOW, result={"sound": True})
    for step in (JobStep.CANCEL, JobStep.FINISH, JobStep.FAIL):
        with pytest.raises(Refusal, match="job_over"):
            ended(done, step, NOW)


def test_another_does_it_only_when_its_runner_gives_no_sign_of_life():
    later = NOW + RUNNER_LOST
    assert falls_to(WAITING, "one", {}, NOW)
    assert not falls_to(WAITING, "two", {}, NOW)
    assert falls_to(WAITING, "two", {}, later)
    assert not falls_to(WAITING, "two", {"one": later}, later)
