"""Every refusal says what happened and what to do, in both languages, and stands in the protocol."""

import ast
import re
from pathlib import Path

import pytest

from server.domain.alarms import SENTENCES
from server.domain.refusals import MEANINGS, Refusal

ROOT = Path(__file__).parents[2]
HAN = re.compile("[一-鿿]")


@pytest.mark.parametrize("code", MEANINGS)
def test_every_refusal_speaks_both_languages(code):
    meaning = MEANINGS[code]
    assert HAN.search(meaning.title)
    assert HAN.search(meaning.advice)
    assert not HAN.search(meaning.title_en)
    assert re.search("[a-z]", meaning.title_en)
    assert re.search("[a-z]", meaning.advice_en)
    assert 400 <= meaning.status < 600


def test_an_unknown_code_is_our_bug():
    with pytest.raises(ValueError, match="no_such_code"):
        Refusal("no_such_code")


def test_every_code_that_is_raised_anywhere_has_a_meaning():
    raised = set()
    for path in (ROOT / "server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    raised.add(first.value)
    assert raised
    assert raised <= set(MEANINGS)


def test_the_protocol_lists_exactly_these_codes_with_their_status():
    section = (ROOT / "docs/protocol.md").read_text().split("## 8. Codes")[1].split("\n## ")[0]
    listed = dict(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", section, re.MULTILINE))
    assert listed == {code: str(meaning.status) for code, meaning in MEANINGS.items()}


def test_every_alarm_speaks_both_languages():
    for text, text_en in SENTENCES.values():
        assert HAN.search(text)
        assert not HAN.search(text_en)
