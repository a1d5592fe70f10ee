"""Lists as a browser shows them, and as their CSV has them."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from io import StringIO

from django.test import Client


class Cells(HTMLParser):
    """The texts of the cells of a page's table, by rows; the lines of a cell in one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.is_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row, a cell, or a line of a cell."""
        if tag == "tr":
            self.rows.append([])
        self.is_cell = self.is_cell or tag in ("td", "th")
        if tag in ("td", "th"):
            self.rows[-1].append("")
        elif self.is_cell and (tag == "br" or ("class", "line") in attrs) and self.rows[-1][-1]:
            self.rows[-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        self.is_cell = self.is_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        """Add to a cell."""
        if self.is_cell:
            self.rows[-1][-1] += data


def shown(client: Client, address: str) -> list[list[str]]:
    """Return the headings and the rows of the list at an address."""
    response = client.get(address, follow=True)
    assert response.status_code == 200, response
    return Cells(response.content.decode()).rows


def exported(client: Client, address: str) -> list[list[str]]:
    """Return the headings and the rows of the CSV at an address."""
    response = client.get(address)
    assert response.status_code == 200, response
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(StringIO(text, newline=""), strict=True))


def link(html: str, words: str) -> str:
    """Return the address of the link with some words; empty if there is none."""
    before, found, _ = html.partition(f">{words}</a>")
    return before.rpartition('href="')[2].partition('"')[0].replace("&amp;", "&") if found else ""
