"""The list of readings as a user of Django REST framework writes it: the same rows, fields, token and permissions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer

from config.urls import urlpatterns as ours
from readings.api.resources.readings import MAY_VIEW
from readings.models import FlowFile, Reading
from readings.models.api_tokens import find_token
from readings.queries import lists


class Token(BaseAuthentication):  # type: ignore[misc]
    """Finds the token as we do."""

    def authenticate(self, request: Any) -> tuple[Any, Any]:
        """Return the user and the token."""
        found = find_token(request.headers.get("Authorization", "").removeprefix("Bearer "), timezone.now())
        if found is None:
            raise AuthenticationFailed
        return found.user, found


class MayView(BasePermission):  # type: ignore[misc]
    """Asks for the permissions that we ask for."""

    def has_permission(self, request: Any, view: object) -> bool:
        """Return whether the user may view readings."""
        return bool(request.user.has_perms(MAY_VIEW))


class ReadingSerializer(serializers.ModelSerializer):  # type: ignore[misc]
    """A reading with the names of its meter point, meter, register and last source."""

    scheme = serializers.CharField(source="meter_point.scheme")
    meter_point = serializers.CharField(source="meter_point.identifier")
    serial_number = serializers.CharField(source="register.meter.serial_number")
    register_id = serializers.CharField(source="register.register_id")
    suffix = serializers.CharField(source="register.suffix")
    unit = serializers.CharField(source="register.unit")
    value = serializers.CharField()
    counts = serializers.BooleanField(default=True)
    file = serializers.SerializerMethodField()
    sha256 = serializers.SerializerMethodField()
    line = serializers.SerializerMethodField()

    class Meta:
        model = Reading
        fields = (
            *("scheme", "meter_point", "serial_number", "register_id", "suffix", "unit", "read_at", "value"),
            *("md_reset_at", "reading_type", "flag", "method", "reason_code", "reason_description"),
            *("validation_status", "reading_status", "md_resets", "read_at_as_sent"),
            *("counts", "file", "sha256", "line"),
        )

    def get_file(self, row: Reading) -> str:
        """Return the name of the last source."""
        return lists.name_of(_source(row))

    def get_sha256(self, row: Reading) -> str:
        """Return the hash of the last source."""
        return _source(row).sha256

    def get_line(self, row: Reading) -> int:
        """Return the line in the last source."""
        return row.restated_line or row.line


def _source(row: Reading) -> FlowFile:
    return row.restated_in or row.flow_file


class Pages(CursorPagination):  # type: ignore[misc]
    """Pages in the order of the primary key, the fastest one."""

    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000
    ordering = "pk"


class Readings(ListAPIView):  # type: ignore[misc]
    """List the readings that count, with all related rows in as few queries as possible."""

    authentication_classes = (Token,)
    permission_classes = (MayView,)
    renderer_classes = (JSONRenderer,)
    serializer_class = ReadingSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Reading]:
        """Return the current readings without test data."""
        return lists.readings().current().exclude(meter_point__scheme="TEST_MPAN")


urlpatterns = [path("drf/readings", Readings.as_view()), *ours]
