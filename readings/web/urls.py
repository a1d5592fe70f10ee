"""The addresses of the pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from readings.web import exports, meter_point, tokens
from readings.web.consumption import detail, summary
from readings.web.consumption.analysis import completeness, load, outliers
from readings.web.consumption.comparison import page as comparison
from readings.web.flow_files import downloads, upload
from readings.web.flow_files import page as flow_file
from readings.web.lists import addresses
from readings.web.log_in import LogIn
from readings.web.password import ChangePassword
from readings.web.search.page import export_search, search
from readings.web.trail import page as trail

urlpatterns = [
    path("consumption/", summary.summary, name="summary"),
    path("consumption/load/", load.load, name="consumption-load"),
    path("consumption/completeness/", completeness.completeness, name="consumption-completeness"),
    path("consumption/outliers/", outliers.outliers, name="consumption-outliers"),
    path("consumption/compare/", comparison.compare, name="consumption-compare"),
    path("consumption/<str:scheme>/<str:identifier>/", detail.detail, name="consumption"),
    path("consumption/<str:scheme>/<str:identifier>/values.json", detail.values, name="consumption-values"),
    path("meter-points/<path:identifier>/", meter_point.meter_point, name="meter-point"),
    re_path(r"^flow-files/(?P<sha256>[0-9A-Fa-f]{12,64})/$", flow_file.flow_file, name="flow-file"),
    path("flow-files/<str:sha256>/report.txt", downloads.report_text, name="flow-file-report"),
    path("flow-files/<str:sha256>/report.json", downloads.report_document, name="flow-file-report-json"),
    path("flow-files/<str:sha256>/original", downloads.original, name="flow-file-original"),
    path("search", search, name="search"),
    path("search.csv", export_search, name="export-search"),
    path("trail/", trail.trail, name="trail"),
    path("trail.csv", trail.export_trail, name="export-trail"),
    path("upload", upload.upload, name="upload"),
    path("log-in/", LogIn.as_view(), name="log-in"),
    path("log-out/", login_not_required(LogoutView.as_view()), name="log-out"),
    path("password/", ChangePassword.as_view(), name="password"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:id>/revoke/", tokens.revoke, name="revoke-token"),
    path("exports/readings.csv", exports.readings, name="export-readings"),
    path("exports/intervals.csv", exports.intervals, name="export-intervals"),
    *addresses.urlpatterns,
]
