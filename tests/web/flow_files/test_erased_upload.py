"""Uploads about an erased meter point."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from readings.imports.erasure.requests import request_for
from readings.models import Arrival, FlowFile, MeterPoint
from tests.making.dtc import MPAN, OTHER_MPAN, block, flow, reading
from tests.running.commands import digest
from tests.running.pages import logged_in

FILE = flow(block(reading("100.0")), block(reading("200.0"), mpan=OTHER_MPAN))
REJECTED = flow(block(reading("much")), block(reading("200.0"), mpan=OTHER_MPAN), identifier="TEST000002")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("content", [FILE, REJECTED], ids=["imported", "rejected"])
@pytest.mark.parametrize("is_erased_first", [True, False])
def test_upload_keeps_nothing_of_an_erased_meter_point(
    content: bytes, is_erased_first: bool, tmp_path: Path, settings: Settings
) -> None:
    settings.ARCHIVE_DIR, settings.REJECTED_DIR = roots = tmp_path / "archive", tmp_path / "rejected"
    user = User.objects.create_user("olga")
    names = ("add_flowfile", "view_flowfile", "view_reading")
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client = logged_in(user)
    request = request_for(MPAN, "", roots, tmp_path / "inbox")
    for step in ("erase", "upload") if is_erased_first else ("upload", "erase", "upload"):
        if step == "erase":
            request.plan()
            assert list(request.erase("olga", now())) == []
        else:
            name = f"{MPAN}.uff"
            response = client.post("/upload", {"files": [SimpleUploadedFile(name, content)]})
            assert response.status_code == 303
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if MPAN in path.name or MPAN.encode() in path.read_bytes()]
    assert not MeterPoint.objects.filter(identifier=MPAN).exists()
    assert not Arrival.objects.filter(name__contains=MPAN).exists()
    sha256 = FlowFile.objects.get().sha256
    assert {digest(path.read_bytes()) for path in files if ".report." not in path.name} == {sha256}
    # The address of the original leads to the rewritten content.
    address = client.get(f"/flow-files/{digest(content)}/").headers["Location"]
    assert address == f"/flow-files/{sha256}/"
