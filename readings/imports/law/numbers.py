"""Numbers as texts."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


class Numbers:
    """Comma-separated numbers that compare as numbers, however they are written."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Numbers):
            return NotImplemented
        return self._text == other._text or self._as_numbers() == other._as_numbers()

    def __hash__(self) -> int:
        return hash(tuple(self._as_numbers()))

    def _as_numbers(self) -> list[Decimal | str]:
        return [_number(text) for text in self._text.split(",")]


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
