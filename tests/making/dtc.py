"""Small user files for tests, with correct counts: D0010, and flows that are not read here."""

from __future__ import annotations

from typing import Final

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
    return user_file(
        "D0010002", "026|", *groups, identifier=identifier, created=created, test_flag=test_flag, sender=sender
    )


def user_file(
    name: str,
    top_group: str,
    *groups: str,
    identifier: str = "TEST000001",
    created: str = "20260305061500",
    test_flag: str = "OPER",
    sender: str = "D|ZZDC",
    recipient: str = "X|ZZSU",
) -> bytes:
    """Return a whole file of any flow; `name` is its flow and version, `top_group` the start of its first group."""
    flows = sum(line.startswith(top_group) for line in groups)
    lines = [
        f"ZHV|{identifier}|{name}|{sender}|{recipient}|{created}||||{test_flag}|",
        *groups,
        f"ZPT|{identifier}|{len(groups)}||{flows}|{created}|",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


#: Groups of flows that are not read here, the top group first, by flow and version; `{mpan}` is replaced.
OTHER_FLOWS: Final = {
    "D0086002": ("196|{mpan}|V|", "197|K12B 04567|A|", "198|S|20260518000000|256980.0|||T|N|"),
    "D0149001": ("280|{mpan}|20260518|", "281|0393|20260518|", "778|00001|", "283|K12B 04567|", "284|S|1|"),
    "D0150002": ("288|{mpan}|20260518||E|", "289|0151|20260518|||"),
    "D0052001": ("121|{mpan}|20260518|03|20260518|A|20260518|", "122|0393|20260518|_A|20260518|"),
    "D0004001": ("014|{mpan}|", "015|K12B 04567|R|20260529111000|", "016|20||"),
    "D0036001": ("109|{mpan}|AI|20260518|", "110|A|1.234|"),
}


def other_flow(name: str = "D0086002", *, mpan: str = MPAN, **header: str) -> bytes:
    """Return a whole file of a flow that is not read here; one without groups if the flow is not in the list."""
    groups = [line.format(mpan=mpan) for line in OTHER_FLOWS.get(name, ())]
    return user_file(name, groups[0][:4] if groups else "|", *groups, **header)


def pool_file(name: str = "P0135001", *, sender: str = "X|ZZSU", created: str = "20260305061500") -> bytes:
    """Return a whole pool transfer file, as programs of suppliers write it."""
    lines = (f"ZHD|{name}|{sender}|Z|POOL|{created}", "DPI|_A|SP04|ZZSU|X|20260228", "ZPT|3|998877")
    return "".join(f"{line}\n" for line in lines).encode()


def fixed_file(name: str = "D0052001", *, identifier: str = "TEST000001") -> bytes:
    """Return a whole fixed-length file: the items of a ZHV without pipes."""
    lines = (
        f"ZHF{identifier:10}{name:8}XZZSUMZZMO20260305061500           OPER",
        f"121{MPAN}20260518",
        f"ZPT{identifier:10}{1:010}          {1:08}20260305061500",
    )
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
