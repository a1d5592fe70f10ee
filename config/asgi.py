"""The web pages behind their gate, for granian: `start` and the systemd unit run this."""

from django.conf import settings
from django.urls import reverse

from config.wsgi import application as pages  # sets Django up; the imports below need it
from readings.web.guards.gate import Gate
from readings.web.upload import may_upload

#: Number of requests that are served at the same time.
WORKERS = 8

application = Gate(
    pages, upload_path=reverse("upload"), upload_bytes=settings.MAX_BYTES, may_upload=may_upload, workers=WORKERS
)
