"""The addresses of the start page and the inbox page."""

from __future__ import annotations

from django.urls import path

from watcher.web import inbox, progress, put_back, sample, start

urlpatterns = [
    path("", start.start, name="start"),
    path("start/sample/", sample.import_sample, name="import-sample"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/put-back/", put_back.put_file_back, name="put-back"),
    path("inbox/put-selected-back/", put_back.put_selected_back, name="put-selected-back"),
    path("inbox/progress.json", progress.progress, name="inbox-progress"),
]
