from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.web.flow_files import Archive


@pytest.fixture
def folders_of_pages(tmp_path: Path, settings: Settings) -> Archive:
    """Return the archive and the rejected folder, new and empty, and an inbox."""
    for name in ("archive", "rejected", "inbox"):
        (tmp_path / name).mkdir()
        setattr(settings, f"{name.upper()}_DIR", tmp_path / name)
    return Archive(tmp_path / "archive", tmp_path / "rejected")
