"""Expected results of public NEM12 and NEM13 files, in a folder next to the repository."""

from __future__ import annotations

import zipfile
from typing import NamedTuple

from tests.running.places import SHARED

PUBLIC = SHARED / "nem"
CHALLENGE = "AEMO556810778013NEM13.csv"


class Counts(NamedTuple):
    """Numbers of records, NMIs, channels or registers by NMI and suffix, and single values, and their totals."""

    records: int
    nmis: int
    streams: int
    values: int
    totals: dict[str, str]
    #: Codes of the warnings.
    warnings: set[str]


ACCEPTED = {
    # NEM13: records and values are 250 records.
    CHALLENGE: Counts(10, 8, 10, 10, {"11 kWh": "3308", "41 kWh": "1648"}, {"line-feed", "padded-record"}),
    "Example_NEM13_consumption_data.csv": Counts(1, 1, 1, 1, {"11 kWh": "1312.1"}, {"padded-field"}),
    "Example_NEM13_forward_estimate.csv": Counts(2, 1, 2, 2, {"11 kWh": "111", "41 kWh": "65"}, {"padded-field"}),
    "NEM13#000000000000013#CNRGYMDP#NEMMCO.zip": Counts(1, 1, 1, 1, {"11 kWh": "2144"}, set()),
    "NEM13#000000000000015#CNRGYMDP#NEMMCO.zip": Counts(4, 1, 2, 4, {"41 kWh": "1035", "11 kWh": "4"}, set()),
    "NEM13#000000000000018#CNRGYMDP#NEMMCO.zip": Counts(6, 1, 2, 6, {"41 kWh": "1362", "11 kWh": "14"}, set()),
    "NEM13#Scenario12#UNITEDDP#NEMMCO.zip": Counts(1, 1, 1, 1, {"12 kWh": "-10"}, {"negative-value"}),
    "NEM13#Scenario14#UNITEDDP#NEMMCO.zip": Counts(1, 1, 1, 1, {"11 kWh": "110"}, set()),
    "NEM13#SEN1316103#AGILITY#NEMMCO.zip": Counts(3, 1, 1, 3, {"11 kWh": "6780"}, set()),
    "nem13#18#INTEGM#NEMMCO.zip": Counts(6, 1, 2, 6, {"11 kWh": "30", "41 kWh": "30"}, set()),
    # Interval suffixes in accumulations, and a NMI with the letter I.
    "sample_nem13.csv": Counts(
        3,
        2,
        2,
        3,
        {"E1 kWh": "290.5", "B1 kWh": "400.501"},
        {"line-feed", "too-long", "unusual-nmi", "unusual-suffix"},
    ),
    # NEM12: records are 300 records.
    "Example_NEM12_actual_interval.csv": Counts(2, 1, 2, 96, {"E1 kWh": "53.328", "Q1 kVArh": "106.656"}, set()),
    "Example_NEM12_multiple_meters.csv": Counts(
        12,
        2,
        6,
        1152,
        {"E1 Wh": "1920", "B1 Wh": "5760", "Q1 VArh": "9600", "E2 Wh": "19200", "K2 VArh": "9600"},
        set(),
    ),
    "Example_NEM12_multiple_quality.csv": Counts(1, 1, 1, 48, {"E1 kWh": "896.99"}, set()),
    "Example_NEM12_no_scheduled_read.csv": Counts(
        1, 1, 1, 96, {"E1 kWh": "5.84"}, {"absent-field", "line-feed", "too-long", "unusual-nmi"}
    ),
    "Example_NEM12_partialchannel.csv": Counts(
        32, 1, 2, 9216, {"B1 kWh": "23.166", "E1 kWh": "270.738"}, {"line-feed", "no-participant", "unusual-nmi"}
    ),
    "Example_NEM12_substituted_interval.csv": Counts(
        2, 1, 2, 96, {"E1 kWh": "110.976", "Q1 kVArh": "47053.848"}, set()
    ),
    # UpdateDateTime without seconds, which is ignored.
    "Example_WesternPower.csv": Counts(
        4,
        1,
        4,
        192,
        {"E1 kWh": "0", "B1 kWh": "0", "Q1 kVArh": "0", "K1 kVArh": "0"},
        {"absent-field", "not-a-date-time", "padded-record"},
    ),
    "Example_NEM12_ManyNMIs.zip": Counts(
        198, 99, 198, 57024, {"E1 kWh": "143219", "E2 kWh": "71402"}, {"no-participant", "unusual-nmi"}
    ),
    "NEM12#000000000000009#CNRGYMDP#NEMMCO.zip": Counts(7, 1, 1, 336, {"E1 kWh": "103342.95"}, set()),
    # 72 intervals have flag N, and the value zero.
    "NEM12#SCENARIO1005032705#ENERGEXM#NEMMCO.zip": Counts(
        10, 1, 3, 480, {"E1 kWh": "104920.01", "B2 kWh": "0", "E2 kWh": "242449.17"}, {"null-data"}
    ),
    "NEM12#NEM1205085Scenario5#GLOBALM#NEMMCO.ZIP": Counts(2, 1, 1, 192, {"E1 Wh": "1090550"}, {"padded-record"}),
    "nem12#S02#INTEGM#NEMMCO.zip": Counts(
        16, 1, 4, 1536, {"E1 kWh": "576", "Q1 kVArh": "576", "K1 kVArh": "576", "B1 kWh": "576"}, set()
    ),
    "nem12-sample.csv": Counts(8, 2, 2, 384, {"E1 kWh": "127.679", "E2 kWh": "130.559"}, {"line-feed"}),
    # An event of 5 intervals of an actual day; the other intervals stay actual.
    "sample_nem12.csv": Counts(
        3,
        1,
        2,
        144,
        {"E1 kWh": "32.4", "Q1 kVArh": "1.608"},
        {"line-feed", "missing-method", "needless-event", "unusual-nmi"},
    ),
    "Example_NEM12_empty.csv": Counts(0, 0, 0, 0, {}, {"line-feed", "no-data"}),
    "Example_NEM12_missing_header.csv": Counts(
        2, 1, 2, 96, {"E1 kWh": "53.328", "Q1 kVArh": "106.656"}, {"blank-line", "no-header"}
    ),
    # Both versions of both days, as in the other program.
    "Example_NEM12_powercor.csv": Counts(
        4,
        1,
        2,
        192,
        {"E1 kWh": "213.312", "Q1 kVArh": "319.968"},
        {"blank-line", "data-after-trailer", "line-feed", "no-header"},
    ),
    "Example_NEM12_powercor.csv.zip": Counts(
        4, 1, 2, 192, {"E1 kWh": "106.656", "Q1 kVArh": "213.312"}, {"blank-line", "data-after-trailer", "no-header"}
    ),
    # AEMO's own error file 022, which only a strict import rejects.
    "NEM12#000000000000022#CNRGYMDP#NEMMCO": Counts(
        1, 1, 1, 48, {"E1 kWh": "2987.1"}, {"suffix-not-in-configuration"}
    ),
}
#: Line, record, field and code of each error of the rejected files.
REFUSED: dict[str, list[tuple[int, str, str, str]]] = {
    # A channel of volts without its unit; the other program accepts it.
    "Example_NEM12_different_interval_length.csv": [(6, "200", "UOM", "missing-value")],
    # A line broken in three; the other program silently loses the day.
    "NEM12#Scenario10#ETSAMDP#NEMMCO.zip": [
        (27, "300", "", "broken-record"),
        (28, "", "", "unknown-record"),
        (29, "", "", "unknown-record"),
    ],
    "Example_NEM12_15min_200_30min_300.csv": [(3, "300", "", "wrong-interval-count")],
    "Example_NEM12_30min_200_15min_300.csv": [(3, "300", "", "wrong-interval-count")],
    "Example_NEM12_30min_200_15min_400.csv": [
        (3, "300", "", "wrong-interval-count"),
        (4, "400", "QualityMethod", "invalid-quality-method"),
        (5, "400", "EndInterval", "interval-out-of-range"),
    ],
    "Example_NEM12_incomplete_interval.csv": [(3, "300", "", "wrong-interval-count")],
    # AEMO's own files with one error each.
    "NEM12#000000000000021#CNRGYMDP#NEMMCO": [(2, "300", "", "no-parent")],
    "NEM12#000000000000023#CNRGYMDP#NEMMCO": [(4, "400", "QualityMethod", "invalid-quality-method")],
    "NEM12#000000000000024#CNRGYMDP#NEMMCO": [(4, "400", "QualityMethod", "invalid-quality-method")],
    "NEM12#000000000000025#CNRGYMDP#NEMMCO": [(3, "", "", "truncated")],
}


def content_of(name: str) -> bytes:
    """Return the bytes of a file, or of the only member of a zip."""
    path = PUBLIC / name
    if path.suffix.lower() != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        [member] = archive.namelist()
        return archive.read(member)
