"""The web pages of support staff: everything that was read, to be searched and not to be changed."""

from django.contrib import admin

from readings.admin import arrivals, flow_files, meter_points, readings

__all__ = ["arrivals", "flow_files", "meter_points", "readings"]

admin.site.site_header = "Meterbox"
admin.site.site_title = "Meterbox"
admin.site.index_title = "Meter readings"
admin.site.site_url = None
admin.site.enable_nav_sidebar = False
