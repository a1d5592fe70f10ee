"""The addresses of the web pages."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from readings import health, traffic

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", traffic.metrics, name="metrics"),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]
