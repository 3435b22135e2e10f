"""Dockerfile, docker-compose.yml and deploy/ against the settings and the server they carry."""

import dataclasses
import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from server import settings
from server.domain.materials import TAKEN
from tests.packaging.dockerfile import Stage, stages

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"\bDANGXIAO_[A-Z0-9_]+")
DEFAULTS = settings.from_environment({})


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def image() -> list[Stage]:
    return stages((ROOT / "Dockerfile").read_text())


def deployment_files() -> list[Path]:
    return [
        ROOT / "Dockerfile",
        ROOT / "docker-compose.yml",
        *sorted(p for p in (ROOT / "deploy").iterdir() if p.is_file()),
    ]


def published(service: dict[str, Any]) -> Iterator[tuple[int, str]]:
    for text in service["ports"]:
        outside, inside = text.split(":")
        number, kind = inside.split("/")
        assert outside == number, "clients are told the inside port"
        yield int(number), kind


@pytest.mark.parametrize("path", deployment_files(), ids=lambda path: path.name)
def test_every_setting_named_in_the_deployment_exists(path: Path) -> None:
    known = {row.key for row in settings.rows()}
    assert set(KEY.findall(path.read_text())) <= known


def test_the_server_accepts_the_settings_that_compose_gives_it(compose: dict[str, Any]) -> None:
    given = compose["services"]["app"]["environment"]
    answers = {"POSTGRES_PASSWORD": "secret1", "DANGXIAO_MEDIA_ADDRESSES": "192.0.2.7"}

    def substitute(found: re.Match[str]) -> str:
        return answers.get(found["name"], found["default"] or "")

    values = {
        k: re.sub(r"\$\{(?P<name>\w+):(?:-(?P<default>[^}]*)|\?[^}]*)\}", substitute, v) for k, v in given.items()
    }
    accepted = settings.from_environment(values)
    assert accepted.database == "postgresql+asyncpg://dangxiao:secret1@postgres:5432/dangxiao"
    assert accepted.media_addresses == ("192.0.2.7",)


def test_published_ports_are_the_defaults(compose: dict[str, Any], image: list[Stage]) -> None:
    wanted = {
        (DEFAULTS.port, "tcp"),
        (DEFAULTS.plain_port, "tcp"),
        *((DEFAULTS.media_port, kind) for kind in ("udp", "tcp")),
    }
    assert set(published(compose["services"]["app"])) == wanted
    exposed = {
        (int(number), kind) for text in image[-1].all("EXPOSE") for number, kind in [t.split("/") for t in text.split()]
    }
    assert exposed == wanted


def test_a_container_has_longer_to_end_than_the_server_takes(compose: dict[str, Any]) -> None:
    grace = compose["services"]["app"]["stop_grace_period"]
    [drain] = [field for field in dataclasses.fields(settings.Settings) if field.name == "drain_seconds"]
    assert int(grace.removesuffix("s")) >= drain.metadata["most"] + 5


def test_data_is_a_volume_of_the_container(compose: dict[str, Any], image: list[Stage]) -> None:
    place = image[-1].environment["DANGXIAO_DATA"]
    assert image[-1].all("VOLUME") == [place]
    assert f"data:{place}" in compose["services"]["app"]["volumes"]
    assert set(compose["volumes"]) == {"data", "postgres"}


def test_the_runtime_image_runs_as_a_plain_account_without_build_tools(image: list[Stage]) -> None:
    runtime = image[-1]
    assert runtime.image.startswith("python:")
    assert "slim" in runtime.image
    assert runtime.all("USER") == ["dangxiao"]
    assert not any(tool in " ".join(runtime.all("RUN")) for tool in ("npm", "pip", "gcc", "apt-get"))


def test_the_image_has_a_health_check_of_a_file_that_it_carries(image: list[Stage]) -> None:
    [check] = image[-1].all("HEALTHCHECK")
    place = re.search(r'"(/opt/[^"]+\.py)"', check)
    assert place
    assert any(text.split() == ["deploy/healthcheck.py", place[1]] for text in image[-1].all("COPY"))


def test_what_the_image_copies_exists(image: list[Stage]) -> None:
    for stage in image:
        for text in stage.all("COPY"):
            *sources, _ = text.split()
            if not sources[0].startswith("--from="):
                assert all((ROOT / source).exists() for source in sources), text


def test_the_compiler_stays_in_a_stage_that_the_runtime_is_not_made_from(image: list[Stage]) -> None:
    _, compiler, environment, runtime = image
    assert any("gcc" in text and "libssl-dev" in text for text in compiler.all("RUN"))
    assert environment.image == compiler.name
    assert runtime.image == compiler.image


