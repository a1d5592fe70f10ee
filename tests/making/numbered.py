"""Small, distinct, valid D0010 files by number, for tests of the watcher."""

from __future__ import annotations

from readings.formats.dtc.catalogue.mpan import mpan_check_digit


def flow(number: int, readings: int = 3) -> bytes:
    """Return a valid file; different numbers have readings of the same meters at different times."""
    day = f"{2000 + number // 336 % 26}{1 + number // 28 % 12:02}{1 + number % 28:02}"
    time = f"{number // 8736:06}"
    return d0010(f"{number:010}", readings).replace(b"|20260301000000|", f"|{day}{time}|".encode())


def bad_flow(number: int) -> bytes:
    """Return a file that is rejected."""
    return flow(number).replace(b"|V|", b"|Q|")


def other_flow(number: int) -> bytes:
    """Return a valid file of a flow that is not read here."""
    return flow(number).replace(b"|D0010002|", b"|D0086002|")


def correction(number: int) -> bytes:
    """Return a valid file that corrects the readings of all other corrections."""
    return d0010(f"C{number:09}", 3, value=f"{number}.5")


def d0010(identifier: str = "0000000001", meter_points: int = 1, value: str = "12345.0") -> bytes:
    """Return a valid file with one reading per meter point; all identities are invented."""
    lines = [f"ZHV|{identifier}|D0010002|D|UDMS|X|MRCY|20260302153151||||OPER|"]
    for number in range(meter_points):
        digits = f"10{number:010}"
        lines += [
            f"026|{digits}{mpan_check_digit(digits)}|V|",
            f"028|T{number:09}|C|",
            f"030|S|20260301000000|{value}|||T|N|",
        ]
    lines += [f"ZPT|{identifier}|{3 * meter_points}||{meter_points}|20260302154650|", ""]
    return "\n".join(lines).encode()
