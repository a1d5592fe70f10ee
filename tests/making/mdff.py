"""Small NEM12 and NEM13 files for tests; the numbers in them are invented."""

from __future__ import annotations

NMI = "6123456789"
OTHER_NMI = "VABX210034"
SERIAL_NUMBER = "SN0012345"
PARTICIPANTS = "MDPA,RETB"


def day(
    date: str = "20260227",
    *,
    values: str | None = None,
    count: int = 48,
    quality: str = "A",
    reason: str = "",
    description: str = "",
    updated: str = "20260301021500",
    loaded: str = "",
) -> str:
    """Return a 300 with the comma-separated `values`, or with values from 0.1 upwards."""
    texts = values if values is not None else ",".join(f"{number / 10}" for number in range(1, count + 1))
    return f"300,{date},{texts},{quality},{reason},{description},{updated},{loaded}"


def channel(
    *lines: str,
    nmi: str = NMI,
    configuration: str = "E1B1",
    register: str = "1",
    suffix: str = "E1",
    stream: str = "N1",
    serial_number: str = SERIAL_NUMBER,
    unit: str = "kWh",
    length: int = 30,
    next_read: str = "",
) -> list[str]:
    """Return a 200 and the records under it."""
    key = f"{nmi},{configuration},{register},{suffix},{stream},{serial_number}"
    return [f"200,{key},{unit},{length},{next_read}", *lines]


def accumulation(
    previous: str = "001234.5",
    current: str = "001300.0",
    quantity: str = "65.5",
    *,
    nmi: str = NMI,
    configuration: str = "1141",
    register: str = "1",
    suffix: str = "11",
    stream: str = "11",
    serial_number: str = SERIAL_NUMBER,
    direction: str = "E",
    previous_at: str = "20251130093000",
    previous_quality: str = "A,,",
    current_at: str = "20260227101500",
    current_quality: str = "A,,",
    unit: str = "kWh",
    next_read: str = "20260529",
    updated: str = "20260228120000",
    loaded: str = "",
) -> str:
    """Return a 250; a quality is the quality method, the reason code and the reason description."""
    key = f"{nmi},{configuration},{register},{suffix},{stream},{serial_number},{direction}"
    reads = f"{previous},{previous_at},{previous_quality},{current},{current_at},{current_quality}"
    return f"250,{key},{reads},{quantity},{unit},{next_read},{updated},{loaded}"


def nem12(*channels: list[str], created: str = "202603010215") -> bytes:
    """Return a whole NEM12."""
    lines = [line for channel in channels for line in channel]
    return written(f"100,NEM12,{created},{PARTICIPANTS}", *lines, "900")


def nem13(*lines: str, created: str = "202602281230") -> bytes:
    """Return a whole NEM13."""
    return written(f"100,NEM13,{created},{PARTICIPANTS}", *lines, "900")


def written(*lines: str) -> bytes:
    """Return the lines with the line ends of the format."""
    return "".join(f"{line}\r\n" for line in lines).encode()
