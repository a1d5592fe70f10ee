"""A real OpenID Connect provider in a process of its own: that of allauth, with its own database.

python -m tests.running.provider FOLDER PORT CALLBACK
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.running.box import wait_until
from tests.running.browser import WORD
from tests.running.places import ROOT
from tests.running.postgresql import free_port
from tests.running.tls import listens

CLIENT_ID: Final = "meterbox"
CLIENT_SECRET: Final = "secret of meterbox"
#: Users of the provider: name, e-mail address, and whether the provider has verified it.
PEOPLE: Final = (
    ("anna", "Ann@meters.example", True),
    ("umberto", "una@meters.example", False),
    ("clara", "closed@meters.example", True),
    ("twin", "twin@meters.example", True),
    ("stranger", "stranger@elsewhere.example", True),
)
#: Seconds until the provider listens.
PATIENCE: Final = 60
APPS: Final = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
)
MIDDLEWARE: Final = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
)


@contextmanager
def provider(folder: Path, callback: str) -> Iterator[str]:
    """Run a provider that sends people back to one address; give its issuer."""
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "tests.running.provider", str(folder), str(port), callback]
    with (folder / "log").open("ab") as output:
        child = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    try:
        wait_until(lambda: listens(port) or child.poll() is not None, PATIENCE)
        assert child.poll() is None, (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait()


def configure(folder: Path) -> None:
    """Set Django up for this process."""
    import django
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    template = {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
    processors = ["request", "auth", "messages"]
    names = ["django.template.context_processors.request"]
    names += [f"django.contrib.{name}.context_processors.{name}" for name in processors[1:]]
    settings.configure(
        SECRET_KEY="for tests",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="__main__",
        INSTALLED_APPS=APPS,
        MIDDLEWARE=MIDDLEWARE,
        TEMPLATES=[{**template, "OPTIONS": {"context_processors": names}}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3")}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        # That of Meterbox is another cookie of the same host.
        SESSION_COOKIE_NAME="provider",
        CSRF_COOKIE_NAME="provider-csrf",
        LOGIN_URL="account_login",
        ACCOUNT_EMAIL_VERIFICATION="none",
        ACCOUNT_RATE_LIMITS=False,
        IDP_OIDC_PRIVATE_KEY=key.decode(),
    )
    django.setup()


def fill(callback: str) -> None:
    """Make the tables, the people and the client."""
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for name, email, is_verified in PEOPLE:
        user = User.objects.create_user(name, email, WORD)
        EmailAddress.objects.create(user=user, email=email, verified=is_verified, primary=True)
    client = Client(id=CLIENT_ID, name="Meterbox", skip_consent=True, redirect_uris=callback)
    client.scopes = "openid\nprofile\nemail"
    client.set_secret(CLIENT_SECRET)
    client.save()


if __name__ == "__main__":
    configure(Path(sys.argv[1]))
    fill(sys.argv[3])

    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import run
    from django.urls import include, path

    urlpatterns = [path("", include("allauth.account.urls")), path("", include("allauth.idp.urls"))]
    run("127.0.0.1", int(sys.argv[2]), WSGIHandler(), threading=True)
