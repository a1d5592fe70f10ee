"""Programs that call the API."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import timedelta
from io import StringIO
from typing import Any, Final

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from readings.models.api_tokens import ApiToken, Scope, make_token
from readings.models.roles import ANALYST, give_role

#: Members of problem details; a rejected file adds its report.
MEMBERS: Final = {"type", "title", "status", "detail", "errors"}
#: Parts of pages and of tracebacks.
_NOT_FOR_PROGRAMS: Final = ("<html", "<!doctype", "<body", "<h1", "traceback", 'file "', "exception type")


class Program:
    """A program with a token of a new user; no `role` means none."""

    def __init__(self, role: str = ANALYST, scope: Scope = Scope.READ, name: str = "ann") -> None:
        self.user = User.objects.create_user(name)
        if role:
            give_role(self.user, role)
        now = timezone.now()
        self.token: ApiToken
        self.token, self.secret = make_token(self.user, scope, "test", now=now, expires_at=now + timedelta(days=1))
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {self.secret}"})

    def get(
        self,
        address: str,
        query: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the answer to a request below /api/, which must have a status."""
        path = address if address.startswith("/") else f"/api/{address}"
        response = self.client.get(path, query, headers=headers)
        assert response.status_code == status, response.content.decode()
        return response

    def items(self, address: str, query: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows of the first page of a list."""
        return list(self.get(address, query).json()["items"])

    def rows(self, address: str, query: Mapping[str, Any] | None = None) -> list[dict[str, str]]:
        """Return the rows of the first page of a list as CSV."""
        return list(
            csv.DictReader(StringIO(self.get(address, query, headers={"Accept": "text/csv"}).content.decode()))
        )

    def pages(self, address: str, query: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of each page of a list."""
        following: str | None = address
        parameters: Mapping[str, Any] | None = query
        while following:
            page = self.get(following, parameters).json()
            yield page["items"]
            following, parameters = page["next"], None

    def refused(self, address: str, query: Mapping[str, Any] | None = None, *, status: int = 422) -> dict[str, Any]:
        """Return the problem details of a request that is refused."""
        return problem_details(self.get(address, query, status=status))

    def wrong(self, address: str, query: Mapping[str, Any]) -> list[str]:
        """Return the names of the parameters that are wrong."""
        return [error["parameter"] for error in self.refused(address, query)["errors"]]


def problem_details(response: Any) -> dict[str, Any]:
    """Return the problem details of an answer; assert that they are complete and for programs."""
    text = response.content.decode()
    assert response.headers["Content-Type"] == "application/problem+json", text[:500]
    assert [part for part in _NOT_FOR_PROGRAMS if part in text.lower()] == []
    document: dict[str, Any] = response.json()
    assert MEMBERS <= set(document) <= MEMBERS | {"report"}
    assert document["status"] == response.status_code
    assert document["title"]
    assert document["detail"]
    for error in document["errors"]:
        assert set(error) == {"parameter", "detail"}
        assert error["detail"]
    return document
