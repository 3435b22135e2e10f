"""Settings: from the environment, or refused with the key and the value named."""

import dataclasses
import datetime as dt

import pytest

from server.app.furnishing import thresholds_of
from server.converting.clip import ClipLimits
from server.domain.preflight import Thresholds
from server.settings import BadSetting, Settings, from_environment, key_of, rows, shown, to_environment


def test_an_empty_environment_gives_the_defaults():
    assert from_environment({}) == Settings()
    assert from_environment({"DANGXIAO_PORT": " ", "PATH": "/bin"}) == Settings()


def test_settings_survive_the_way_to_the_media_process():
    settings = from_environment(
        {
            "DANGXIAO_PORT": "9443",
            "DANGXIAO_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8",
            "DANGXIAO_DEMO": "on",
            "DANGXIAO_DATA": "/srv/dangxiao",
            "DANGXIAO_ICE_SERVERS": "stun:a:3478,turn:b:3478|u|p",
            "DANGXIAO_NOTICE": "内部系统",
        }
    )
    assert from_environment(to_environment(settings)) == settings
    assert settings.ice[1].credential == "p"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PORT", "0x50"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PLAIN_PORT", "8443"),
        ("HOST", "example.org"),
        ("DEMO", "yes"),
        ("LANGUAGE", "de"),
        ("TIME_ZONE", "Asia/Peking"),
        ("TIME_ZONE", "../Shanghai"),
        ("TIME_ZONE", "Asia"),
        ("TIME_ZONE", "+08:00"),
        ("LOG_LEVEL", "loud"),
        ("TLS", "on"),
        ("TLS", "off"),
        ("TLS", "files"),
        ("TRUSTED_PROXIES", "everybody"),
        ("PUBLIC_URL", "class.example.org"),
        ("PUBLIC_URL", "https://class.example.org/path"),
        ("MEDIA_ADDRESSES", "10.0.0.1,media.example.org"),
        ("ICE_SERVERS", "http://turn"),
        ("ICE_SERVERS", "turn:host:3478"),
        ("TURN_URLS", "turn:host:3478"),
        ("TURN_URLS", "stun:host:3478"),
        ("TURN_URLS", "turn:host:3478|user|S3CRET"),
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "localhost:6379"),
        ("TICKET_SECONDS", "61"),
        ("SDP_BYTES", "131073"),
        ("RETRY_MOST_MS", "1"),
        ("NO_SUCH_THING", "1"),
    ],
)
def test_a_bad_value_is_refused_with_its_key_and_the_value(key, value):
    with pytest.raises(BadSetting) as refused:
        from_environment({f"DANGXIAO_{key}": value})
    assert "DANGXIAO_" + key in str(refused.value) or key == "TLS"
    assert refused.value.key.startswith("DANGXIAO_")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("key", ["DATABASE_URL", "REDIS_URL", "ICE_SERVERS"])
def test_a_refused_value_does_not_give_a_password_away(key):
    with pytest.raises(BadSetting) as refused:
        from_environment({f"DANGXIAO_{key}": "mysql://user:S3CRET@host|user|S3CRET"})
    assert "S3CRET" not in str(refused.value)


STORE = {
    "S3_ENDPOINT": "https://s3.example.org",
    "S3_BUCKET": "recordings",
    "S3_ACCESS_KEY": "K3Y",
    "S3_SECRET_KEY": "S3CRET",
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("S3_ENDPOINT", "s3.example.org"),
        ("S3_ENDPOINT", "ftp://s3.example.org"),
        ("S3_ENDPOINT", "https://s3.example.org/bucket"),
        ("S3_ENDPOINT", "https://K3Y:S3CRET@s3.example.org"),
        ("S3_BUCKET", ""),
        ("S3_BUCKET", "Recordings"),
        ("S3_BUCKET", "../other"),
        ("S3_REGION", "cn north"),
        ("S3_PREFIX", "../up"),
        ("S3_PREFIX", "/recordings"),
        ("S3_PREFIX", "recordings/"),
        ("S3_ACCESS_KEY", ""),
        ("S3_SECRET_KEY", ""),
        ("S3_PATH_STYLE", "maybe"),
    ],
)
def test_an_object_store_that_cannot_be_asked_is_refused_by_name(key, value):
    with pytest.raises(BadSetting) as refused:
        from_environment({f"DANGXIAO_{name}": given for name, given in {**STORE, key: value}.items()})
    assert refused.value.key == f"DANGXIAO_{key}"
    assert "S3CRET" not in str(refused.value)


