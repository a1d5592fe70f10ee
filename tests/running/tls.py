"""The web pages behind the TLS server of the deployment page: a real nginx with its own certificate."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.running.box import wait_until
from tests.running.postgresql import free_port
from tests.running.units import DEPLOY, WEB, running

NGINX: Final = "/usr/sbin/nginx"
#: Seconds until a server listens.
PATIENCE: Final = 30
HOST: Final = "localhost"


@contextmanager
def web_pages(environment: Mapping[str, str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the web pages as the systemd unit does, on a port of this machine."""
    with running(WEB, environment, log, port=port) as child:
        wait_until(lambda: listens(port), PATIENCE)
        yield child


@contextmanager
def tls_server(folder: Path, backend: int) -> Iterator[int]:
    """Run nginx with the documented configuration in front of the web pages; yield its port."""
    secure, plain = free_port(), free_port()
    certificate, key = make_certificate(folder)
    proxy = folder / "proxy.conf"
    proxy.write_text((DEPLOY / "nginx-proxy.conf").read_text().replace("127.0.0.1:8000", f"127.0.0.1:{backend}"))
    site = (DEPLOY / "nginx.conf").read_text()
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{secure} ssl"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("meters.example;", f"{HOST};"),
        ("/etc/ssl/meters.example.pem", str(certificate)),
        ("/etc/ssl/private/meters.example.key", str(key)),
        ("/etc/nginx/meterbox-proxy.conf", str(proxy)),
    ):
        assert old in site
        site = site.replace(old, new)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user {user()};"
        f"events {{}} http {{ access_log off; {temporary} {site} }}"
    )
    child = subprocess.Popen([NGINX, "-c", str(configuration), "-e", f"{folder}/error.log"])
    try:
        wait_until(lambda: listens(secure), PATIENCE)
        yield secure
    finally:
        child.terminate()
        child.wait()


def user() -> str:
    """Return the account of nginx's workers: only root may choose it."""
    return "root" if os.geteuid() == 0 else "nobody"


def listens(port: int) -> bool:
    """Return whether a server listens on a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Create a self-signed certificate for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
