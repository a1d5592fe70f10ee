"""The delimited user file of the Data Transfer Catalogue: a ZHV header, groups, a ZPT trailer.

Source: Data Transfer Catalogue 15.4 (28 April 2026), items J1060 to J1067, J1078, J1080, J0001, J0002, J0280.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from readings.formats.content import BYTE_ORDER_MARK
from readings.formats.contract import ERROR, WARNING, Problem
from readings.formats.dtc.catalogue import codes
from readings.formats.dtc.catalogue.codes import LIVE
from readings.formats.dtc.catalogue.items import (
    BROADCAST,
    CHECKSUM,
    COMPLETED_AT,
    CREATED_AT,
    FILE_IDENTIFIER,
    FLOW_AND_VERSION,
    FLOW_COUNT,
    FROM_PARTICIPANT,
    FROM_ROLE,
    RECEIVING_APPLICATION,
    SENDING_APPLICATION,
    TEST_DATA_FLAG,
    TO_PARTICIPANT,
    TO_ROLE,
    TOTAL_GROUP_COUNT,
)
from readings.formats.dtc.records import Record
from readings.formats.statements import Header

#: Names of the physical formats of user files that cannot be split like a ZHV, by header code.
OTHER_HEADERS: Final = {"ZHF": "a fixed-length user file (ZHF)", "ZHD": "a pool transfer file (ZHD)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Flow of the Data Flow Catalogue, as far as the envelope depends on it."""

    name: str
    version: str
    #: Group that begins each flow instance.
    top_group: str
    #: Roles that may receive the flow, by the role of the sender, as listed in the catalogue.
    routes: Mapping[str, frozenset[str]]


def recognizer(flow: str) -> Callable[[bytes], bool]:
    """Return a function that recognizes a user file of one flow by its header, even if that is still incomplete."""

    def recognizes(start: bytes) -> bool:
        """Return whether the first bytes look like this flow."""
        line, line_end, _ = first_line(start)
        fields = line.split("|")
        if fields[0] != "ZHV" or len(fields) < 3:
            return not line_end and line != "" and "ZHV|".startswith(line[:4])
        is_whole = len(fields) > 3 or line_end != ""
        name = fields[2].strip(" ")
        return name.startswith(flow) or (not is_whole and flow.startswith(name))

    return recognizes


def is_user_file(start: bytes) -> bool:
    """Return whether the first bytes look like a user file of any flow and physical format."""
    return first_line(start)[0].startswith(("ZHV|", *OTHER_HEADERS))


def first_line(start: bytes) -> tuple[str, str, str]:
    """Return the first line that is not blank, its line end, and the rest."""
    text = start.decode("latin-1").removeprefix(BYTE_ORDER_MARK.encode().decode("latin-1")).lstrip("\r\n")
    return text.partition("\n")


def is_complete(end: bytes) -> bool:
    """Return whether the last line that is not blank is a whole ZPT record.

    The record is whole with its last pipe, or with a line end.
    """
    text = end.rstrip(b" \r\n")
    terminated = b"\n" in end[len(text) :]
    return is_whole_trailer(text.rpartition(b"\n")[2].decode("latin-1"), terminated=terminated)


def is_whole_trailer(line: str, *, terminated: bool) -> bool:
    """Return whether a line is a whole ZPT record."""
    return line.startswith("ZPT|") and (terminated or line.count("|") > len(TRAILER.fields))


def blocks_of(top_group: Record) -> Callable[[str, str], str | None]:
    """Return a function that finds the lines of meter points: each begins with a top group, up to the next."""

    def meter_point_of(line: str, subject: str) -> str | None:
        """Return the identifier in a top group, empty for the envelope, None for the lines within a block."""
        group, _, fields = line.partition("|")
        if group.strip(" " + BYTE_ORDER_MARK) == top_group.code:  # Also in a damaged line, which is rejected.
            return fields.partition("|")[0].strip(" ")
        return "" if line.startswith(("ZHV", "ZPT", BYTE_ORDER_MARK)) else None

    return meter_point_of


