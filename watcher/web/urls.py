"""The addresses of the start page and the inbox page."""

from __future__ import annotations

from django.urls import path

from watcher.web import inbox, sample, start

urlpatterns = [
    path("", start.start, name="start"),
    path("start/sample/", sample.import_sample, name="import-sample"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/put-back/", inbox.put_file_back, name="put-back"),
]
