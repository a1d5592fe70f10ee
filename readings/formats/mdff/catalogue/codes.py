"""Code lists of AEMO's meter data file format: codes as sent, and their display names.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022), appendices A to C;
Metrology Procedure Part B, version 7.8 (method flags); NMI Procedure, tables 1 and 2 (suffixes). Lists grow: an
unknown code is kept as sent, with a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: First character of a quality method (appendix C).
QUALITY_FLAGS: Final[Mapping[str, str]] = {
    "A": "Actual",
    "E": "Forward estimate",
    "F": "Final substitute",
    "N": "No reading",
    "S": "Substitute",
    "V": "Varies within the day",
}
#: Quality flag of actual data.
ACTUAL: Final = "A"
#: Reasons for which an actual interval must have a 400 record (section 4.5).
WANTED_FOR_ACTUAL: Final = frozenset(("61", "79", "89"))
#: Quality flags that require a method.
MADE_BY_A_METHOD: Final = frozenset("EFS")
#: Quality flags that require a reason.
MADE_FOR_A_REASON: Final = frozenset("FS")
#: Quality flag of a day whose intervals differ in quality.
VARIES: Final = "V"

#: Second and third character of a quality method.
METHODS: Final[Mapping[str, str]] = {
    "11": "Check meter",
    "12": "Calculated",
    "13": "SCADA",
    "14": "Like day",
    "15": "Average like day",
    "16": "Agreed",
    "17": "Linear interpolation",
    "18": "Alternate",
    "19": "Zero",
    "20": "Prospective like day",
    "21": "Five-minute, no historical data",
    "22": "Prospective average day",
    "23": "Previous year",
    "24": "Data scaling",
    "25": "Average daily load",
    "51": "Previous year",
    "52": "Previous read",
    "53": "Revision",
    "54": "Linear interpolation",
    "55": "Agreed",
    "56": "Prior to first read, agreed",
    "57": "Customer class",
    "58": "Zero",
    "59": "Five-minute, no historical data",
    "61": "Previous year",
    "62": "Previous read",
    "63": "Customer class",
    "64": "Agreed",
    "65": "Average daily load",
    "66": "Revision",
    "67": "Customer read",
    "68": "Zero",
    "69": "Linear extrapolation",
    "71": "Recalculation",
    "72": "Revised table",
    "73": "Revised algorithm",
    "74": "Agreed",
    "75": "Existing table",
}

#: Reasons for a read (appendix A). T (transfer) is obsolete.
TRANS_CODES: Final[Mapping[str, str]] = {
    "A": "Alteration",
    "C": "Meter reconfiguration",
    "D": "De-energisation",
    "E": "Estimate",
    "G": "Re-energisation",
    "N": "Normal read",
    "O": "Other",
    "R": "Removal of meter",
    "S": "Special read",
    "T": "Transfer",
}

#: Directions from the market's point of view: consumption is exported from the grid.
#: Flag of an estimate ahead of the next read.
ESTIMATE: Final = "E"
DIRECTIONS: Final[Mapping[str, str]] = {"E": "From grid (consumption)", "I": "To grid (generation)"}

_DECIMALS: Final = {"M": 7, "k": 4}
#: Units as spelled in the specification (appendix B), by their lower-case spelling.
UNITS: Final[Mapping[str, str]] = {
    unit.lower(): unit
    for unit in (
        *("MWh", "kWh", "Wh", "MVArh", "kVArh", "VArh", "MVAr", "kVAr", "VAr", "MW", "kW", "W"),
        *("MVAh", "kVAh", "VAh", "MVA", "kVA", "VA", "kV", "V", "kA", "A", "pf"),
    )
}
#: Highest number of digits after the point, by unit.
DECIMALS: Final[Mapping[str, int]] = {
    unit: 3 if unit == "pf" else _DECIMALS.get(unit[0], 1) for unit in UNITS.values()
}

#: First character of the suffix of an interval channel (NMI Procedure, table 1).
INTERVAL_SUFFIXES: Final[Mapping[str, str]] = {
    "A": "Import kWh, average",
    "B": "Import kWh, master",
    "C": "Import kWh, check",
    "D": "Export kWh, average",
    "E": "Export kWh, master",
    "F": "Export kWh, check",
    "G": "Power factor, master",
    "H": "Q metering Qh, master",
    "J": "Import kvarh, average",
    "K": "Import kvarh, master",
    "L": "Import kvarh, check",
    "M": "par metering parh, master",
    "N": "Net kWh",
    "P": "Export kvarh, average",
    "Q": "Export kvarh, master",
    "R": "Export kvarh, check",
    "S": "kVAh, average",
    "T": "kVAh, master",
    "U": "kVAh, check",
    "V": "Volts or amps, master",
    "W": "par metering parh, check",
    "X": "Net kvarh",
    "Y": "Q metering Qh, check",
    "Z": "Volts or amps, check",
}
#: First character of the suffix of an accumulation register (NMI Procedure, table 2).
ACCUMULATION_SUFFIXES: Final[Mapping[str, str]] = {
    "1": "First datastream",
    "2": "Second datastream",
    "3": "Third datastream",
    "4": "First controlled load",
    "5": "Second controlled load",
    "6": "Third controlled load",
    "7": "Defined by the network",
    "8": "Defined by the network",
    "9": "Defined by the network",
}


#: Ends of the units of interval channels, by the first character of the suffix; the others are not checked.
_UNITS_OF_SUFFIXES: Final[Mapping[str, str]] = {
    **dict.fromkeys("ABCDEFN", "wh"),
    **dict.fromkeys("JKLPQRX", "varh"),
    **dict.fromkeys("STU", "vah"),
}


def measures(suffix: str, unit: str) -> bool:
    """Return whether an interval channel may have a unit: energy, reactive or apparent energy; or their power."""
    kind = _UNITS_OF_SUFFIXES.get(suffix[:1])
    if not (kind and unit):
        return True
    name = unit.lower()
    without_prefix = name[1:] if name[0] in "mk" else name
    return without_prefix in (kind, kind[:-1])


def suffix_in_words(suffix: str) -> str:
    """Return the meaning of a NMI suffix for its channel or register; empty if the suffix is unknown."""
    first = suffix[:1]
    return INTERVAL_SUFFIXES.get(first) or ACCUMULATION_SUFFIXES.get(first) or ""


def is_whole_direction(suffix: str) -> bool:
    """Return whether a suffix has no number: a portal's sum of all streams of consumption (E) or generation (B)."""
    return suffix in ("E", "B")