def recounted(line: str, lines: int, blocks: int) -> str:
    """Return a trailer whose counts of groups and of flow instances leave out blank ones; another line as it is."""
    if not line.startswith("ZPT|"):
        return line
    texts = line.split("|")
    for place, number in ((2, lines), (4, blocks)):
        if len(texts) > place and texts[place].strip(" ").isdecimal():
            texts[place] = str(max(int(texts[place]) - number, 0))
    return "|".join(texts)


def read_header(line: str, number: int, flow: Flow, problems: list[Problem]) -> Header | None:
    """Return the header in a ZHV record, or None if the number of its fields is wrong."""
    earlier = len(problems)
    values = HEADER.read(line, number, problems)
    if values is None:
        return None
    identifier, name, sender_role, sender, recipient_role, recipient, created_at, *_, test_flag = values
    if not any(problem.severity == ERROR for problem in problems[earlier:]):
        problems.extend(_warnings(number, flow, sender_role, recipient_role, test_flag))
    return Header(
        flow=name[:5],
        version=name[5:],
        file_identifier=identifier,
        sender_role=sender_role,
        sender=sender,
        recipient_role=recipient_role,
        recipient=recipient,
        created_at=created_at,
        test_flag=test_flag,
        is_test=test_flag not in ("", LIVE),
    )


def _warnings(number: int, flow: Flow, sender_role: str, recipient_role: str, test_flag: str) -> Iterator[Problem]:
    if test_flag != LIVE:
        code = "test-data" if test_flag else "no-test-flag"
        message = "marks test data: stored separately from live data" if test_flag else "is empty; treated as live"
        yield HEADER.problem(WARNING, code, number, message, field="Test Data Flag", value=test_flag)
    for field, role in (("From Role Code", sender_role), ("To Role Code", recipient_role)):
        if len(role) > 1:
            message = "has two characters, expected one; kept as sent"
            yield HEADER.problem(WARNING, "long-role-code", number, message, field=field, value=role)
    routes = flow.routes.get(sender_role)
    if routes and recipient_role in codes.ROLES and recipient_role not in routes:
        sender, recipient = codes.ROLES[sender_role], codes.ROLES[recipient_role]
        message = f"this flow is not sent from {sender} to {recipient} according to the Data Flow Catalogue"
        yield HEADER.problem(WARNING, "unusual-route", number, message, field="To Role Code", value=recipient_role)


def check_trailer(
    line: str, number: int, *, file_identifier: str, groups: int, flows: int, top_group: str
) -> list[Problem]:
    """Return the problems of a ZPT record, compared with the header and the groups before it."""
    problems: list[Problem] = []
    values = TRAILER.read(line, number, problems)
    if values is None:
        return problems
    identifier, group_count, checksum, flow_count, _ = values
    for field, value, expected, fact in (
        ("File Identifier", identifier, file_identifier, "the header has"),
        # The item holds the low 10 digits of a larger count.
        ("Total Group Count", group_count, groups % 10**10, "the number of groups in the file is"),
        ("Flow Count", flow_count, flows, f"the number of top-level groups ({top_group}) in the file is"),
    ):
        if value not in (None, "") and expected != "" and value != expected:
            code = "wrong-" + field.lower().replace(" ", "-")
            message = f"{fact} {expected}: the file is incomplete or altered; ask the sender to send it again"
            problems.append(TRAILER.problem(ERROR, code, number, message, field=field, value=str(value)))
    if checksum is not None:
        message = "was not verified: no rule for it is published"
        problems.append(
            TRAILER.problem(WARNING, "checksum-not-verified", number, message, field="Checksum", value=str(checksum))
        )
    return problems


HEADER: Final = Record(
    "ZHV",
    (
        FILE_IDENTIFIER,
        FLOW_AND_VERSION,
        FROM_ROLE,
        FROM_PARTICIPANT,
        TO_ROLE,
        TO_PARTICIPANT,
        CREATED_AT,
        SENDING_APPLICATION,
        RECEIVING_APPLICATION,
        BROADCAST,
        TEST_DATA_FLAG,
    ),
)
TRAILER: Final = Record("ZPT", (FILE_IDENTIFIER, TOTAL_GROUP_COUNT, CHECKSUM, FLOW_COUNT, COMPLETED_AT))
