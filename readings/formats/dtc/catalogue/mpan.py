"""MPAN core: 13 digits, the last of which is a check digit."""

from __future__ import annotations

from typing import Final

from readings.formats.contract import ERROR
from readings.formats.dtc.catalogue.codes import DISTRIBUTORS
from readings.formats.fields import ValueAndFaults

_WEIGHTS: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
#: Weighted sums of every three digits, for each position in the MPAN core.
_SUMS: Final = tuple(
    {
        f"{number:03}": sum(
            weight * int(digit) for weight, digit in zip(_WEIGHTS[place : place + 3], f"{number:03}", strict=True)
        )
        for number in range(1000)
    }
    for place in (0, 3, 6, 9)
)
_CHECK_DIGITS: Final = "01234567890"
_FIRST, _SECOND, _THIRD, _FOURTH = _SUMS
#: The first sums of the MPAN cores that have a check digit and a listed distributor.
_FIRST_OF_PLAIN: Final = {
    digits: total for digits, total in _FIRST.items() if digits[:2] in DISTRIBUTORS and digits[:2] != "78"
}


def mpan_check_digit(digits: str) -> str:
    """Return the check digit of the first 12 digits of an MPAN core; raise KeyError if they are not digits.

    The weights are primes without 11, the sum is taken modulo 11, then modulo 10: industry practice, in no catalogue.
    """
    total = _FIRST[digits[:3]] + _SECOND[digits[3:6]] + _THIRD[digits[6:9]] + _FOURTH[digits[9:12]]
    return _CHECK_DIGITS[total % 11]


def is_plain_mpan_core(text: str) -> bool:
    """Return whether 13 digits are an MPAN core of a listed distributor with the right check digit (fast path)."""
    first = _FIRST_OF_PLAIN.get(text[:3])
    if first is None:
        return False
    total = first + _SECOND[text[3:6]] + _THIRD[text[6:9]] + _FOURTH[text[9:12]]
    return _CHECK_DIGITS[total % 11] == text[12]


def mpan_core(text: str) -> ValueAndFaults[str]:
    """Read an MPAN core or an AMSID; prefix 78 has no check digit (DTC 15.4, J0003 and J2274)."""
    if len(text) != 13 or not (text.isascii() and text.isdigit()):
        return "", ((ERROR, "not-an-mpan-core", "expected 13 digits"),)
    if text[:2] != "78" and text[12] != (digit := mpan_check_digit(text)):
        return "", ((ERROR, "wrong-check-digit", f"the check digit of these 12 digits is {digit}"),)
    return text, ()
