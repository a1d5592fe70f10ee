"""Display texts of Australian meter data. Stored values stay as sent."""

from __future__ import annotations

from datetime import datetime, time, tzinfo
from decimal import Decimal
from typing import Final

from readings.formats.mdff.catalogue import codes
from readings.formats.mdff.catalogue.codes import MADE_BY_A_METHOD, METHODS, QUALITY_FLAGS, VARIES
from readings.formats.mdff.catalogue.reasons import FREE_TEXT, plain_number, reason_in_words
from readings.formats.packed_day import NULL_DATA
from readings.formats.text import NO_VALUE

#: Time of day that the specification uses for «unknown».
_TIME_UNKNOWN: Final = time(0, 0, 1)
#: Most significant digits of a plausible multiplier; a ratio with more is a coincidence.
_DIGITS_OF_A_MULTIPLIER: Final = 4


def quality(quality_method: str) -> str:
    """Return the name of the flag of a quality method, with its code and the name of its method."""
    flag, method = quality_method[:1], quality_method[1:]
    if not flag:
        return NO_VALUE
    name = QUALITY_FLAGS.get(flag, "Unknown quality")
    if not method:
        return f"{name} ({flag})"
    return f"{name} ({flag}{method}: {_in_midsentence(METHODS.get(method, 'unknown method'))})"


def is_forward_estimate(quality_method: str) -> bool:
    """Return whether a quality method marks a forward estimate."""
    return quality_method.startswith("E")


def is_substituted(quality_method: str) -> bool:
    """Return whether a quality method marks a substituted value."""
    return quality_method[:1] in MADE_BY_A_METHOD and not is_forward_estimate(quality_method)


def is_no_reading(quality_method: str) -> bool:
    """Return whether a quality method marks null data."""
    return quality_method.startswith(NULL_DATA)


def varies(quality_method: str) -> bool:
    """Return whether each interval of a day has its own quality method."""
    return quality_method == VARIES


def reason(code: str, description: str) -> str:
    """Return the name of a reason code, with the code and the description."""
    if not code:
        return description or NO_VALUE
    if plain_number(code) == FREE_TEXT and description:
        return f"{description} ({code})"
    name = reason_in_words(code)
    label = name if name == f"Reason {code}" else f"{name} ({code})"
    return f"{label}: {description}" if description else label


def trans_code(code: str) -> str:
    """Return the name of a trans code, with the code."""
    if not code:
        return NO_VALUE
    return f"{codes.TRANS_CODES.get(code, 'Unknown code')} ({code})"


def direction(code: str) -> str:
    """Return the direction of a register, from the market's point of view: consumption is export."""
    if not code:
        return NO_VALUE
    return f"{code}: {_in_midsentence(codes.DIRECTIONS.get(code, 'unknown direction'))}"


def channel(suffix: str) -> str:
    """Return the meaning of a suffix for its channel or register; empty if the suffix is unknown."""
    words = codes.suffix_in_words(suffix)
    ways = {"Import": "I", "Export": "E"}
    way = codes.DIRECTIONS.get(ways.get(words.partition(" ")[0], ""))
    return f"{words}: {_in_midsentence(way)}" if way else words


def register(register_id: str, suffix: str, unit: str) -> str:
    """Return a register as its id, suffix and unit, as far as the file states them."""
    parts = (register_id, suffix and f"suffix {suffix}", unit)
    return " · ".join(filter(None, parts)) or NO_VALUE


def market_time(instant: datetime, zone: tzinfo) -> str:
    """Return an instant in market time, which has no daylight saving, with its zone."""
    local = instant.astimezone(zone)
    return f"{local:%d %b} {local.year:04} {local:%H:%M:%S %Z}"


def has_no_time_of_day(instant: datetime, zone: tzinfo) -> bool:
    """Return whether the time of day of an instant means «unknown»."""
    return instant.astimezone(zone).time() == _TIME_UNKNOWN


def sent_time(text: str, zone: tzinfo) -> str:
    """Return a date and time as sent in market time; unchanged if it is not a date and time."""
    try:
        return market_time(datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone), zone)
    except ValueError:
        return text or NO_VALUE


def may_be_added_up(unit: str) -> bool:
    """Return whether values of a unit may be summed: energy may, power and voltage may not."""
    return unit.endswith("h")


def why_it_differs(previous_read: str, current_read: str, quantity: Decimal, unit: str) -> str:
    """Return an explanation of a quantity that is not the difference of its two reads; empty if it is.

    A difference is never an error: the sender knows the multiplier and the dial, the file has neither.
    """
    previous, current = Decimal(previous_read), Decimal(current_read)
    if not may_be_added_up(unit):
        return _of_demand(current, quantity)
    advance = current - previous
    if quantity == advance:
        return "The register ran backwards, so the quantity is negative." if quantity < 0 else ""
    if quantity == -advance:
        return "The register counts down: the quantity is the difference of the reads with the opposite sign."
    rollover = Decimal(10) ** len(current_read.partition(".")[0])
    for signed, words in ((advance, "rolled over"), (-advance, "counts down and rolled over")):
        if signed < 0 and quantity == signed + rollover:
            return f"The register {words}: it has {len(current_read.partition('.')[0])} digits before the point."
    for moved in (advance, advance + rollover if advance < 0 else advance):
        if factor := _multiplier(moved, quantity):
            rolled = "" if moved == advance else " rolled over and"
            return (
                f"The register{rolled} advanced by {moved:f}; the quantity is {factor:f} times that, its multiplier."
            )
    return f"The reads differ by {advance:f}; no rollover or multiplier explains the quantity, which is kept as sent."


def _of_demand(current: Decimal, quantity: Decimal) -> str:
    if quantity == current:
        return "Demand: the quantity is the current read, not the difference of the reads."
    if factor := _multiplier(current, quantity):
        return f"Demand: the quantity is {factor:f} times the current read, not the difference of the reads."
    return "Demand: no multiplier of the current read explains the quantity, which is kept as sent."


def _multiplier(moved: Decimal, quantity: Decimal) -> Decimal | None:
    if not moved or not quantity:
        return None
    factor = (quantity / moved).normalize()
    exact = factor * moved == quantity and len(factor.as_tuple().digits) <= _DIGITS_OF_A_MULTIPLIER
    return factor if exact and factor > 0 else None


def _in_midsentence(words: str) -> str:
    return words if words[:2].isupper() else words[:1].lower() + words[1:]
