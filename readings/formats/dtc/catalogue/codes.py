"""Valid sets of the data items: codes as sent, and their display names.

Source: Data Transfer Catalogue 15.4 (28 April 2026), Data Item Catalogue. Codes are stored as sent and translated on
display, because the name of a code may change (X had another meaning in 2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: J0022 BSC Validation Status.
VALIDATION_STATUSES: Final[Mapping[str, str]] = {
    "F": "Failed validation",
    "U": "Not validated",
    "V": "Validated",
}

#: J0171 Reading Type.
READING_TYPES: Final[Mapping[str, str]] = {
    "A": "Actual change of supplier read",
    "C": "Customer own read",
    "D": "Deemed or estimated",
    "F": "Final",
    "I": "Initial",
    "M": "Meter advance reconciliation",
    "O": "Old supplier's estimated change of supplier reading",
    "P": "Collected electronically via PPMIP",
    "Q": "Modified manually by data collector",
    "R": "Routine",
    "S": "Special",
    "T": "Proving test",
    "U": "Forward migration, change of agent",
    "V": "Forward migration, change of supplier",
    "W": "Withdrawn",
    "X": "Supplier agreed switch read",
    "Y": "Reverse migration, change of supplier",
    "Z": "Actual change of tenancy read",
}
#: Reading types of the D0010: O is valid in other flows only (D0071, D0300).
READING_TYPES_OF_D0010: Final = {code: name for code, name in READING_TYPES.items() if code != "O"}
#: Reading types whose values were not read from the register.
ESTIMATES: Final = frozenset("DO")
#: Reading types of readings that customers take.
CUSTOMER_OWN: Final = frozenset("C")
#: Reading type that withdraws the reading of the same register and time.
WITHDRAWN: Final = "W"

#: J0045 Meter Reading Flag and J0047 Meter Reading Status.
READING_FLAGS: Final[Mapping[str, str]] = {"T": "Valid", "F": "Suspect"}

#: J1888 Reading Method.
READING_METHODS: Final[Mapping[str, str]] = {
    "N": "Not viewed by an agent",
    "P": "Viewed by an agent",
}

#: J0024 Site Visit Check Code.
SITE_VISIT_CHECK_CODES: Final[Mapping[str, str]] = {
    "01": "Site occupied",
    "02": "Site not occupied",
    "03": "Meter system energised",
    "04": "Meter system de-energised",
    "05": "Equipment/meter damage",
    "06": "Suspected tampering",
    "07": "Timeswitch stopped",
    "08": "Phase/fuse failure",
    "09": "Consumption detected on de-energised meter",
    "10": "Change of meter",
    "11": "Zero reading on MD register",
    "13": "MD register on full scale",
    "14": "More than 1 MD register reset",
    "15": "Meter stopped",
    "16": "Seals damaged",
    "17": "Seals missing",
    "18": "Unsafe premises",
    "19": "Call not made on routine visit",
    "20": "No access",
    "21": "Refused access",
    "22": "Meter blocked",
    "23": "Wiring dangerous or incomplete",
    "24": "Token Meter Reset",
    "25": "Token Meter Not Reset",
    "26": "Agent failed to keep appointment",
    "27": "Reading modified manually by NHHDC under BSCPs, visit not required",
    "28": "No access: insufficient address details",
    "29": "Customer unable to provide access",
    "30": "Unable to gain access to HV environment",
    "31": "Interrogation port unavailable (HH only)",
    "32": "Wrong meter/outstation password (HH only)",
    "33": "Handheld failure (HH only)",
    "34": "Suspected demolished",
    "35": "Demolished",
    "36": "Change of occupier",
    "37": "Unmanned",
    "38": "No access: key/code unavailable",
    "39": "Unable to locate meter at property",
    "40": "Suspected Energised",
    "41": "Suspected De-energised",
    "42": "Site capable of exporting energy",
    "43": "Supply remotely disabled",
    "44": "Supply remotely re-armed",
    "50": "Category A Network Defect Reported",
    "51": "Category B Network Defect Reported",
    "52": "Additional equipment required",
    "53": "Unable to establish WAN",
    "54": "Unable to establish HAN",
    "55": "Insufficient space for new meter installation",
    "56": "Unable to access due to parking restrictions",
    "57": "Not completed: adverse weather",
    "58": "Not completed: height/position of meter",
    "88": "Request rejected",
    "89": "Fault resolution completion report",
}

#: J0332 Meter Reading Reason Code.
REASON_CODES: Final[Mapping[str, str]] = {
    "01": "MSID Incorrect",
    "02": "Reading Dates",
    "03": "Negative Consumption",
    "04": "Inconsistent with slave register advance",
    "05": "Consumption exceeds twice expected advance",
    "06": "Meter incorrectly energised",
    "07": "Meter incorrectly de-energised",
    "08": "Full Scale MD",
    "09": "Zero MD",
    "10": "Number of MD resets >1",
    "11": "Number of register digits incorrect",
    "12": "Inconsistent register read date",
    "13": "Faulty Meter",
    "14": "Hand Held Read Failure",
    "15": "Meter Not on Site/Metering protocol not approved",
    "16": "Standing Data incorrect",
    "17": "No access to meter",
    "18": "Meter Time/Date reset",
    "19": "Outstation reset",
    "20": "Meter Change/Meter Maintenance",
    "21": "Phase Failure",
    "22": "Meters Recording Zeros",
    "23": "Test Data Recorded",
    "24": "Data Lapse",
    "25": "Actual Data Manually Keyed",
    "26": "Invalid Zero Advances",
    "27": "Zero Consumption",
}

#: Market participant roles that occur in headers. Market Domain Data has the full list.
ROLES: Final[Mapping[str, str]] = {
    "C": "HHDC",
    "D": "NHHDC",
    "M": "MOP",
    "R": "Distributor",
    "X": "Supplier",
}
#: The same roles in full.
ROLES_IN_FULL: Final[Mapping[str, str]] = {
    "C": "Half-hourly data collector",
    "D": "Data collector",
    "M": "Meter operator",
    "R": "Distributor",
    "X": "Supplier",
}

#: First two digits of an MPAN core: the distributor, or 77 and 78 for an AMSID. The list grows.
DISTRIBUTORS: Final = frozenset(str(number) for number in (*range(10, 39), 77, 78))

#: Test data flag of live data.
LIVE: Final = "OPER"
