"""Findings about a meter point in words, for the templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.text import count
from readings.models import Problem, Surplus
from readings.models.register_readings import Doubt
from readings.presentation import badges, cells
from readings.presentation.links import flow_file
from readings.queries.findings import LISTED, DoubtfulReadings, Findings

_NOUNS = {
    Doubt.SUSPECT: ("suspect reading", ""),
    Doubt.FAILED_VALIDATION: ("reading that failed validation", "readings that failed validation"),
    Doubt.NULL_DATA: ("reading of null data", "readings of null data"),
}


def in_words(findings: Findings, address_at: Callable[[datetime], str], *, is_nmi: bool) -> dict[str, object]:
    """Return the findings about a meter point for a template.

    `address_at` returns the address of its readings up to an instant.
    """
    return {
        "is_empty": not (findings.doubtful or findings.problems or findings.surpluses),
        "doubtful": [(_doubtful(each, is_nmi=is_nmi), address_at(each.newest)) for each in findings.doubtful],
        "problems": [_problem(each) for each in findings.problems],
        "surpluses": [_surplus(each) for each in findings.surpluses],
        "has_more_problems": findings.has_more_problems,
        "has_more_surpluses": findings.has_more_surpluses,
        "listed": LISTED,
    }


def _problem(row: Problem) -> dict[str, object]:
    severity = badges.outcome(row.severity, row.get_severity_display())
    return {"severity": severity, "problem": row, "where": cells.line(row.line), "origin": flow_file(row.flow_file)}


def _doubtful(row: DoubtfulReadings, *, is_nmi: bool) -> str:
    number = count(row.number, *_NOUNS[row.doubt])
    return f"{number}, the newest of {cells.market_instant(row.newest, is_nmi=is_nmi)}"


def _surplus(row: Surplus) -> SafeString:
    number = count(row.number, f"more {row.get_severity_display().lower()}")
    code = format_html(" <strong>{}</strong>", row.code) if row.code else ""
    text = "{} has {}{}, counted but not stored; some may concern this meter point."
    return format_html(text, flow_file(row.flow_file), number, code)
