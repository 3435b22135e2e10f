"""Following addresses that change while the server runs."""

import asyncio
import contextlib
import datetime as dt
from asyncio import sslproto

import aiohttp
import pytest
from cryptography import x509

from server.settings import Settings
from server.web import certificates, tls
from server.web.addresses import Network
from server.web.origins import Origins

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)


async def test_a_new_address_gets_into_certificate_and_origins(tmp_path, monkeypatch):
    settings = Settings(data=tmp_path)
    identity = tls.identify(settings, Network(("192.168.1.20",)), NOW)
    origins = Origins("https", identity.names, 8443)
    assert not origins.allows("https://10.0.0.7:8443")
    monkeypatch.setattr("server.web.addresses.present", lambda: Network(("10.0.0.7",)))
    watching = asyncio.create_task(tls.watch(settings, identity, origins, lambda: NOW, every_s=0.01))
    async with asyncio.timeout(60):
        while not origins.allows("https://10.0.0.7:8443"):  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    leaf = x509.load_pem_x509_certificate((tmp_path / "tls" / "server.crt").read_bytes())
    assert "10.0.0.7" in certificates.names_of(leaf)
    assert origins.allows("https://192.168.1.20:8443"), "who is connected by the old address may stay"


def test_own_files_bring_their_names_along(tmp_path):
    folder = certificates.ensure(tmp_path / "other", ("class.example.org",), NOW)
    settings = Settings(data=tmp_path, tls="files", tls_cert=folder.leaf_cert, tls_key=folder.leaf_key)
    identity = tls.identify(settings, Network(()), NOW)
    assert identity.ca is None
    assert "class.example.org" in identity.names


def test_files_that_do_not_fit_are_one_sentence(tmp_path):
    folder = certificates.ensure(tmp_path / "other", ("a.example",), NOW)
    settings = Settings(data=tmp_path, tls="files", tls_cert=folder.leaf_cert, tls_key=folder.ca_key)
    with pytest.raises(tls.CertificateUnusable) as refused:
        tls.identify(settings, Network(()), NOW)
    assert str(folder.leaf_cert) in str(refused.value)


def test_behind_a_proxy_there_is_no_certificate(tmp_path):
    settings = Settings(data=tmp_path, tls="off", trusted_proxies=("127.0.0.1",), public_url="https://a.example")
    identity = tls.identify(settings, Network(()), NOW)
    assert (identity.context, identity.scheme) == (None, "http")
    assert not (tmp_path / "tls").exists()


async def test_tls_connections_share_one_buffer_for_reading(school, monkeypatch):
    """asyncio keeps 256 KiB each: half a gigabyte for two thousand phones. Its names for it are private."""
    lent = []
    lend = sslproto.SSLProtocol.get_buffer

    def get_buffer(protocol, size):
        lent.append(lend(protocol, size))
        return lent[-1]

    monkeypatch.setattr(sslproto.SSLProtocol, "get_buffer", get_buffer)
    bodies = [letter * 60_000 for letter in (b"a", b"b", b"c")]
    connector = aiohttp.TCPConnector(ssl=school.context, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def send(body):
            async with session.post(f"{school.url}/api/v1/session", data=body) as answer:
                assert answer.status < 500

        await asyncio.gather(*(send(body) for body in bodies))
    assert len({id(view) for view in lent}) == 1
    assert len(lent[0]) == 16_384
