"""Base of all admin pages: a list with one search box, and the page of one row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString

from readings.admin.lists import CappedPaginator, SearchedList
from readings.formats import text
from readings.models import MeterPoint
from readings.models.trail import Door, note_views
from readings.presentation.charts.figure import Figure
from readings.presentation.tables import Table
from readings.queries.search import Search

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:
    GenericAdmin = admin.ModelAdmin
else:

    class GenericAdmin(admin.ModelAdmin, Generic[Row]):
        """Generic form of the class, which only type checkers have."""


class ReadOnlyAdmin(GenericAdmin[Row]):
    """Read-only list and pages of stored rows, for those with the view permission."""

    actions = None
    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_help_text = "A complete file name."
    #: Placeholder that makes Django show the search box: `narrow` searches.
    search_fields = ("pk",)
    list_display_links = None
    empty_value_display = text.NO_VALUE
    rows: ClassVar[Callable[[], QuerySet[Any]]]
    #: Title of the list; empty for the plural of its rows.
    title: ClassVar[str] = ""
    #: Name of the address of the list in `web`; empty if it has none.
    page: ClassVar[str] = ""

    def narrow(self, rows: QuerySet[Row], search: Search) -> QuerySet[Row]:
        """Return the rows that match a search."""
        raise NotImplementedError

    def tables(self, row: Row) -> Iterable[Table]:
        """Return the tables on the page of a row."""
        return ()

    def chart(self, row: Row) -> Figure | None:
        """Return the chart on the page of a row, or None."""
        return None

    def heading(self, row: Row) -> str:
        """Return the heading of the page of a row."""
        return str(row)

    def links(self, row: Row) -> Iterable[SafeString]:
        """Return the links on the page of a row."""
        return ()

    def address_of(self, row: Row) -> str:
        """Return the address of the page of a row in `web`; empty if the admin has the page."""
        return ""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a row, or redirect to its page in `web`."""
        row = self.get_object(request, unquote(object_id))
        may_view = request.method in ("GET", "HEAD") and row and self.has_view_permission(request, row)
        if may_view and row and (address := self.address_of(row)):
            return redirect(address)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        """Return all rows, with the related rows that the list needs."""
        return type(self).rows()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        """Return all rows: `SearchedList` searches."""
        return queryset, False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the class of the list."""
        return SearchedList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list."""
        title = self.title or str(self.opts.verbose_name_plural).capitalize()
        response = super().changelist_view(request, {"title": title, "page": self.page, **(extra_context or {})})
        listed = getattr(response, "context_data", {}).get("cl")
        if isinstance(listed, SearchedList) and listed.result_list:
            _note_look(request, listed.searched_rows, f"list of {self.opts.verbose_name_plural}")
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the page of one row."""
        row = context["original"]
        _note_look(request, [row], f"{self.opts.verbose_name}")
        context.update(
            title=str(self.opts.verbose_name).capitalize(),
            subtitle=None,
            heading=self.heading(row),
            links=self.links(row),
            chart=self.chart(row),
            tables=self.tables(row),
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: only imports add rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Return False: a correction is a new file."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Return False: rows are never deleted."""
        return False


def _note_look(request: HttpRequest, rows: Iterable[Model], page: str) -> None:
    """Note that a page shows statements of the meter points of rows; other rows concern none."""
    points = [row if isinstance(row, MeterPoint) else getattr(row, "meter_point", None) for row in rows]
    looks = {point.pk: point for point in points if isinstance(point, MeterPoint)}
    if looks and settings.TRAIL_VIEWS:
        by_whom = request.user.get_username()
        note_views(looks.values(), at=timezone.now(), door=Door.PAGE, by_whom=by_whom, subject=page)
