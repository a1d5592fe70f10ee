"""Reason codes of AEMO's meter data file format, and their display names.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022), appendices E and F. Codes
from 100 on belong to version 2.6 and come from a secondary source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Reason code of a reason that is given in the description.
FREE_TEXT: Final = "0"
#: Current reason codes (appendix E).
REASONS: Final[Mapping[str, str]] = {
    "0": "See the description",
    "1": "Meter or equipment changed",
    "2": "Extreme weather",
    "3": "Quarantined premises",
    "5": "Blank screen",
    "6": "De-energised premises",
    "7": "Unable to locate meter",
    "8": "Vacant premises",
    "9": "Under investigation",
    "10": "Lock damaged",
    "11": "In wrong route",
    "12": "Locked premises",
    "13": "Locked gate",
    "14": "Locked meter box",
    "15": "Overgrown vegetation",
    "17": "Unsafe equipment or location",
    "18": "Read less than previous",
    "20": "Damaged equipment or panel",
    "21": "Main switch off",
    "22": "Meter or equipment seals missing",
    "23": "Reader error",
    "24": "Substituted or replaced data",
    "25": "Unable to locate premises",
    "26": "Negative consumption (generation)",
    "27": "Retailer of last resort",
    "28": "CT or VT fault",
    "29": "Relay faulty",
    "31": "Not all meters read",
    "32": "Re-energised without readings",
    "33": "De-energised without readings",
    "34": "Meter not in handheld",
    "35": "Timeswitch faulty or reset required",
    "36": "Meter high, ladder required",
    "37": "Meter under churn",
    "38": "Unmarried lock",
    "39": "Reverse energy observed",
    "40": "Unrestrained livestock",
    "41": "Faulty meter display or dials",
    "42": "Channel added or removed",
    "43": "Power outage",
    "44": "Meter testing",
    "45": "Readings failed to validate",
    "47": "Refused access",
    "48": "Dog on premises",
    "51": "Installation demolished",
    "52": "Access blocked",
    "53": "Pests in meter box",
    "54": "Meter box damaged",
    "55": "Dials obscured",
    "60": "Illegal connection",
    "61": "Equipment tampered",
    "62": "NSRD window expired",
    "64": "Key required",
    "65": "Wrong key provided",
    "67": "Transfer",
    "68": "Zero consumption",
    "69": "Reading exceeds substitute",
    "71": "Probe read error",
    "72": "Re-calculated on actual data",
    "73": "Low consumption",
    "74": "High consumption",
    "75": "Customer read",
    "76": "Communications fault",
    "77": "Estimation forecast",
    "78": "Null data",
    "79": "Power outage alarm",
    "80": "Short interval alarm",
    "81": "Long interval alarm",
    "87": "Reset occurred",
    "89": "Time reset occurred",
    "100": "Incorrect meter multiplier",
    "101": "Connection point temporarily unmetered",
    "102": "Customer by-pass",
    "103": "Network by-pass",
    "104": "Transposed channel",
    "105": "Transposed channel, unit of measure corrected",
    "106": "Transposed channel, reverse polarity",
    "107": "Transposed meter",
    "108": "Network by-pass, extreme weather",
    "109": "Defined load method",
}
#: Reason codes of historical data, which is sent on request (appendix F). Empty: the name of the code is unknown.
OBSOLETE_REASONS: Final[Mapping[str, str]] = {
    "4": "Dangerous dog or noxious weeds",
    "82": "CRC error",
    "83": "RAM checksum error",
    "84": "ROM checksum error",
    "85": "Data missing alarm",
    "86": "Clock error alarm",
    **dict.fromkeys(
        [
            "16",
            "19",
            "30",
            "46",
            "49",
            "50",
            "58",
            "70",
            "88",
            "90",
            "91",
            "92",
            "93",
            "94",
            "95",
            "96",
            "97",
            "98",
            "99",
        ],
        "",
    ),
}


def reason_in_words(reason_code: str, description: str = "") -> str:
    """Return the name of a reason code, with its description."""
    number = plain_number(reason_code)
    name = REASONS.get(number) or OBSOLETE_REASONS.get(number) or (f"Reason {reason_code}" if reason_code else "")
    if number == FREE_TEXT and description:
        return description
    return f"{name} ({description})" if name and description else name or description


def plain_number(code: str) -> str:
    """Return a numeric code without leading zeros."""
    return code.lstrip("0") or code[:1]


def is_defined_reason(code: str) -> bool:
    """Return whether a reason code is defined, now or in the past."""
    number = plain_number(code)
    return number in REASONS or number in OBSOLETE_REASONS
