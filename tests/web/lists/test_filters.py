"""What the filters of each list select, on pages and in CSV."""

from __future__ import annotations

from typing import Final

import pytest
from django.test import Client

from readings.models import FlowFile
from readings.models.roles import ANALYST
from tests.making.consumption import USERS
from tests.making.dtc import MPAN, block, flow, mpan, other_flow, reading
from tests.making.mdff import NMI, accumulation, nem13
from tests.running.imported import deliver
from tests.running.listed import exported, shown
from tests.running.pages import client_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: Values of the readings below.
ACTUAL, ESTIMATE, OWN, SUSPECT, NO_FLAG, TEST = "1.0", "2.0", "3.0", "4.0", "5.0", "6.0"
BRITISH = (ACTUAL, ESTIMATE, OWN, SUSPECT, NO_FLAG, TEST)
NULL, LATER = "001234.5", "001300.0"
EVERY = {*BRITISH, NULL, LATER}


@pytest.fixture
def analyst() -> Client:
    """Return a client of somebody who may export, with readings of every kind."""
    blocks = [
        block(reading(ACTUAL, at="20260301000000")),
        block(reading(ESTIMATE, at="20260302000000"), kind="D", mpan=mpan(2)),
        block(reading(OWN, at="20260303000000"), kind="C", mpan=mpan(3)),
        block(reading(SUSPECT, at="20260304000000", flag="F"), mpan=mpan(4)),
        block(reading(NO_FLAG, at="20260304000000", flag=""), mpan=mpan(5), status="U"),
    ]
    deliver(flow(*blocks), "many.uff")
    test = flow(block(reading(TEST)), identifier="TEST000002", test_flag="TEST", sender="X|QALT")
    deliver(test, "test.uff")
    deliver(nem13(accumulation(previous_quality="N,,")), "reads.csv")
    deliver(b"nonsense", "rubbish.txt")
    deliver(b"nonsense", "again.txt")
    deliver(USERS, "user_data.csv")
    return client_of(ANALYST)


def column(client: Client, address: str, heading: str) -> list[str]:
    """Return a column of the page at an address, which the CSV must have, too."""
    page = shown(client, address)
    rows = exported(client, address.replace("/?", ".csv?", 1))
    place = rows[0].index(heading)
    assert [row[place] for row in page[1:]] == [row[place] for row in rows[1:]]
    return [row[place] for row in rows[1:]]


READINGS: Final[tuple[tuple[str, set[str]], ...]] = (
    ("kind=actual", {ACTUAL, SUSPECT, NO_FLAG, TEST, LATER}),
    *(("kind=estimate", {ESTIMATE}), ("kind=D", {ESTIMATE}), ("kind=customer", {OWN}), ("kind=c", {OWN})),
    *(("kind=no-reading", {NULL}), ("kind=withdrawn", set()), ("kind=superseded", set())),
    *(("flag=suspect", {SUSPECT}), ("flag=not-stated", {NO_FLAG}), ("flag=valid", {ACTUAL, ESTIMATE, OWN, TEST})),
    *(("from=2026-03-04", {SUSPECT, NO_FLAG}), ("to=2026-02-28", {NULL, LATER})),
    *(("from=2026-03-02&to=2026-03-03", {ESTIMATE, OWN}), ("from=2026-02-27&to=2026-02-27", {LATER})),
    *(("sender=QALT", {TEST}), ("sender=NOBODY", set()), ("sender=ZZDC&kind=D", {ESTIMATE})),
    *(("scheme=NMI", {NULL, LATER}), ("scheme=TEST_MPAN", {TEST})),
    *((f"meter_point={MPAN}", {ACTUAL, TEST}), (f"meter_point={MPAN}&scheme=MPAN", {ACTUAL})),
    *((f"meter_point={NMI}", {NULL, LATER}), (f"meter_point={NMI}&kind=actual", {LATER})),
)
FILES: Final[tuple[tuple[str, list[str]], ...]] = (
    ("", ["user_data.csv", "rubbish.txt", "reads.csv", "test.uff", "many.uff"]),
    *(("outcome=rejected", ["rubbish.txt"]), ("outcome=received", []), ("code=unknown-format", ["rubbish.txt"])),
    *(("format=nem13", ["reads.csv"]), ("sender=QALT", ["test.uff"]), ("to=2026-03-04", [])),
    ("from=2026-03-05&to=2026-03-05&format=D0010", ["test.uff", "many.uff"]),
    ("sort=sender&outcome=imported", ["user_data.csv", "reads.csv", "test.uff", "many.uff"]),
)
ARRIVALS: Final[tuple[tuple[str, list[str]], ...]] = (
    *(("outcome=duplicate", []), ("outcome=rejected", ["again.txt", "rubbish.txt"]), ("channel=inbox", [])),
    *(("format=D0010&sender=QALT", ["test.uff"]), ("channel=command&from=2026-03-06", [])),
)
PROBLEMS = (
    *(("severity=error", 1), ("severity=warning", 3), ("code=suspect-without-reason", 1), ("code=nothing", 0)),
    *(("format=D0010", 2), ("sender=ZZDC&severity=warning", 1), ("from=2026-03-06", 0), ("to=2026-03-05", 4)),
)


