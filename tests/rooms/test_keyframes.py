"""Requests for keyframes are merged, and counted until they are answered."""

from rooms.keyframes import KeyframeRequests


def test_requests_that_nobody_answers_are_counted_and_a_keyframe_answers_all() -> None:
    requests = KeyframeRequests(500.0)
    for now_ms in (0.0, 100.0, 500.0, 1000.0):
        requests.want()
        requests.due(now_ms)
    assert requests.unanswered == 3  # the one at 100 ms came too early to be sent
    requests.satisfied()
    assert requests.unanswered == 0
