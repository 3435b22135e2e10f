"""Organisation and people over the API: dated changes, rights, and reports of the past that stay."""

import datetime as dt
import uuid

import pytest

from server.services.demo import demo_id

from .conftest import own_school, problem_of

school, admin, director, lecturer, member = own_school()

ORGANISATION, UNITS, MEMBERS = "/api/v1/organisation", "/api/v1/units", "/api/v1/members"
ROOT, BRANCH, OTHER, ABOVE = (demo_id(name) for name in ("某集团党委", "维修党支部", "后勤党支部", "机关党总支"))


def day(days=0):
    zone = dt.timezone(dt.timedelta(hours=8))
    return str(dt.datetime.now(zone).date() + dt.timedelta(days=days))


async def changed(person, path, version, **fields):
    answer = await person.ask(
        "POST", path, json={"command_id": str(uuid.uuid4()), **fields}, headers={"If-Match": f'"{version}"'}
    )
    return answer


async def patched(person, path, version, **fields):
    body = {"command_id": str(uuid.uuid4()), **fields}
    return await person.ask("PATCH", path, json=body, headers={"If-Match": f'"{version}"'})


async def new_unit(admin, name="新支部", parent=ABOVE):
    answer = await admin.command(UNITS, name=name, kind="branch", parent_id=parent, since="2026-01-01")
    assert answer.status == 201, answer.text
    return answer.json["unit"]


async def new_member(admin, unit_id=BRANCH, **fields):
    body = {"number": f"n{uuid.uuid4().hex[:8]}", "name": "曾学员", "kind": "probationary", "since": "2026-01-01"}
    answer = await admin.command(MEMBERS, **{**body, "unit_id": unit_id, **fields})
    assert answer.status == 201, answer.text
    return answer.json


async def test_a_unit_is_founded_renamed_moved_and_dissolved_from_a_day_on(admin):
    unit = await new_unit(admin)
    path = f"{UNITS}/{unit['id']}"
    answer = await changed(admin, f"{path}/name", 1, name="新名支部", since=day(2))
    assert answer.status == 200, answer.text
    assert [row["name"] for row in answer.json["names"]] == ["新支部", "新名支部"]
    assert answer.headers["ETag"] == '"2"'
    answer = await changed(admin, f"{path}/parent", 2, parent_id=demo_id("生产党总支"), since=day(3))
    assert [row["parent"]["name"] for row in answer.json["parents"]] == ["机关党总支", "生产党总支"]
    answer = await changed(admin, f"{path}/end", 3, since=day(9))
    assert answer.json["unit"]["until"] == day(9)
    kinds = [line["kind"] for line in answer.json["history"]]
    assert kinds == ["unit_dissolved", "unit_moved", "unit_renamed", "unit_founded"]
    for on, name, parent in ((day(1), "新支部", "机关党总支"), (day(4), "新名支部", "生产党总支")):
        units = {each["id"]: each for each in (await admin.get(ORGANISATION, params={"on": on})).json["units"]}
        assert (units[unit["id"]]["name"], units[units[unit["id"]]["parent_id"]]["name"]) == (name, parent)
    later = (await admin.get(ORGANISATION, params={"on": day(9)})).json["units"]
    assert unit["id"] not in {each["id"] for each in later}


async def test_a_change_needs_the_version_that_was_seen_and_is_done_once(admin):
    unit = await new_unit(admin)
    path = f"{UNITS}/{unit['id']}/name"
    body = {"command_id": str(uuid.uuid4()), "name": "甲", "since": day(2)}
    problem_of(await admin.post(path, body), 428, "precondition_required")
    tag = {"headers": {"If-Match": '"1"'}}
    first, again = await admin.post(path, body, **tag), await admin.post(path, body, **tag)
    assert first.json == again.json
    problem_of(await changed(admin, path, 1, name="乙", since=day(2)), 412, "precondition_failed")


async def test_what_cannot_be_is_refused_with_its_own_code(admin):
    unit = await new_unit(admin)
    path = f"{UNITS}/{unit['id']}"
    problem_of(await changed(admin, f"{path}/name", 1, name="甲", since=day(-1)), 422, "past_fixed")
    problem_of(await changed(admin, f"{path}/parent", 1, parent_id=BRANCH, since=day(2)), 422, "unit_misplaced")
    problem_of(await changed(admin, f"{UNITS}/{BRANCH}/end", 1, since=day(2)), 409, "unit_not_empty")
    problem_of(await changed(admin, f"{UNITS}/{ABOVE}/end", 1, since=day(2)), 409, "unit_not_empty")
    member = await new_member(admin)
    taken = {"number": member["number"], "name": "乙", "kind": "full", "unit_id": BRANCH, "since": day()}
    problem_of(await admin.command(MEMBERS, **taken), 409, "number_taken")
    where = f"{MEMBERS}/{member['id']}"
    problem_of(await changed(admin, f"{where}/unit", 1, unit_id=BRANCH, since=day()), 409, "already_there")
    problem_of(await changed(admin, f"{where}/loans/end", 1, until=day()), 404, "loan_not_found")
    assert (await changed(admin, f"{where}/loans", 1, unit_id=OTHER, since=day())).status == 200
    problem_of(await changed(admin, f"{where}/loans", 2, unit_id=ABOVE, since=day(3)), 409, "loan_overlaps")
    look = await admin.ask("GET", f"{where}/departure?since={day()}")
    assert look.json == {"roles": [], "login": True, "logins": 0, "last": None}
    assert (await changed(admin, f"{where}/end", 2, ending="other", since=day())).status == 200
    problem_of(await admin.ask("GET", f"{where}/departure?since={day()}"), 409, "membership_ended")
    problem_of(await changed(admin, f"{where}/end", 3, ending="other", since=day(1)), 409, "membership_ended")


