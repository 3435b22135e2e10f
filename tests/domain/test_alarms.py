"""Every alarm has its words, and the protocol names every alarm."""

import datetime as dt
import re
from pathlib import Path

from server.domain.alarms import SENTENCES, Alarm

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)


def test_the_protocol_lists_exactly_the_alarms_that_have_words() -> None:
    table = PROTOCOL.split("Alarm codes", 1)[1].split("## 5.", 1)[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(SENTENCES)


def test_an_unknown_alarm_still_says_that_something_is_wrong() -> None:
    unknown = Alarm("from_a_newer_recorder", "", NOW)
    assert unknown.text == "设备或系统异常"
    assert unknown.text_en == "Something is wrong with the system"
