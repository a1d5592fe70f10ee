"""The API: one object that knows all resources. `config` adds what the watcher knows."""

from __future__ import annotations

from typing import Final

from readings import VERSION
from readings.api.description.page import DocumentationPage
from readings.api.errors import install
from readings.api.openapi import DescribedAPI
from readings.api.parameters import strict
from readings.api.resources import (
    advances,
    consumption,
    flow_file_contents,
    flow_files,
    meter_points,
    readings,
    summary,
    uploads,
)
from readings.api.throttling import PER_CALLER

_DESCRIPTION: Final = """\
Upload flow files, and read what they say: the same importer and the same data as on the pages.

Programs send a token (`Authorization: Bearer mbx_…`), made by `manage.py make_token` or on the page of tokens.
Lists come in pages of at most `limit` rows; `next` and the header `Link` are the address of the next one.
Times have their offset; values are decimals as sent, in strings. Errors are problem details (RFC 9457).
"""

api = DescribedAPI(
    title="Meterbox",
    version=VERSION,
    description=_DESCRIPTION,
    urls_namespace="api",
    throttle=[PER_CALLER],
    docs=DocumentationPage(),
)
install(api)
api.add_decorator(strict)
_RESOURCES: Final = (flow_files, uploads, flow_file_contents, meter_points, readings, advances, consumption, summary)

# Operations at one address need one router: the list of flow files and the upload have the same.
for router in dict.fromkeys(resource.router for resource in _RESOURCES):
    api.add_router("", router)
