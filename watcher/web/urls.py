"""The addresses of the start page and the inbox page."""

from __future__ import annotations

from django.urls import path

from watcher.web import inbox, start

urlpatterns = [
    path("", start.start, name="start"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/put-back/", inbox.put_file_back, name="put-back"),
]
