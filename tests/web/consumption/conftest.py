"""What the tests of the consumption pages share."""

import pytest
from django.test import Client

from readings.models.roles import ANALYST
from tests.running.pages import client_of


@pytest.fixture
def client() -> Client:
    """Return a client of an analyst."""
    return client_of(ANALYST)
