"""The admin: lists and pages for support staff, with search and without changes."""

from django.contrib import admin

from readings.admin import (
    accumulations,
    arrivals,
    flow_files,
    interval_days,
    meter_points,
    readings,
    site_visits,
    users,
)

__all__ = [
    "accumulations",
    "arrivals",
    "flow_files",
    "interval_days",
    "meter_points",
    "readings",
    "site_visits",
    "users",
]

admin.site.site_header = "Administration"
admin.site.site_title = "Meterbox"
admin.site.index_title = "Administration"
# The header has the navigation of the pages.
admin.site.site_url = None
admin.site.enable_nav_sidebar = False