def test_without_an_endpoint_there_is_no_object_store_and_with_one_its_keys_are_hidden():
    assert not from_environment({"DANGXIAO_S3_BUCKET": "Not One"}).object_store
    settings = from_environment({f"DANGXIAO_{name}": given for name, given in STORE.items()})
    assert settings.object_store
    for shown_text in (repr(settings), str(list(shown(settings)))):
        assert "S3CRET" not in shown_text
        assert "K3Y" not in shown_text


def test_media_ports_follow_one_another_and_are_nobody_elses():
    assert Settings(media_port=8444, media_workers=3).media_ports == (8444, 8445, 8446)
    assert Settings(media_port=0, media_workers=2).media_ports == (0, 0)
    with pytest.raises(BadSetting, match="MEDIA_WORKERS"):
        Settings(media_port=65_535, media_workers=2)
    with pytest.raises(BadSetting, match="PORT='8443'"):
        Settings(media_port=8440, media_workers=4)
    assert Settings(media_port=8440, media_workers=4, media_tcp=False).media_ports[-1] == 8443


@pytest.mark.parametrize(
    ("host", "announced", "heard"),
    [
        ("::", "10.0.0.1,fd00::1", True),
        ("0.0.0.0", "10.0.0.1,192.0.2.1", True),
        ("0.0.0.0", "10.0.0.1,fd00::1", False),
        ("10.0.0.1", "192.0.2.1", True),
        ("10.0.0.1", "2001:db8::1", False),
        ("fd00::1", "2001:db8::1", True),
        ("fd00::1", "10.0.0.1", False),
    ],
)
def test_an_address_whose_family_nobody_listens_to_is_refused(host, announced, heard):
    given = {"DANGXIAO_HOST": host, "DANGXIAO_MEDIA_ADDRESSES": announced}
    if heard:
        assert from_environment(given).host == host
    else:
        with pytest.raises(BadSetting, match=r"MEDIA_ADDRESSES='.*`::` hears both"):
            from_environment(given)


def test_passwords_are_hidden_where_settings_are_shown():
    secrets = {"ice_servers": ("turn:h:1|u|S3CRET",), "turn_secret": "S3CRET"}
    settings = Settings(database_url="postgresql+asyncpg://u:S3CRET@h/d", **secrets)
    assert "S3CRET" not in repr(settings)
    assert "S3CRET" not in str(list(shown(settings)))
    assert "S3CRET" not in repr(settings.ice)


def test_every_setting_has_its_sentence():
    for row in rows():
        assert row.doc.endswith(".")
        assert row.key == key_of(row.key.removeprefix("DANGXIAO_").lower())


def test_what_is_good_in_a_preflight_is_what_the_settings_say():
    assert thresholds_of(Settings()) == Thresholds()
    changed = Settings(preflight_hours=2, preflight_loss_most_permille=250, preflight_uplink_least_kbps=700)
    assert thresholds_of(changed) == Thresholds(
        good_for=dt.timedelta(hours=2), loss_most=0.25, uplink_least_bps=700_000
    )
    reached = {field.name: value for field, value in _another_of_each()}
    other = thresholds_of(Settings(**reached))
    assert all(getattr(other, one) != getattr(Thresholds(), one) for one in Thresholds.__slots__)


def _another_of_each():
    """Each setting of preflights, a little more than its default."""
    for field in dataclasses.fields(Settings):
        if field.name.startswith("preflight_"):
            yield field, field.default + 1


def test_the_limits_of_a_clip_are_what_the_settings_say():
    assert ClipLimits(**Settings().clip_limits) == ClipLimits()
    asked = Settings(clip_minutes=5, clip_pixels=100_000, clip_lines=360, clip_kbps=500).clip_limits
    assert ClipLimits(**asked) == ClipLimits(300, 100_000, 360, 500_000)


@pytest.mark.parametrize(
    "wrong",
    [
        {"preflight_uplink_least_kbps": 3000},
        {"preflight_loss_good_permille": 101},
        {"preflight_clock_good_ms": 300_001},
        {"preflight_level_least_db": -44},
        {"clip_minutes": 181},
    ],
)
def test_what_cannot_be_met_is_refused_at_start(wrong):
    with pytest.raises(BadSetting, match=key_of(next(iter(wrong)))):
        Settings(**wrong)