def test_the_client_is_built_as_everywhere(image: list[Stage]) -> None:
    ours = (ROOT / "script" / "prepare" / "client.py").read_text()
    assert image[0].all("RUN") == ["npm ci --no-audit --no-fund", "npm run build"]
    assert '"ci", "--no-audit", "--no-fund"' in ours
    assert '"run", "build"' in ours


def test_turn_and_tls_are_profiles_and_the_rest_is_not(compose: dict[str, Any]) -> None:
    profiles = {name: tuple(service.get("profiles", ())) for name, service in compose["services"].items()}
    assert profiles == {"app": (), "postgres": (), "redis": (), "nginx": ("tls",), "turn": ("turn",)}


def test_the_server_trusts_nginx_and_nobody_else(compose: dict[str, Any]) -> None:
    services = compose["services"]
    nginx = services["nginx"]["networks"]["inside"]["ipv4_address"]
    assert services["app"]["environment"]["DANGXIAO_TRUSTED_PROXIES"] == nginx


def test_nginx_forwards_to_the_server_with_what_it_needs() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert f"server app:{DEFAULTS.port};" in text
    for header in (
        "Host $http_host",
        "X-Forwarded-For $remote_addr",
        "X-Forwarded-Proto $scheme",
        "Upgrade $http_upgrade",
    ):
        assert f"proxy_set_header {header};" in text
    timeout = re.search(r"proxy_read_timeout (\d+)s;", text)
    assert timeout
    assert int(timeout[1]) > DEFAULTS.event_wait_seconds
    size = re.search(r"client_max_body_size (\d+)m;", text)
    assert size
    assert int(size[1]) * 2**20 >= max(DEFAULTS.body_bytes, DEFAULTS.sdp_bytes)
    uploads = re.search(r"materials\$ \{\s+client_max_body_size (\d+)m;", text)
    assert uploads
    assert int(uploads[1]) * 2**20 >= max(taken.most_bytes for taken in TAKEN.values())


def test_turn_and_the_server_share_one_secret(compose: dict[str, Any]) -> None:
    lines = (ROOT / "deploy" / "turnserver.conf").read_text().splitlines()
    assert "use-auth-secret" in lines
    assert not any(line.startswith(("lt-cred-mech", "user=", "static-auth-secret")) for line in lines)
    command = compose["services"]["turn"]["command"]
    assert "--static-auth-secret=${TURN_SECRET:-}" in command
    assert compose["services"]["app"]["environment"]["DANGXIAO_TURN_SECRET"] == "${TURN_SECRET:-}"


def test_turn_relays_reach_the_media_server_only(compose: dict[str, Any]) -> None:
    lines = (ROOT / "deploy" / "turnserver.conf").read_text().splitlines()
    assert {line for line in lines if line.startswith("denied-peer-ip=")} == {
        "denied-peer-ip=0.0.0.0-255.255.255.255",
        "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    }
    assert not any(line.startswith("allowed-peer-ip") for line in lines)
    allowed = [word for word in compose["services"]["turn"]["command"] if word.startswith("--allowed-peer-ip")]
    assert len(allowed) == 1


def test_containers_are_given_no_rights_that_they_do_not_need(compose: dict[str, Any]) -> None:
    app = compose["services"]["app"]
    assert app["read_only"] is True
    assert app["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in app["security_opt"]


def test_no_other_container_can_get_the_trusted_address(compose: dict[str, Any]) -> None:
    (config,) = compose["networks"]["inside"]["ipam"]["config"]
    trusted = ipaddress.ip_address(compose["services"]["nginx"]["networks"]["inside"]["ipv4_address"])
    assert trusted in ipaddress.ip_network(config["subnet"])
    assert trusted not in ipaddress.ip_network(config["ip_range"])


def test_nginx_writes_no_secret_of_an_address_into_its_log() -> None:
    conf = (ROOT / "deploy" / "nginx.conf").read_text()
    logged = re.search(r"log_format plain (.*);", conf)
    assert logged is not None
    assert not re.search(r"\$(uri|request|request_uri|args)\b", logged[1])
    patterns = [re.sub(r"\?<(\w+)>", r"?P<\1>", p) for p in re.findall(r'^\s+"~(\S+)"\s+\$', conf, re.MULTILINE)]
    for secret in (
        "/hls/recording/GRANT/camera.m3u8",
        "/hls/recording/GRANT",
        "/whip/resource/SECRET",
        "/whep/resource/SECRET",
        "/pages/material/GRANT/phone-001.webp",
        "/s/SECRET",
    ):
        found = next(match for match in (re.search(pattern, secret) for pattern in patterns) if match)
        assert not re.search("GRANT|SECRET", "".join(filter(None, found.groups())))
