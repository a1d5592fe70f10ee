import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from readings.models.api_tokens import Scope
from readings.models.roles import SUPPORT
from tests.making.dtc import flow, other_flow, reading_of
from tests.running.imported import put_away
from tests.running.places import SAMPLES
from tests.running.uploads import make_folders, token_of
from watcher.operators.settings import status_in_settings
from watcher.operators.status_json import as_json
from watcher.web.inbox_api import InboxState

pytestmark = pytest.mark.django_db


@pytest.fixture
def folders(tmp_path: Path, settings: Settings) -> Path:
    make_folders(settings, tmp_path)
    return tmp_path


def ask(token: str, status: int = 200) -> dict[str, Any]:
    answer = Client().get("/api/inbox", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == status, answer.content
    return dict(json.loads(answer.content))


def test_inbox_is_answered_as_by_the_command(folders: Path) -> None:
    (folders / "inbox" / "waiting.uff").write_bytes(flow(*reading_of(1)))
    (folders / "rejected" / "other-flows").mkdir()
    put_away("D0086.usr", other_flow("D0086002"), folders / "rejected" / "other-flows")
    put_away("bad.uff", (SAMPLES / "d0010_two_faults.uff").read_bytes(), folders / "rejected")
    state = ask(token_of(scope=Scope.READ))
    InboxState.model_validate(state)
    [waiting], [rejected] = state["waiting"], state["last_rejected"]
    assert (waiting["name"], waiting["bytes"]) == ("waiting.uff", len(flow(*reading_of(1))))
    assert state["other_flows"]["today"]["by_flow"] == [{"flow": "D0086", "sender": "ZZDC", "files": 1}]
    assert [row["outcome"] for row in state["last_outcomes"]] == ["rejected", "other-flow"]
    assert rejected["codes"] == ["wrong-check-digit", "not-a-date-time"]
    later = as_json(status_in_settings(timezone.now(), thorough=False))
    changing = ("oldest_seconds", "waiting", "folders", "attention")
    assert {name: state[name] for name in state if name not in changing} == {
        name: later[name] for name in later if name not in changing
    }


def test_inbox_is_for_those_who_may_view_its_page(folders: Path) -> None:
    ask(token_of("ann", Scope.READ, SUPPORT), 403)
    ask(token_of("ben"), 403)
    ask("mbx_wrong", 401)
