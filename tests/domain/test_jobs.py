"""Long work: its states, and that it is answered for."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import jobs
from server.domain.jobs import MOST_ATTEMPTS, OVER, Job, JobKind, JobState, JobStep
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
JOB = Job("j", JobKind.SLIDES, "l", "m", "a", "control", NOW)
STEPS = {
    JobStep.BEGIN: lambda job: jobs.begin(job, NOW),
    JobStep.FINISH: lambda job: jobs.finish(job, {"pages": 3}, NOW),
    JobStep.FAIL: lambda job: jobs.fail(job, "pdf_broken", NOW),
    JobStep.CANCEL: lambda job: jobs.cancel(job, NOW),
    JobStep.REQUEUE: lambda job: jobs.interrupted(job, NOW),
}


@given(st.lists(st.sampled_from(JobStep)))
def test_a_step_is_taken_as_the_table_says_or_refused_and_changes_nothing(steps):
    job = JOB
    for step in steps:
        expected = jobs.TRANSITIONS.get((job.state, step))
        if expected is None:
            with pytest.raises(Refusal, match="job_over"):
                STEPS[step](job)
            continue
        after = STEPS[step](job)
        gives_up = step is JobStep.REQUEUE and job.attempts >= MOST_ATTEMPTS
        assert after.state is (JobState.FAILED if gives_up else expected)
        assert (after.ended_at is not None) == (after.state in OVER)
        assert (after.progress == 100) == (after.state is JobState.DONE)
        job = after


@given(st.lists(st.integers(-50, 500)))
def test_progress_never_goes_back_and_is_whole_only_at_the_end(percents):
    job = jobs.begin(JOB, NOW)
    for percent in percents:
        after = jobs.progressed(job, percent)
        assert job.progress <= after.progress <= 99
        job = after
    assert jobs.finish(job, {}, NOW).progress == 100


@pytest.mark.parametrize("state", sorted(OVER))
def test_what_is_over_takes_no_progress(state):
    import dataclasses

    over = dataclasses.replace(JOB, state=state)
    assert jobs.progressed(over, 50) == over


def test_work_that_ends_the_house_every_time_is_given_up():
    job = JOB
    for _ in range(MOST_ATTEMPTS):
        assert job.state is JobState.QUEUED
        job = jobs.interrupted(jobs.begin(job, NOW), NOW)
    assert (job.state, job.code) == (JobState.FAILED, "job_interrupted")