async def test_a_member_is_entered_and_goes_through_everything_that_may_happen(admin):
    member = await new_member(admin, phone="13800000000")
    path = f"{MEMBERS}/{member['id']}"
    assert (member["unit"]["name"], member["kind"], member["phone"]) == ("维修党支部", "probationary", "13800000000")
    answer = await changed(admin, f"{path}/kind", 1, kind="full", since=day())
    assert [row["kind"] for row in answer.json["kinds"]] == ["probationary", "full"]
    answer = await changed(admin, f"{path}/loans", 2, unit_id=OTHER, since=day(), until=day(90), note="项目组")
    assert [row["unit"]["name"] for row in answer.json["loans"]] == ["后勤党支部"]
    answer = await changed(admin, f"{path}/loans/end", 3, until=day(1))
    assert answer.json["loans"][0]["until"] == day(1)
    answer = await changed(admin, f"{path}/unit", 4, unit_id=OTHER, since=day(5))
    assert [row["unit"]["name"] for row in answer.json["units"]] == ["维修党支部", "后勤党支部"]
    answer = await patched(admin, path, 5, name="曾新名", phone="")
    assert (answer.json["name"], answer.json["phone"], answer.json["version"]) == ("曾新名", None, 6)
    answer = await changed(admin, f"{path}/end", 6, ending="moved_away", note="外省", since=day(9))
    assert answer.json["units"][-1]["ending"] == "moved_away"
    assert "13800000000" not in str(answer.json["history"])
    assert len(answer.json["history"]) == 7


@pytest.mark.parametrize("asked", ["曾学", "zengx", "zxy", "ZENG XUE"])
async def test_people_are_found_by_name_pinyin_and_number(admin, asked):
    member = await new_member(admin)
    for text in (asked, member["number"]):
        found = (await admin.get(MEMBERS, params={"q": text, "limit": 200})).json
        assert member["id"] in {item["id"] for item in found["items"]}
    assert (await admin.get(MEMBERS, params={"q": "100%"})).json["total"] == 0


