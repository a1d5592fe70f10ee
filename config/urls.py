"""The addresses of the web pages."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from readings.api.interface import api
from readings.web import health, metrics
from watcher.web import inbox_api

api.add_router("", inbox_api.router)
urlpatterns = [
    # One log-in for all, with its limit; this address ignores forms.
    path("admin/login/", login_not_required(RedirectView.as_view(pattern_name="log-in", query_string=True))),
    # The address of the inbox before it left the admin.
    path("admin/watcher/inbox/", RedirectView.as_view(pattern_name="inbox", permanent=True)),
    path("admin/", admin.site.urls),
    path("healthz", login_not_required(health.alive), name="healthz"),
    path("readyz", login_not_required(health.ready), name="readyz"),
    path("metrics", login_not_required(metrics.metrics), name="metrics"),
    path("api/", api.urls),
    path("", include("readings.web.urls")),
    path("", include("watcher.web.urls")),
]
if settings.SSO_ISSUER:
    # First: its log-in takes the place of that of the pages.
    urlpatterns.insert(0, path("", include("readings.web.sso.urls")))

handler400 = "readings.web.guards.refusals.bad_request"
handler500 = "readings.web.guards.refusals.server_error"
