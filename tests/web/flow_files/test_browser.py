"""A refused upload in a browser, from the form to the inbox."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from readings.models.roles import OPERATOR, give_role
from tests.running.browser import WORD, log_in, open_page
from tests.running.places import SAMPLES
from tests.running.uploads import make_folders


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_refused_upload_is_explained_to_its_sender_and_put_back(
    browser: Browser, live_server: LiveServer, tmp_path: Path, settings: Settings
) -> None:
    make_folders(settings, tmp_path)
    give_role(User.objects.create_user("olga", password=WORD), OPERATOR)
    with open_page(browser, live_server.url) as page:
        log_in(page, f"{live_server.url}/upload", "olga")
        page.get_by_label("Files").set_input_files(SAMPLES / "d0010_two_faults.uff")
        page.get_by_role("button", name="Upload and import").click()
        expect(page.get_by_text("rejected: 2 errors, 0 warnings")).to_be_visible()
        page.reload()
        page.get_by_role("link", name="d0010_two_faults.uff").click()
        expect(page.locator("mark")).to_have_text(["3690005901427", "20250230000000"])
        page.get_by_role("button", name="Copy the text").click()
        expect(page.get_by_role("status").filter(has_text="Ctrl+C").or_(page.get_by_text("Copied."))).to_be_visible()
        page.get_by_role("button", name="Put back").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("The file d0010_two_faults.uff is back in the inbox.")).to_be_visible()
        expect(page.get_by_role("button", name="Put back")).to_have_count(0)
    assert (tmp_path / "inbox" / "d0010_two_faults.uff").exists()
