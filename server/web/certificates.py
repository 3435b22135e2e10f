"""The private CA of an intranet: a root for ten years, a leaf for at most 397 days that follows our addresses.

Apple's systems refuse leaves of more than 825 days under private roots and 398 under public ones: we keep the
stricter one. Without HTTPS a page gets neither camera nor microphone. Files are written
whole and readable by the owner only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_LIFE = dt.timedelta(days=3650)
LEAF_LIFE = dt.timedelta(days=397)
RENEW_BEFORE = dt.timedelta(days=30)
# A phone's clock may lag: certificates begin a day early.
BACKDATED = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the files of the private CA live."""

    path: Path

    @property
    def ca_cert(self) -> Path:
        return self.path / "ca.crt"

    @property
    def ca_key(self) -> Path:
        return self.path / "ca.key"

    @property
    def leaf_cert(self) -> Path:
        return self.path / "server.crt"

    @property
    def leaf_key(self) -> Path:
        return self.path / "server.key"


def ensure(path: Path, names: Iterable[str], now: dt.datetime) -> Folder:
    """A CA and a leaf for exactly these host names and IP addresses, made or renewed as needed."""
    folder = Folder(path)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder.ca_cert.is_file() and folder.ca_key.is_file()):
        _make_ca(folder, now)
    wanted = tuple(dict.fromkeys(names))
    if not leaf_serves(folder, wanted, now):
        _make_leaf(folder, wanted, now)
    return folder


def leaf_serves(folder: Folder, names: tuple[str, ...], now: dt.datetime) -> bool:
    """The leaf covers these names, comes from our CA and has more than thirty days left."""
    if not (folder.leaf_cert.is_file() and folder.leaf_key.is_file()):
        return False
    leaf = x509.load_pem_x509_certificate(folder.leaf_cert.read_bytes())
    ca = x509.load_pem_x509_certificate(folder.ca_cert.read_bytes())
    fresh = leaf.not_valid_after_utc - now > RENEW_BEFORE and leaf.not_valid_before_utc <= now
    return fresh and set(names) <= names_of(leaf) and _key_id(leaf) == _own_key_id(ca)


def names_of(certificate: x509.Certificate) -> set[str]:
    san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {*san.get_values_for_type(x509.DNSName), *map(str, san.get_values_for_type(x509.IPAddress))}


def server_context(cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and newer. Raises OSError or ssl.SSLError when the files cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context


def der(certificate: Path) -> bytes:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(serialization.Encoding.DER)


def fingerprint(certificate: Path) -> str:
    """SHA-256 as people compare it: pairs of hex digits."""
    digest = hashlib.sha256(der(certificate)).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def _make_ca(folder: Folder, now: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own per installation: two servers' roots must not be confused in a phone's list.
    mark = hashlib.sha256(_public_bytes(key)).hexdigest()[:8]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"党校 本地根证书 dangxiao CA {mark}")])
    builder = (
        _builder(name, name, key, now, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    _write_key(folder.ca_key, key)
    _write(folder.ca_cert, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), 0o644)


def _make_leaf(folder: Folder, names: tuple[str, ...], now: dt.datetime) -> None:
    ca = x509.load_pem_x509_certificate(folder.ca_cert.read_bytes())
    ca_key = serialization.load_pem_private_key(folder.ca_key.read_bytes(), None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{folder.ca_key} is not an elliptic-curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = (
        _builder(subject, ca.subject, key, now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    )
    pem = builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    _write_key(folder.leaf_key, key)
    _write(folder.leaf_cert, pem + folder.ca_cert.read_bytes(), 0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, life: dt.timedelta
) -> x509.CertificateBuilder:
    begin = now - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + life)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _own_key_id(certificate: x509.Certificate) -> bytes:
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def _key_id(certificate: x509.Certificate) -> bytes | None:
    return certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(path, pem, 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, never readable by others in between."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
