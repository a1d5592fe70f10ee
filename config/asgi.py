"""The web pages behind their gate, for granian: `start` and the systemd unit run this."""

from django.conf import settings
from django.urls import reverse

from config.wsgi import application as pages  # sets Django up; the imports below need it
from readings.web.guards.gate import Gate
from readings.web.guards.uploaders import PROGRAMS, refuse_person, refuse_program

#: Number of requests that are served at the same time.
WORKERS = 8

application = Gate(
    pages,
    uploads={reverse("upload"): refuse_person, PROGRAMS: refuse_program},
    upload_bytes=settings.MAX_BYTES,
    workers=WORKERS,
)
