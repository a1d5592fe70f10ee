"""The page that shows the description, and sends requests from the browser: Swagger UI, as the library brings it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class DocumentationPage(DocsBase):
    """The page in our frame; it loads nothing from other servers."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Return the page."""
        return render(request, "readings/api.html", {"address": self.get_openapi_url(api, kwargs)})
