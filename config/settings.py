"""Django's settings and Meterbox's own, from the environment: docs/operations.md explains each."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config import environment, sso

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = environment.secret_key(BASE_DIR / ".secret_key")
DEBUG = environment.switch("DEBUG", default=False)
ALLOWED_HOSTS = [host.strip() for host in (os.environ.get("ALLOWED_HOSTS") or "localhost,127.0.0.1,[::1]").split(",")]

PUBLIC_URL = environment.public_url("PUBLIC_URL")
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES", "127.0.0.0/8, ::1")
if PUBLIC_URL:
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
    # TrustedProxy removes this header unless a trusted proxy sent it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_SSL_HOST = PUBLIC_URL.removeprefix("https://")
    # Monitors on this machine use HTTP.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Other hosts below this one may speak HTTP, and only their owner may enter a domain into browsers' preload lists.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CSRF_FAILURE_VIEW = "readings.web.guards.refusals.csrf_failure"

INSTALLED_APPS = [
    "readings",
    "watcher",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "readings.web.security.ContentSecurityPolicy",
    "readings.web.metrics.Traffic",
    "readings.api.errors.ProblemsOnly",
    "readings.web.guards.proxy.TrustedProxy",
    "readings.web.guards.deadlines.DatabaseDeadline",
    "readings.web.trail.notes.Flush",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "watcher.web.light.watcher_light",
            ]
        },
    }
]


def _database() -> dict[str, object]:
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}"
    try:
        database = dict(dj_database_url.parse(url, conn_health_checks=True))
    except (ValueError, KeyError) as error:
        expected = "sqlite:///PATH or postgresql://USER@HOST/NAME"
        # Without the value: it may hold a password.
        raise ImproperlyConfigured(f"DATABASE_URL is not understood: expected {expected}") from error
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # Commits are durable (FULL); readers and the one writer do not stop each other (WAL). An import changes more
        # pages than the 2 MB that SQLite holds by itself, and would write them to the log again and again.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-16000;",
        }
    return database


def _static_files_of(package: str) -> list[Path]:
    spec = find_spec(package)
    return [Path(place) / "static" for place in (spec and spec.submodule_search_locations) or ()]


DATABASES = {"default": _database()}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LOGIN_URL = "log-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "log-in"
LOG_IN_ATTEMPTS = environment.count("LOG_IN_ATTEMPTS", 10)
API_RATE = environment.rate("API_RATE", "600/min")

SSO_ISSUER = environment.issuer("SSO_ISSUER")
SSO_CLIENT_ID = os.environ.get("SSO_CLIENT_ID", "").strip()
SSO_CLIENT_SECRET = os.environ.get("SSO_CLIENT_SECRET", "").strip()
SSO_NAME = os.environ.get("SSO_NAME", "").strip() or "single sign-on"
if SSO_ISSUER:
    sso.require(SSO_CLIENT_ID=SSO_CLIENT_ID, SSO_CLIENT_SECRET=SSO_CLIENT_SECRET)
    INSTALLED_APPS += sso.APPS
    MIDDLEWARE.append(sso.MIDDLEWARE)
    globals().update(sso.settings(SSO_ISSUER, SSO_CLIENT_ID, SSO_CLIENT_SECRET, SSO_NAME))

# The address of the results names every file of an upload, and gunicorn takes addresses of 4,094 characters.
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "config.uploads.NamelessFileHandler",
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "static/"
# Scripts and styles of the page of the API. As an installed app, the library would be loaded by every command.
STATICFILES_DIRS = _static_files_of("ninja")
WHITENOISE_USE_FINDERS = True

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "readings.web.guards.sessions"
X_FRAME_OPTIONS = "DENY"

# Errors of pages go to the console.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}

INBOX_DIR = environment.folder("INBOX_DIR", BASE_DIR / "inbox")
ARCHIVE_DIR = environment.folder("ARCHIVE_DIR", BASE_DIR / "archive")
REJECTED_DIR = environment.folder("REJECTED_DIR", BASE_DIR / "rejected")
ALLOW_COPY = environment.switch("ALLOW_COPY", default=False)
INBOX_MARKER = environment.hidden_name("INBOX_MARKER")
WATCHER_ELSEWHERE = environment.switch("WATCHER_ELSEWHERE", default=False)
SCAN_SECONDS = environment.seconds("SCAN_SECONDS", 2)
QUIET_SECONDS = environment.seconds("QUIET_SECONDS", 2)
INCOMPLETE_AFTER = environment.seconds("INCOMPLETE_AFTER", 900)
MAX_BYTES = environment.size("MAX_BYTES", 2 * 1024**3)
NEM_UTC_OFFSET = environment.utc_offset("NEM_UTC_OFFSET", "+10:00")
MAX_ATTEMPTS = environment.count("MAX_ATTEMPTS", 3)
METRICS_HOST = os.environ.get("METRICS_HOST") or "127.0.0.1"
METRICS_PORT = environment.port("METRICS_PORT")
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "").strip()
TRAIL_VIEWS = environment.switch("TRAIL_VIEWS", default=True)
TRAIL_DAYS = environment.days("TRAIL_DAYS", 730)
