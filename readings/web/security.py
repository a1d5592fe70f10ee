"""Security headers of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
#: Additions for some views: the styles of the API's documentation have small images inside.
_ADDITIONS: Final = {"api:openapi-view": "; img-src 'self' data:"}


class ContentSecurityPolicy:
    """Adds the policy to every answer. Django has this from 6.0 on; Meterbox also runs on 5.2."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and add the policy."""
        response = self.get_response(request)
        # The error pages of DEBUG have inline styles and scripts.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            view = request.resolver_match.view_name if request.resolver_match else ""
            response.headers.setdefault("Content-Security-Policy", POLICY + _ADDITIONS.get(view, ""))
        return response