def test_filters_select_readings(analyst: Client) -> None:
    found = {query: set(column(analyst, f"/readings/?{query}", "Value")) for query, _ in READINGS}
    assert found == dict(READINGS)


def test_filters_select_files(analyst: Client) -> None:
    found = {query: column(analyst, f"/flow-files/?{query}", "File") for query, _ in FILES}
    assert found == dict(FILES)


def test_filters_select_arrivals(analyst: Client) -> None:
    found = {query: column(analyst, f"/arrivals/?{query}", "File") for query, _ in ARRIVALS}
    assert found == dict(ARRIVALS)


def test_filters_select_problems(analyst: Client) -> None:
    found = {query: len(column(analyst, f"/problems/?{query}", "Code")) for query, _ in PROBLEMS}
    assert found == dict(PROBLEMS)


def test_notes_about_other_flows_are_listed_by_their_code_or_file_only(analyst: Client) -> None:
    file = deliver(other_flow("D0086002"), "D0086.usr").sha256
    assert "other-flow" not in column(analyst, "/problems/?", "Code")
    for query in ("code=other-flow", f"flow_file={file}"):
        assert column(analyst, f"/problems/?{query}", "Value") == ["D0086002"]


def test_readings_of_a_file_are_listed_by_line(analyst: Client) -> None:
    (sha256,) = FlowFile.objects.filter(sender="ZZDC").values_list("sha256", flat=True)
    for start in (sha256, sha256[:12], "many.uff"):
        address = f"/readings/?flow_file={start}"
        assert column(analyst, address, "Value") == [ACTUAL, ESTIMATE, OWN, SUSPECT, NO_FLAG]
        assert column(analyst, f"{address}&sort=-line", "Value") == [NO_FLAG, SUSPECT, OWN, ESTIMATE, ACTUAL]
        assert column(analyst, f"{address}&flag=suspect", "Value") == [SUSPECT]
    assert "File: many.uff" in text_of(analyst.get(address).content.decode())


def test_name_of_no_file_or_of_several_selects_nothing(analyst: Client) -> None:
    deliver(nem13(accumulation(current="001301.0", quantity="66.5")), "many.uff")
    for name, words in (("few.uff", "No stored file has this name"), ("many.uff", "Several files are called so")):
        response = analyst.get(f"/readings/?flow_file={name}")
        assert response.status_code == 400
        assert words in text_of(response.content.decode())


def test_order_that_no_index_serves_gives_way_to_the_default(analyst: Client) -> None:
    response = analyst.get("/readings/?flag=valid&sort=meter-point&after=1~2~2026-01-01T00:00:00%2B00:00~R~1")
    assert (response.status_code, response["Location"]) == (302, "/readings/?flag=valid")


def test_counts_of_a_file_lead_to_what_they_count(analyst: Client) -> None:
    (file,) = FlowFile.objects.filter(sender="ZZDC")
    html = analyst.get("/flow-files/").content.decode()
    assert f'<a href="/readings/?flow_file={file.sha256}">5</a>' in html
    assert f'<a href="/problems/?severity=warning&amp;flow_file={file.sha256}">{file.warnings} warning</a>' in html
    address = f"/problems/?flow_file={file.sha256}&severity=warning"
    assert len(column(analyst, address, "Code")) == file.warnings
    assert f'href="/accumulations/?flow_file={FlowFile.objects.get(format="NEM13").sha256}">1 accumulation' in html


def test_filters_select_meter_points_and_meters(analyst: Client) -> None:
    assert column(analyst, "/meter-points/?scheme=NMI", "Meter point") == [NMI]
    assert column(analyst, "/meter-points/?area=a2", "Tariff") == ["t3"]
    assert (
        column(analyst, "/meter-points/?sort=identifier", "Meter point")[0]
        == column(analyst, "/meter-points/?sort=identifier&scheme=CONSUMER", "Meter point")[-1]
    )
    assert column(analyst, f"/meters/?meter_point={MPAN}", "Meter point") == [MPAN, f"{MPAN} Test data"]
    assert column(analyst, "/meters/?sort=serial-number", "Serial number")[-1] == "SN0012345"
    assert column(analyst, "/accumulations/?from=2026-02-27&to=2026-02-27", "Quantity") == ["65.5 kWh"]
    assert column(analyst, "/accumulations/?from=2026-02-28", "Quantity") == []
