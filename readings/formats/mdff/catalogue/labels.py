"""What Australian meter data files say, in the words that people read. What is stored stays as sent."""

from __future__ import annotations

from datetime import datetime, time, tzinfo
from decimal import Decimal
from typing import Final

from readings.formats.mdff.catalogue import codes
from readings.formats.mdff.catalogue.codes import MADE_BY_A_METHOD, METHODS, QUALITY_FLAGS, VARIES
from readings.formats.mdff.catalogue.reasons import FREE_TEXT, plain_number, reason_in_words
from readings.formats.packed_day import NULL_DATA
from readings.formats.text import NOT_SAID

#: How the specification writes a time of day that is not known.
_TIME_UNKNOWN: Final = time(0, 0, 1)
#: A multiplier has no more digits than that; what needs more is chance.
_DIGITS_OF_A_MULTIPLIER: Final = 4


def quality(quality_method: str) -> str:
    """Name the flag of a quality method, with its code and what its method is."""
    flag, method = quality_method[:1], quality_method[1:]
    if not flag:
        return NOT_SAID
    name = QUALITY_FLAGS.get(flag, "Unknown quality")
    if not method:
        return f"{name} ({flag})"
    return f"{name} ({flag}{method}: {_in_midsentence(METHODS.get(method, 'unknown method'))})"


def is_forward_estimate(quality_method: str) -> bool:
    """Tell whether a quality method is that of a guess about what is still to be read."""
    return quality_method.startswith("E")


def is_substituted(quality_method: str) -> bool:
    """Tell whether a quality method is that of a value put in the place of one that is missing."""
    return quality_method[:1] in MADE_BY_A_METHOD and not is_forward_estimate(quality_method)


def is_no_reading(quality_method: str) -> bool:
    """Tell whether a quality method says that the value beside it is none."""
    return quality_method.startswith(NULL_DATA)


def varies(quality_method: str) -> bool:
    """Tell whether each interval of a day has a quality of its own."""
    return quality_method == VARIES


def reason(code: str, description: str) -> str:
    """Name the reason for a quality, with its code and what was written beside it."""
    if not code:
        return description or NOT_SAID
    if plain_number(code) == FREE_TEXT and description:
        return f"{description} ({code})"
    name = reason_in_words(code)
    named = name if name == f"Reason {code}" else f"{name} ({code})"
    return f"{named}: {description}" if description else named


def trans_code(code: str) -> str:
    """Name why a read was taken."""
    if not code:
        return NOT_SAID
    return f"{codes.TRANS_CODES.get(code, 'Unknown code')} ({code})"


def direction(code: str) -> str:
    """Name the direction of a register: what is consumed leaves the grid, and is called export."""
    if not code:
        return NOT_SAID
    return f"{code}: {_in_midsentence(codes.DIRECTIONS.get(code, 'unknown direction'))}"


def channel(suffix: str) -> str:
    """Say what a suffix tells of its channel or register; empty where it tells nothing."""
    words = codes.suffix_in_words(suffix)
    ways = {"Import": "I", "Export": "E"}
    way = codes.DIRECTIONS.get(ways.get(words.partition(" ")[0], ""))
    return f"{words}: {_in_midsentence(way)}" if way else words


def register(register_id: str, suffix: str, unit: str) -> str:
    """Name a register by what a file says of it, as far as it does."""
    said = (register_id, suffix and f"suffix {suffix}", unit)
    return " · ".join(filter(None, said)) or NOT_SAID


def market_time(instant: datetime, zone: tzinfo) -> str:
    """Write an instant by the clock of the market, which has no daylight saving, with its zone."""
    local = instant.astimezone(zone)
    return f"{local:%d %b} {local.year:04} {local:%H:%M:%S %Z}"


def has_no_time_of_day(instant: datetime, zone: tzinfo) -> bool:
    """Tell whether a time of day stands for «not known»."""
    return instant.astimezone(zone).time() == _TIME_UNKNOWN


def sent_time(text: str, zone: tzinfo) -> str:
    """Write a date and time that is kept as sent; as sent, where it is none."""
    try:
        return market_time(datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone), zone)
    except ValueError:
        return text or NOT_SAID


def may_be_added_up(unit: str) -> bool:
    """Tell whether values of a unit have a sum: energy has, power and voltage have a mean."""
    return unit.endswith("h")


def why_it_differs(previous_read: str, current_read: str, quantity: Decimal, unit: str) -> str:
    """Say how a quantity comes from its two reads, where it is not their difference; empty where it is.

    No way of differing is an error: the sender knows the multiplier and the dial, the file has neither.
    """
    previous, current = Decimal(previous_read), Decimal(current_read)
    if not may_be_added_up(unit):
        return _of_demand(current, quantity)
    advance = current - previous
    if quantity == advance:
        return "The register ran backwards, so the quantity is negative." if quantity < 0 else ""
    if quantity == -advance:
        return "A register that counts down: the quantity is the difference of the reads with its sign turned."
    rollover = Decimal(10) ** len(current_read.partition(".")[0])
    for turned, words in ((advance, "rolled over"), (-advance, "counts down, and rolled over")):
        if turned < 0 and quantity == turned + rollover:
            return f"The register {words}: it has {len(current_read.partition('.')[0])} digits before the point."
    for moved in (advance, advance + rollover if advance < 0 else advance):
        if factor := _multiplier(moved, quantity):
            rolled = "" if moved == advance else ", which rolled over,"
            return f"The register{rolled} moved by {moved:f}; the quantity is {factor:f} times that, its multiplier."
    return f"The reads differ by {advance:f}: no rollover or multiplier explains the quantity, kept as sent."


def _of_demand(current: Decimal, quantity: Decimal) -> str:
    if quantity == current:
        return "A demand: the quantity is the current read, not the difference of the reads."
    if factor := _multiplier(current, quantity):
        return f"A demand: the quantity is {factor:f} times the current read, not the difference of the reads."
    return "A demand, and not the current read times a multiplier that could be told; it is kept as sent."


def _multiplier(moved: Decimal, quantity: Decimal) -> Decimal | None:
    if not moved or not quantity:
        return None
    factor = (quantity / moved).normalize()
    exact = factor * moved == quantity and len(factor.as_tuple().digits) <= _DIGITS_OF_A_MULTIPLIER
    return factor if exact and factor > 0 else None


def _in_midsentence(words: str) -> str:
    return words if words[:2].isupper() else words[:1].lower() + words[1:]
