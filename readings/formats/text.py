"""How names, numbers and bytes are written where people read them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

#: Stands where a file says nothing.
NOT_SAID: Final = "–"


def shown(name: bytes) -> str:
    r"""Write a name or path so that it can be shown and stored: what does not print becomes `\xNN`."""
    return "".join(map(_shown_character, name.decode("utf-8", "surrogateescape")))


def _shown_character(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def as_bytes(text: str) -> bytes:
    """Return the name or path that was shown so."""
    return re.sub(rb"\\(?:x([0-9a-f]{2})|\\)", _byte, text.encode())


def _byte(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode()) if escape[1] else b"\\"


def digits(value: Decimal) -> str:
    """Write a value with exactly the digits that are stored."""
    return format(value, "f")


def count(number: int, one: str, many: str = "") -> str:
    """Write a number of things."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
