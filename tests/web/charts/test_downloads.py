"""Downloads of the values of a chart."""

import pytest

from readings.models.roles import ANALYST, SUPPORT
from tests.making.consumption import consumer, days
from tests.running.pages import client_of

pytestmark = pytest.mark.django_db


def content(response: object) -> str:
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", ["/consumption/CONSUMER/3000/"])
def test_an_analyst_downloads_the_table_of_a_chart(address: str) -> None:
    consumer("3000", *days("2016-08-31", 2))
    client = client_of(ANALYST)
    assert 'href="?csv=day"' in client.get(address).content.decode()
    response = client.get(address, {"csv": "day"})
    assert response["Content-Disposition"] == 'attachment; filename="day.csv"'
    days_listed = [row.partition(",")[0] for row in content(response).splitlines()]
    assert days_listed == ["Day", "Wed 31 Aug 2016", "Thu 01 Sep 2016"]


@pytest.mark.parametrize("address", ["/consumption/", "/consumption/CONSUMER/3000/"])
def test_a_user_who_may_not_export_gets_no_link_and_no_values(address: str) -> None:
    consumer("3000", *days("2016-08-31", 2))
    client = client_of(SUPPORT)
    assert "csv=day" not in client.get(address).content.decode()
    assert client.get(address, {"csv": "day"}).status_code == 403


def test_unknown_chart_is_not_found() -> None:
    consumer("3000", *days("2016-08-31", 2))
    assert client_of(ANALYST).get("/consumption/", {"csv": "week"}).status_code == 404
