"""The web pages behind their gate, for granian: `start` and the systemd unit run this."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

pages = get_wsgi_application()

from django.conf import settings  # noqa: E402 - after the settings are read

from readings.web.guards.gate import Gate  # noqa: E402
from readings.web.upload import may_upload  # noqa: E402

#: Requests that are worked on at once.
WORKERS = 8

application = Gate(
    pages, upload_path="/upload", upload_bytes=settings.MAX_BYTES, may_upload=may_upload, workers=WORKERS
)
