"""Prometheus metrics of the web pages; docs/operations.md describes each one."""

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
#: Registry of this process.
REGISTRY: Final = CollectorRegistry()
_REQUESTS: Final = Counter(
    "meterbox_web_requests", "Requests answered.", ["method", "view", "status"], registry=REGISTRY
)
_SECONDS: Final = Histogram("meterbox_web_request_seconds", "Duration of the answers.", registry=REGISTRY)
ProcessCollector(registry=REGISTRY)


class Traffic:
    """Middleware that counts requests and measures their duration."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and count it."""
        began_at = perf_counter()
        response = self.get_response(request)
        # Names of views, not paths: paths contain search terms, and their number has no limit.
        match = request.resolver_match
        view = match.view_name if match else "none"
        method = request.method if request.method in METHODS else "other"
        _REQUESTS.labels(method, view, str(response.status_code)).inc()
        _SECONDS.observe(perf_counter() - began_at)
        return response


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to staff, and to requests with METRICS_TOKEN as bearer token."""
    if not (_has_token(request) or _is_staff(request)):
        message = "For staff, or with METRICS_TOKEN as bearer token.\n"
        return HttpResponse(message, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    token = f"Bearer {settings.METRICS_TOKEN}"
    header = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(header.encode(), token.encode())


def _is_staff(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, AbstractUser) and user.is_active and user.is_staff
