"""Small D0010 files for tests, with correct counts."""

from __future__ import annotations

from readings.formats.dtc.catalogue.mpan import mpan_check_digit

MPAN = "3190001042118"
OTHER_MPAN = "3290002209572"


def block(
    *readings: str, mpan: str = MPAN, status: str = "V", meter: str = "K12B 04567", kind: str = "R"
) -> list[str]:
    """Return the lines of one meter point with one meter."""
    return [f"026|{mpan}|{status}|", f"028|{meter}|{kind}|", *readings]


def reading(value: str, *, at: str = "20260301000000", register: str = "S", flag: str = "T") -> str:
    """Return a 030."""
    return f"030|{register}|{at}|{value}|||{flag}|N|"


def flow(
    *blocks: str | list[str],
    identifier: str = "TEST000001",
    created: str = "20260305061500",
    test_flag: str = "OPER",
    sender: str = "D|ZZDC",
) -> bytes:
    """Return a whole file with some groups, or blocks of groups; `sender` is a role and a participant."""
    groups = [line for lines in blocks for line in ([lines] if isinstance(lines, str) else lines)]
    flows = sum(line.startswith("026|") for line in groups)
    lines = [
        f"ZHV|{identifier}|D0010002|{sender}|X|ZZSU|{created}||||{test_flag}|",
        *groups,
        f"ZPT|{identifier}|{len(groups)}||{flows}|{created}|",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def mpan(number: int) -> str:
    """Return an MPAN core, a different one for each number."""
    digits = f"31{number:010}"
    return digits + mpan_check_digit(digits)


def reading_of(
    number: int,
    *,
    serial_number: str = "",
    day: str = "20260201",
    value: str = "100.0",
    reading_type: str = "R",
    status: str = "V",
    flag: str = "T",
    register_id: str = "S",
) -> tuple[str, ...]:
    """Return the groups of one reading."""
    return (
        f"026|{mpan(number)}|{status}|",
        f"028|{serial_number or f'K{number:06}'}|{reading_type}|",
        f"030|{register_id}|{day}000000|{value}|||{flag}|P|",
    )