async def test_a_list_comes_in_pages_by_pinyin_with_its_counts(admin):
    unit = await new_unit(admin)
    for name in ("张三", "曾四", "安五", "王六", "李七"):
        await new_member(admin, unit["id"], name=name, kind="full" if name == "张三" else "activist")
    seen, cursor = [], None
    while True:
        query = {"unit": unit["id"], "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await admin.get(MEMBERS, params=query)).json
        assert (page["total"], len(page["items"]) <= 2) == (5, True)
        assert page["kinds"] == [{"kind": "full", "members": 1}, {"kind": "activist", "members": 4}]
        seen += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["安五", "李七", "王六", "曾四", "张三"]


async def test_groups_are_the_secretarys_and_everything_dated_is_the_schools(school, admin):
    home = demo_id("综合党支部")
    secretary, member = await school.person("secretary"), await new_member(admin, home)
    path = f"{MEMBERS}/{member['id']}"
    group = await secretary.command(f"{UNITS}/{home}/groups", name="第一党小组", leader_id=member["id"])
    assert (group.status, group.json["leader"]["name"]) == (201, "曾学员")
    answer = await patched(secretary, path, 1, group_id=group.json["id"], phone="010-1")
    assert (answer.json["group"]["name"], answer.json["phone"]) == ("第一党小组", "010-1")
    listed = (await secretary.get(MEMBERS, params={"group": group.json["id"]})).json["items"]
    assert [item["id"] for item in listed] == [member["id"]]
    problem_of(await patched(secretary, path, 2, name="不可"), 403, "forbidden")
    problem_of(await changed(secretary, f"{path}/kind", 2, kind="full", since=day()), 403, "forbidden")
    problem_of(await changed(secretary, f"{UNITS}/{home}/name", 1, name="不可", since=day(2)), 403, "forbidden")
    foreign = await new_member(admin, BRANCH)
    problem_of(await secretary.get(f"{MEMBERS}/{foreign['id']}"), 404, "member_not_found")
    problem_of(await secretary.get(f"{UNITS}/{BRANCH}"), 404, "unit_not_found")
    problem_of(await secretary.get(MEMBERS, params={"unit": BRANCH}), 404, "unit_not_found")
    gone = await secretary.ask("DELETE", f"/api/v1/groups/{group.json['id']}")
    assert gone.status == 204
    assert (await secretary.get(path)).json["group"] is None


async def test_a_size_that_is_not_usual_warns_by_the_rule_in_force_and_blocks_nothing(admin):
    unit = await new_unit(admin)
    await new_member(admin, unit["id"])
    path = f"{UNITS}/{unit['id']}"
    assert (await admin.get(path)).json["unit"]["unusual"] == {"least": 3, "most": 50}
    sizes = {kind: {"least": 1} for kind in ("committee", "general_branch", "branch")}
    ruled = await admin.command(f"{path}/rules", since=day(), loans="home", **sizes)
    assert (ruled.json["unit"]["unusual"], ruled.json["rule"]["loans"]) == (None, "home")


async def roster_of(admin, lesson, **query):
    path = f"/api/v1/lessons/{lesson['id']}/roster"
    return {item["member_id"]: item for item in (await admin.get(path, params={"limit": 200, **query})).json["items"]}


async def test_who_is_on_loan_is_expected_there_and_counted_as_such(admin):
    unit = await new_unit(admin)
    member = await new_member(admin, BRANCH)
    assert (await changed(admin, f"{MEMBERS}/{member['id']}/loans", 1, unit_id=unit["id"], since=day())).status == 200
    lent = (await admin.get(MEMBERS, params={"unit": BRANCH, "standing": "lent"})).json["items"]
    borrowed = (await admin.get(MEMBERS, params={"unit": unit["id"], "standing": "borrowed"})).json["items"]
    assert member["id"] in {item["id"] for item in lent} & {item["id"] for item in borrowed}
    lesson = await school_lesson(admin)
    entry = (await roster_of(admin, lesson, unit=unit["id"]))[member["id"]]
    assert (entry["unit"]["id"], entry["loan_unit"]["id"]) == (unit["id"], BRANCH)
    assert member["id"] not in await roster_of(admin, lesson, unit=BRANCH)
    assert member["id"] in await roster_of(admin, lesson, unit=BRANCH, state="on_loan")
    board = (await admin.get(f"/api/v1/lessons/{lesson['id']}/board")).json
    assert next(row["on_loan"] for row in board["units"] if row["unit_id"] == unit["id"]) == 1
    sizes = {kind: {"least": 1} for kind in ("committee", "general_branch", "branch")}
    await admin.command(f"{UNITS}/{BRANCH}/rules", since=day(), loans="home", **sizes)
    another = await school_lesson(admin)
    entry = (await roster_of(admin, another, unit=BRANCH))[member["id"]]
    assert (entry["unit"]["id"], entry["loan_unit"]["id"]) == (BRANCH, unit["id"])


async def school_lesson(admin):
    return await admin.school.new_lesson(admin, until="open", venues=False)


async def told(admin, lesson):
    """Everything that is reported of a lesson."""
    path = f"/api/v1/lessons/{lesson['id']}"
    board = (await admin.get(f"{path}/board")).json
    verdicts = (await admin.get(f"{path}/verdicts", params={"limit": 200})).json
    wholes = [
        (await admin.get(f"{path}/{what}", params={"limit": 200, "unit": ABOVE})).json
        for what in ("roster", "verdicts")
    ]
    roster = (await admin.get(f"{path}/roster", params={"limit": 200})).json
    return {**board, "at": None}, verdicts, wholes, roster, (await admin.get(path)).json["unit"]


async def test_moving_renaming_and_leaving_today_change_no_report_of_a_lesson_that_was(admin):
    unit = await new_unit(admin)
    people = [await new_member(admin, unit["id"]) for _ in range(3)]
    lesson = await admin.school.new_lesson(admin, until="ended", venues=False)
    settled = await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="settle")
    assert settled.status == 200, settled.text
    before = await told(admin, lesson)
    assert {item["member_id"] for item in before[2][0]["items"]} >= {each["id"] for each in people}
    path = f"{UNITS}/{unit['id']}"
    problem_of(await changed(admin, f"{path}/name", 1, name="改名支部", since=day()), 422, "past_fixed")
    assert (await changed(admin, f"{path}/name", 1, name="改名支部", since=day(1))).status == 200
    assert (await changed(admin, f"{path}/parent", 2, parent_id=demo_id("生产党总支"), since=day(1))).status == 200
    for member, (step, more) in zip(
        people,
        (("kind", {"kind": "full"}), ("unit", {"unit_id": OTHER}), ("end", {"ending": "moved_away"})),
        strict=True,
    ):
        answer = await changed(admin, f"{MEMBERS}/{member['id']}/{step}", 1, since=day(), **more)
        assert answer.status == 200, answer.text
    assert await told(admin, lesson) == before
