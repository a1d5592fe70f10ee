"""Names, numbers and bytes as text for people."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

#: Placeholder for a value that the file does not state.
NO_VALUE: Final = "–"


def printable(name: bytes) -> str:
    r"""Return a name or path as printable text that can be stored; unprintable bytes become `\xNN`."""
    return "".join(map(_escaped, name.decode("utf-8", "surrogateescape")))


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def as_bytes(text: str) -> bytes:
    """Return the bytes of a name or path that `printable` escaped."""
    return re.sub(rb"\\(?:x([0-9a-f]{2})|\\)", _byte, text.encode())


def _byte(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode()) if escape[1] else b"\\"


def digits(value: Decimal) -> str:
    """Return a value as text with exactly its stored digits."""
    return format(value, "f")


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun, in singular or plural."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
