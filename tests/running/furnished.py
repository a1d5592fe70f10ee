"""A store with a little of everything that pages show, and its folders."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from tests.making import mdff
from tests.making.consumption import USERS, days, half_hours
from tests.making.dtc import block, flow, mpan, reading, reading_of
from tests.running.imported import put_away
from tests.running.places import SAMPLES

#: A meter point with an exchange of meters, a later estimate and a suspect reading.
EXCHANGED = "1088000050019"
#: A meter point with two senders, a correction and a withdrawal.
DISPUTED = "1088000041014"
REFUSED = "d0010_two_faults.uff"
ZIP = "D0010_two_members.zip"
OTHER_FLOW = b"ZHV|DC00000417|D0086002|D|NDCX|X|NEWX|20260601093000||||OPER|\nZPT|DC00000417|0||0|20260601093200|\n"


def furnish(folder: Path) -> None:
    """Import files as the watcher would, put them away below a folder, and let one wait in its inbox."""
    for name in ("inbox", "archive", "rejected"):
        (folder / name).mkdir()
    archive, rejected = folder / "archive", folder / "rejected"
    for name in ("d0010.uff", "d0010_all_groups.uff", "d0010_correction.uff", "d0010_test_flag.uff"):
        put_away(name, (SAMPLES / name).read_bytes(), archive)
    for name in ("nem12.csv", "nem13.csv", "d0010_change_nights.uff"):
        put_away(name, (SAMPLES / name).read_bytes(), archive)
    for name, content in (*_disputed(), _exchange(), *_consumption(), *_many_days()):
        put_away(name, content, archive)
    put_away(REFUSED, (SAMPLES / REFUSED).read_bytes(), rejected)
    put_away("D0010_cut.usr", flow(*reading_of(3))[:-12], rejected)
    put_away("D0010_wrong_throughout.usr", _wrong_throughout(), rejected)
    put_away("D0086_417.usr", OTHER_FLOW, rejected)
    put_away(ZIP, zipped({"good.uff": flow(*reading_of(4), identifier="Z1"), "bad.uff": b"no flow\n"}), rejected)
    (folder / "inbox" / "D0010_arriving.usr").write_bytes(flow(*reading_of(5))[:-20])


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip with these members."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


def _disputed() -> list[tuple[str, bytes]]:
    january = [reading(f"{4000 + month * 100}.0", at=f"2025{month:02}01000000") for month in range(1, 6)]

    def of(*readings: str, kind: str = "R", status: str = "V") -> list[str]:
        return block(*readings, mpan=DISPUTED, kind=kind, status=status, meter="L31Z060012")

    withdrawn, other = reading("4300.0", at="20250301000000"), reading("4561.0", at="20250501000000", flag="")
    return [
        ("D0010_410.usr", flow(of(*january), identifier="UDMS410", created="20250502090000", sender="D|UDMS")),
        (
            "D0010_411.usr",
            flow(of(withdrawn, kind="W"), identifier="UDMS411", created="20250510101500", sender="D|UDMS"),
        ),
        (
            "D0010_412.usr",
            flow(of(other, status="U"), identifier="QALT412", created="20250605101500", sender="X|QALT"),
        ),
    ]


def _exchange() -> tuple[str, bytes]:
    def of(meter: str, *readings: tuple[str, str], kind: str = "R", flag: str = "T") -> list[str]:
        lines = [reading(value, at=f"2026{day}000000", flag=flag) for day, value in readings]
        return block(*lines, mpan=EXCHANGED, kind=kind, meter=meter)

    lines = (
        of("L31Z060013", ("0101", "41000.0"), ("0121", "41200.0")),
        of("L31Z060013", ("0131", "41300.0"), kind="F"),
        of("E17Z090817", ("0131", "0.0"), kind="I"),
        of("E17Z090817", ("0228", "280.0")),
        of("E17Z090817", ("0330", "585.0"), kind="D"),
        of("E17Z090817", ("0402", "9585.0"), flag="F"),
    )
    return "D0010_413.usr", flow(*lines, identifier="UDMS413", created="20260403101500", sender="D|UDMS")


def _consumption() -> list[tuple[str, bytes]]:
    files = [(f"{3000 + number}.csv", half_hours(days("2025-01-01", 40, f"{10 + number}.0"))) for number in range(3)]
    return [("user_data.csv", USERS), *files]


def _many_days() -> list[tuple[str, bytes]]:
    of_days = [mdff.day(f"202602{day:02}") for day in range(1, 29)]
    return [("NEM12_february.csv", mdff.nem12(mdff.channel(*of_days)))]


def _wrong_throughout() -> bytes:
    """Return a D0010 with many problems of several codes, and warnings."""
    blocks = [
        block(reading(f"{number}x", at="20250230000000"), reading("12.0", flag="Q"), mpan=mpan(number)[:-1] + "0")
        for number in range(20, 60)
    ]
    return flow(*blocks, _with_a_warning())


def _with_a_warning() -> list[str]:
    """Return a block with a site visit whose text is not ASCII."""
    return ["026|" + mpan(61) + "|V|", "027|20|Meter in the caf\u00e9|", "028|K61|R|", reading("61.0")]
