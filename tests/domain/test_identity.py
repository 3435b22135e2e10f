"""What an identity provider's word has to be like before it is believed."""

import datetime as dt
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.identity import (
    Begun,
    Client,
    challenge,
    code_of,
    is_trusted_url,
    local_path,
    more_of,
    number_in,
    request_url,
    subject_of,
)
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 26, 8, 0, tzinfo=dt.UTC)
CLIENT = Client("https://id.example.org", "dangxiao", "openid profile", "preferred_username")
BEGUN = Begun("the state", "the nonce", "a verifier", "/lessons/1", NOW + dt.timedelta(minutes=10))
AT = int(NOW.timestamp())
GOOD = {
    "iss": CLIENT.issuer,
    "aud": "dangxiao",
    "sub": "1f",
    "nonce": "the nonce",
    "iat": AT,
    "exp": AT + 300,
    "preferred_username": "10001",
}


def refused(code, work, *arguments):
    with pytest.raises(Refusal) as caught:
        work(*arguments)
    assert caught.value.code == code
    return caught.value.detail


def test_the_challenge_is_that_of_rfc_7636_appendix_b():
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_request_says_what_we_want_and_keeps_the_verifier_here():
    url = request_url("https://id.example.org/auth?realm=a", CLIENT, BEGUN, "https://class/back", fresh=True)
    asked = parse_qs(urlsplit(url).query)
    assert asked["realm"] == ["a"]
    assert asked["redirect_uri"] == ["https://class/back"]
    assert (asked["response_type"], asked["code_challenge_method"], asked["prompt"]) == (["code"], ["S256"], ["login"])
    assert "a verifier" not in url
    assert "prompt" not in request_url("https://id.example.org/auth", CLIENT, BEGUN, "https://class/back", fresh=False)


@pytest.mark.parametrize("path", ["/", "/lessons/1?tab=a#b", "/课"])
def test_pages_of_ours_are_gone_on_to(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "",
        "lessons",
        "/a\nb",
        "\t//evil",
        "/" * 2,
        "/" + "a" * 500,
    ],
)
def test_nobody_is_sent_elsewhere(path):
    assert local_path(path) == "/"


@given(st.text(max_size=60))
def test_whatever_is_asked_for_a_path_of_ours_comes_out(text):
    path = local_path(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))


@pytest.mark.parametrize("url", ["https://id.example.org", "http://localhost:1", "http://127.0.0.1", "https://[::1]:8"])
def test_addresses_that_nobody_changes_on_the_way(url):
    assert is_trusted_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.org",
        "ftp://x",
        "https://",
        "https://u:p@x",
        "//x",
        "https://x:port",
        "javascript:1",
        "http://[::1",
    ],
)
def test_addresses_that_somebody_could(url):
    assert not is_trusted_url(url)


def test_the_code_comes_back_to_the_browser_that_was_sent():
    answer = {"state": "the state", "code": "c", "iss": CLIENT.issuer}
    assert code_of(answer, BEGUN, CLIENT.issuer, NOW) == "c"
    assert code_of({"state": "the state", "code": "c"}, BEGUN, CLIENT.issuer, NOW) == "c"
    refused("provider_stale", code_of, answer, None, CLIENT.issuer, NOW)
    refused("provider_stale", code_of, answer, BEGUN, CLIENT.issuer, BEGUN.expires_at)
    refused("provider_stale", code_of, answer | {"state": "another"}, BEGUN, CLIENT.issuer, NOW)
    refused("provider_stale", code_of, answer | {"state": "\udc80"}, BEGUN, CLIENT.issuer, NOW)
    refused("provider_untrusted", code_of, answer | {"iss": "https://evil"}, BEGUN, CLIENT.issuer, NOW)
    refused("provider_refused", code_of, {"state": "the state", "error": "access_denied"}, BEGUN, CLIENT.issuer, NOW)
    refused("provider_refused", code_of, {"state": "the state"}, BEGUN, CLIENT.issuer, NOW)


def test_a_good_token_names_its_subject():
    assert subject_of(GOOD, CLIENT, "the nonce", NOW) == "1f"
    assert subject_of(GOOD | {"aud": ["dangxiao", "b"], "azp": "dangxiao"}, CLIENT, "the nonce", NOW) == "1f"
    assert subject_of(GOOD | {"exp": AT - 60}, CLIENT, "the nonce", NOW) == "1f"  # clocks differ a little


BAD = {
    "issuer": {"iss": "https://other.example.org"},
    "another client's": {"aud": "another"},
    "no audience": {"aud": None},
    "several without azp": {"aud": ["dangxiao", "b"]},
    "azp of another": {"azp": "another"},
    "expired": {"exp": AT - 121},
    "exp as text": {"exp": str(AT + 300)},
    "exp true": {"exp": True},
    "issued long ago": {"iat": AT - 601},
    "issued in the future": {"iat": AT + 121},
    "not issued": {"iat": None},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": ""},
    "a number for a subject": {"sub": 7},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_a_token_that_is_not_quite_right_is_not_believed(change):
    refused("provider_untrusted", subject_of, GOOD | change, CLIENT, "the nonce", NOW)


@given(st.dictionaries(st.sampled_from(list(GOOD)), st.none() | st.integers() | st.text() | st.lists(st.text())))
def test_any_other_claims_are_refused_and_never_break(claims):
    if claims.get("iss") != CLIENT.issuer:
        refused("provider_untrusted", subject_of, claims, CLIENT, "the nonce", NOW)


def test_what_is_told_beside_the_token_is_of_the_same_one():
    assert more_of({"sub": "1f", "preferred_username": "10001"}, "1f")["preferred_username"] == "10001"
    refused("provider_untrusted", more_of, {"sub": "2f"}, "1f")


@pytest.mark.parametrize("number", [None, 10001, "", "  ", "a" * 65, "1\n2", ["10001"]])
def test_a_claim_that_is_no_number_names_nobody(number):
    refused("provider_account_unknown", number_in, {"preferred_username": number}, "preferred_username")


def test_the_claim_is_the_one_that_was_set():
    assert number_in({"employee_id": " 10001 "}, replace(CLIENT, claim="employee_id").claim) == "10001"
