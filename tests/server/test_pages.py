"""The built client, and the plain port's guide."""

import base64
import hashlib
import plistlib
import ssl

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from server.web.pages import Pages, built_client
from tests.servers.process import free_port

from .conftest import open_school, problem_of


@pytest.fixture
def client(tmp_path, monkeypatch):
    folder = tmp_path / "client"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>党校</title>")
    (folder / "assets" / "app-C0ffee12.js").write_text("console.log(1)\n" * 200)
    (folder / "favicon.svg").write_text("<svg/>")
    monkeypatch.setattr("server.app.furnishing.built_client", lambda: folder)
    return folder


@pytest.mark.process
async def test_hashed_files_are_kept_for_ever_and_the_page_is_asked_for_each_time(client, tmp_path):
    async with open_school(tmp_path / "data", demo=False) as school:
        stranger = await school.stranger()
        script = await stranger.get("/assets/app-C0ffee12.js")
        assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert script.headers["Content-Encoding"] == "gzip"
        assert script.text == "console.log(1)\n" * 200
        for path in ("/", "/m/0b2f", "/console/0b2f", "/manage/lessons"):
            page = await stranger.get(path)
            assert (page.status, page.text) == (200, "<!doctype html><title>党校</title>")
            assert page.headers["Cache-Control"] == "no-cache"
        again = await stranger.get("/", headers={"If-None-Match": page.headers["ETag"]})
        assert again.status == 304
        problem_of(await stranger.get("/assets/gone-12345678.js"), 404, "no_such_page")
        problem_of(await stranger.get("/api/v1/nothing"), 404, "no_such_page")


@pytest.mark.process
async def test_the_script_inside_the_page_may_run_and_no_other(client, tmp_path):
    script = "\n  again()\n"
    (client / "index.html").write_text(f'<script>{script}</script><script src="/a.js"></script>')
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    async with open_school(tmp_path / "data", demo=False) as school:
        stranger = await school.stranger()
        page = await stranger.get("/m/0b2f")
        # A 304 brings its headers, too, and they replace the kept ones.
        kept = await stranger.get("/", headers={"If-None-Match": page.headers["ETag"]})
        picture = await stranger.get("/favicon.svg")
    for answer in (page, kept):
        assert f"script-src 'self' 'sha256-{digest}';" in answer.headers["Content-Security-Policy"]
    assert kept.status == 304
    assert "script-src 'self';" in picture.headers["Content-Security-Policy"]


@pytest.mark.process
async def test_without_a_built_client_a_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("server.app.furnishing.built_client", lambda: None)
    async with open_school(tmp_path, demo=False) as school:
        page = await (await school.stranger()).get("/")
        assert page.status == 503
        assert "尚未构建" in page.text
        assert "not built" in page.text


def test_a_folder_without_a_page_is_no_client(tmp_path):
    found = built_client()
    assert found is None or (found / "index.html").is_file()
    assert Pages(tmp_path)._paths == {}


@pytest.fixture
async def plain(tmp_path):
    changes = {"plain_port": free_port(), "organisation": "某集团", "demo": False}
    async with open_school(tmp_path, **changes) as school, aiohttp.ClientSession() as session:
        yield school, session, f"http://localhost:{school.settings.plain_port}"


async def test_the_plain_port_has_the_guide_and_the_certificate(plain):
    school, session, url = plain
    async with session.get(url + "/") as answer:
        page = await answer.text()
    for words in ("某集团", "iPhone", "安卓", "Windows", "Android", school.url, "data:image/svg+xml"):
        assert words in page
    assert page.index("苹果") < page.index("安卓") < page.index("Windows")
    async with session.get(url + "/ca.crt") as answer:
        certificate = x509.load_der_x509_certificate(await answer.read())
        assert answer.content_type == "application/x-x509-ca-cert"
    ssl.create_default_context().load_verify_locations(
        cadata=ssl.DER_cert_to_PEM_cert(certificate.public_bytes(Encoding.DER))
    )
    async with session.get(url + "/dangxiao.mobileconfig") as answer:
        profile = plistlib.loads(await answer.read())
    payload = profile["PayloadContent"][0]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert payload["PayloadContent"] == certificate.public_bytes(Encoding.DER)


async def test_the_plain_port_leads_everything_else_to_https(plain):
    school, session, url = plain
    for path in ("/m/1?x=2", "/api/v1/session", "/socket.io/"):
        async with session.get(url + path, allow_redirects=False) as answer:
            assert answer.status == 308
            assert answer.headers["Location"] == school.url + path
            assert "Set-Cookie" not in answer.headers
    async with session.get(url + "/x", headers={"Host": "evil.example"}, allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith(school.url)
    async with session.post(url + "/api/v1/session", json={}) as answer:
        assert answer.status == 405
