"""The pages that all of the admin is made of: a list with one search box, and the page of one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from readings.admin.lists import CappedPaginator, SearchedList
from readings.formats import text
from readings.presentation.charts.drawing import Chart
from readings.presentation.tables import Table
from readings.queries.search import Search

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:
    GenericAdmin = admin.ModelAdmin
else:

    class GenericAdmin(admin.ModelAdmin, Generic[Row]):
        """What type checkers know as it is."""


class ReadOnlyAdmin(GenericAdmin[Row]):
    """Shows what is stored, to those who may view it. Nobody changes it here."""

    actions = None
    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_help_text = "File name, in full."
    #: Only makes the box appear: `narrow` searches.
    search_fields = ("pk",)
    list_display_links = None
    empty_value_display = text.NOT_SAID
    rows: ClassVar[Callable[[], QuerySet[Any]]]
    #: Of the list, where the name of its rows is not enough.
    title: ClassVar[str] = ""

    def narrow(self, rows: QuerySet[Row], search: Search) -> QuerySet[Row]:
        """Leave the rows that a search asks for."""
        raise NotImplementedError

    def tables(self, row: Row) -> Iterable[Table]:
        """Give the tables on the page of a row."""
        return ()

    def chart(self, row: Row) -> Chart | None:
        """Give the chart on the page of a row."""
        return None

    def heading(self, row: Row) -> str:
        """Name a row at the top of its page."""
        return str(row)

    def links(self, row: Row) -> Iterable[SafeString]:
        """Give what the page of a row leads to."""
        return ()

    def address_of(self, row: Row) -> str:
        """Return the address of the page of a row, where it has one of ours; else the admin shows it."""
        return ""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a row, or lead to its page."""
        row = self.get_object(request, unquote(object_id))
        is_asked = request.method in ("GET", "HEAD") and row and self.has_view_permission(request, row)
        if is_asked and row and (address := self.address_of(row)):
            return redirect(address)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        """Return all rows, with what a line of the list needs."""
        return type(self).rows()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        """Return all rows: the list itself searches."""
        return queryset, False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the kind of list."""
        return SearchedList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list."""
        title = self.title or str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the page of one thing."""
        row = context["original"]
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
        """Refuse: files bring everything."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Refuse: a correction is a new file."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Refuse: nothing is deleted."""
        return False
