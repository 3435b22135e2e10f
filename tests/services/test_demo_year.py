"""The demonstration's year: rings and shortfalls at the first look, from entries that verify."""

from server.domain.chain import Head
from server.domain.year_standing import StandingState
from server.services.demo import demo_id
from server.services.demo_year import TARGETS, TITLES, make_demo_year
from server.services.standing import own_standing, units_standing
from server.store.audit import audit
from tests.store.samples import NOW


async def test_the_demonstrations_year_has_who_reached_it_and_who_did_not_and_is_made_once(stage, database_url):
    assert await make_demo_year(stage.house, NOW) == len(TITLES)
    assert await make_demo_year(stage.house, NOW) == 0
    whole = await units_standing(stage.records, await stage.who("admin"), demo_id("某集团党委"), None, NOW)
    assert (whole.tally.met > 0, whole.tally.short > 0, whole.tally.exempt) == (True, True, 1)
    secretary = await own_standing(stage.records, await stage.who("10001"), None, NOW)
    assert (secretary.target, secretary.state) == (max(TARGETS.values()), StandingState.SHORT)
    found = await audit(database_url)
    assert isinstance(found.chain, Head)
    assert found.sound
