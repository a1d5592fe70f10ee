"""What the web pages count, for Prometheus; docs/operations.md says what each metric is for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from time import perf_counter
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)

METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
#: Of this process.
REGISTRY: Final = CollectorRegistry()
_REQUESTS: Final = Counter(
    "meterbox_web_requests", "Requests answered.", ["method", "view", "status"], registry=REGISTRY
)
_SECONDS: Final = Histogram("meterbox_web_request_seconds", "How long answers took.", registry=REGISTRY)
ProcessCollector(registry=REGISTRY)


class Traffic:
    """Counts the requests and how long they take."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and count."""
        began_at = perf_counter()
        response = self.get_response(request)
        # Names of views, not paths, which hold what was searched for and have no end.
        match = request.resolver_match
        view = match.view_name if match else "none"
        method = request.method if request.method in METHODS else "other"
        _REQUESTS.labels(method, view, str(response.status_code)).inc()
        _SECONDS.observe(perf_counter() - began_at)
        return response


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, if it shows the token of the settings, or staff."""
    if not (_shows_token(request) or _is_staff(request)):
        message = "For staff, or with METRICS_TOKEN as bearer token.\n"
        return HttpResponse(message, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _shows_token(request: HttpRequest) -> bool:
    token = f"Bearer {settings.METRICS_TOKEN}"
    shown = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(shown.encode(), token.encode())


def _is_staff(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, AbstractUser) and user.is_active and user.is_staff
