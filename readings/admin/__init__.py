"""The web pages of support staff: everything that was read, to be searched and not to be changed."""

from django.contrib import admin

from readings.admin import accumulations, arrivals, flow_files, interval_days, meter_points, readings, site_visits

__all__ = ["accumulations", "arrivals", "flow_files", "interval_days", "meter_points", "readings", "site_visits"]

admin.site.site_header = "Meterbox"
admin.site.site_title = "Meterbox"
admin.site.index_title = "Meter readings"
admin.site.site_url = "/"
admin.site.enable_nav_sidebar = False
