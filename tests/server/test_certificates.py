"""The private CA: made once, its leaf follows addresses and time."""

import datetime as dt
import ssl
import stat

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from server.web import addresses, certificates

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
NAMES = ("localhost", "127.0.0.1", "192.168.1.20")


def leaf_of(folder):
    return x509.load_pem_x509_certificate(folder.leaf_cert.read_bytes())


def test_the_leaf_is_trusted_by_the_ca_for_each_name_and_address(tmp_path):
    folder = certificates.ensure(tmp_path / "tls", NAMES, NOW)
    store = Store([x509.load_pem_x509_certificate(folder.ca_cert.read_bytes())])
    for name in NAMES:
        subject = certificates._general_name(name)
        PolicyBuilder().store(store).time(NOW).build_server_verifier(subject).verify(leaf_of(folder), [])


def test_a_leaf_lives_at_most_397_days_and_the_ca_ten_years(tmp_path):
    folder = certificates.ensure(tmp_path, NAMES, NOW)
    ca = x509.load_pem_x509_certificate(folder.ca_cert.read_bytes())
    leaf = leaf_of(folder)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= dt.timedelta(days=397)
    assert ca.not_valid_after_utc - ca.not_valid_before_utc >= dt.timedelta(days=3650)


def test_a_second_start_changes_nothing(tmp_path):
    folder = certificates.ensure(tmp_path, NAMES, NOW)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    certificates.ensure(folder.path, NAMES, NOW + dt.timedelta(days=1))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("names", "days"), [((*NAMES, "10.0.0.7"), 0), (NAMES, 380)], ids=["a new address", "thirty days left"]
)
def test_the_leaf_is_reissued_and_the_ca_kept(tmp_path, names, days):
    folder = certificates.ensure(tmp_path, NAMES, NOW)
    ca, serial = folder.ca_cert.read_bytes(), leaf_of(folder).serial_number
    certificates.ensure(tmp_path, names, NOW + dt.timedelta(days=days))
    assert folder.ca_cert.read_bytes() == ca
    assert leaf_of(folder).serial_number != serial
    assert set(names) <= certificates.names_of(leaf_of(folder))


def test_keys_are_readable_by_their_owner_only(tmp_path):
    folder = certificates.ensure(tmp_path / "tls", NAMES, NOW)
    for path in (folder.ca_key, folder.leaf_key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_old_tls_versions_are_refused(tmp_path):
    folder = certificates.ensure(tmp_path, NAMES, NOW)
    context = certificates.server_context(folder.leaf_cert, folder.leaf_key)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_the_default_route_comes_first_and_loopback_never():
    found = ["127.0.0.1", "10.1.1.1", "203.0.113.9", "192.168.1.20", "169.254.3.4"]
    assert addresses.in_order(found, preferred="203.0.113.9") == ["203.0.113.9", "10.1.1.1", "192.168.1.20"]


def test_this_machine_reports_its_addresses_without_loopback():
    assert "127.0.0.1" not in addresses.present().addresses
