"""Tells Django which site the admin is."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "immuno_site.staff.site.StaffSite"
