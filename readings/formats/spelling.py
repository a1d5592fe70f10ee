"""Spellings of serial numbers and register ids."""

from __future__ import annotations


def searchable_form(serial_number: str) -> str:
    """Return a serial number without spaces and in upper case, the form that searches use."""
    return serial_number.replace(" ", "").upper()


def without_spelling(name: str) -> str:
    """Return a serial number or register id in the form that its spellings share."""
    return searchable_form(name).lstrip("0")
