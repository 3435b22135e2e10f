"""未到名单 over the API: numbers masked, each one that is shown in the audit log, and not all of them at once."""

from server.domain.audit import AuditQuery

from .conftest import problem_of


async def test_a_number_that_is_shown_leaves_a_line_and_the_list_none(school, admin):
    lesson = await school.new_lesson(admin, until="open")
    secretary = await school.person("secretary")
    path = f"/api/v1/lessons/{lesson['id']}/missing"
    page = (await secretary.get(path, params={"limit": 3})).json
    assert [one["phone"] for one in page["items"]] == ["138****0001", "138****0002", "138****0003"]
    assert page["next_cursor"] == page["items"][-1]["member_id"]
    shown = await secretary.get(f"{path}/{page['items'][0]['member_id']}/phone")
    assert shown.json == {"member_id": page["items"][0]["member_id"], "phone": "13800010001"}
    lines = await school.control.house.records.read(lambda tx: tx.audit.page(AuditQuery(), None, 1000))
    told = [(line.action, line.result) for line in lines if line.request_id == shown.headers["X-Request-ID"]]
    assert told == [("GET /lessons/{lesson_id}/missing/{member_id}/phone", "done")]


async def test_nobody_reads_the_whole_list_of_numbers_in_one_go(school, admin, time_stands):
    lesson = await school.new_lesson(admin, until="open")
    path = f"/api/v1/lessons/{lesson['id']}/missing"
    people = (await admin.get(path, params={"limit": 200})).json["items"]
    answers = [await admin.get(f"{path}/{people[at % len(people)]['member_id']}/phone") for at in range(21)]
    assert [answer.status for answer in answers[:20]] == [200] * 20
    problem_of(answers[20], 429, "too_fast")


async def test_the_call_list_is_not_asked_for_again_and_again(school, admin, time_stands):
    lesson = await school.new_lesson(admin, until="scheduled")
    answers = [await admin.get(f"/api/v1/lessons/{lesson['id']}/call-list") for _ in range(5)]
    assert [answer.status for answer in answers[:4]] == [200] * 4
    problem_of(answers[4], 429, "too_fast")
