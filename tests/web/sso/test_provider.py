"""Log-in through a real provider: who gets in, who does not, and without a trace."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.running.browser import WORD
from tests.running.person import Person
from tests.web.sso.conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.only_on("sqlite")]


def test_verified_address_opens_the_account_and_links_it(site: Site) -> None:
    ann = site.person()
    ann.log_in_by_provider("anna", "/search?q=3190001042118")
    assert ann.page.url == f"{site.home}/search?q=3190001042118", ann.text
    assert ann.is_logged_in()
    [(name, issuer)] = site.links()
    assert (name, issuer) == ("ann", site.box.environment["SSO_ISSUER"])

    # The password still opens it, and the link does without the address.
    assert site.person().log_in("ann").is_logged_in()
    site.box.execute("UPDATE auth_user SET email = '' WHERE username = 'ann'")
    again = site.person().log_in_by_provider("anna")
    assert again.is_logged_in(), again.text


def test_nobody_else_gets_in_and_nobody_is_created(site: Site) -> None:
    before = site.users()
    for name, words in (
        ("stranger", "No open account of Meterbox has the e-mail address stranger@elsewhere.example"),
        ("umberto", "The office has not verified the e-mail address una@meters.example"),
        ("clara", "No open account of Meterbox has the e-mail address closed@meters.example"),
        ("twin", "Several accounts have the e-mail address twin@meters.example"),
    ):
        person = site.person().log_in_by_provider(name)
        assert (person.status, words in person.text) == (403, True), person.text
        assert "Ask an administrator of Meterbox" in person.text or "ask an administrator" in person.text
        assert not person.is_logged_in()
    assert site.users() == before
    assert site.links() == []


def test_closed_account_stays_closed_for_a_linked_identity(site: Site) -> None:
    assert site.person().log_in_by_provider("anna").is_logged_in()
    site.box.execute("UPDATE auth_user SET is_active = false WHERE username = 'ann'")
    ann = site.person().log_in_by_provider("anna")
    assert (ann.status, "Your account of Meterbox is closed." in ann.text) == (403, True), ann.text
    assert not ann.is_logged_in()


def test_only_an_answer_that_this_browser_asked_for_counts(site: Site) -> None:
    callback = "/log-in/provider/callback/"
    forged = site.person().open(f"{callback}?code=stolen&state=forged")
    assert (forged.status, "This log-in was not started in this browser" in forged.text) == (403, True)

    # The state of one browser is that of no other, and counts once.
    ann = site.person()
    state = state_of(ann)
    victim = site.person().open(f"{callback}?code=stolen&state={state}")
    assert victim.status == 403
    cancelled = ann.open(f"{callback}?error=access_denied&state={state}")
    assert (cancelled.status, "was cancelled" in cancelled.text) == (403, True), cancelled.text
    again = ann.open(f"{callback}?code=stolen&state={state}")
    assert (again.status, "This log-in was not started in this browser" in again.text) == (403, True)

    invented = ann.open(f"{callback}?code=invented&state={state_of(ann)}")
    assert (invented.status, "The office does not answer" in invented.text) == (503, True), invented.text
    assert not ann.is_logged_in()


def state_of(person: Person) -> str:
    """Start a log-in; return the state that the provider is to send back."""
    person.open("/log-in/").submit("Log in with the office")
    [state] = re.findall(r"state(?:=|%3D)(\w+)", person.page.url)
    return str(state)


def test_only_a_form_of_ours_starts_a_log_in(site: Site) -> None:
    person = site.person().log_in("ann")
    assert person.open("/log-in/provider/").status == 405
    assert person.session.post(f"{site.home}/log-in/provider/", timeout=60).status_code == 403


def test_no_other_page_of_allauth_has_an_address(site: Site) -> None:
    person = site.person().log_in("ann")
    for path in ("signup/", "email/", "password/reset/", "3rdparty/", "social/signup/", "oidc/x/login/"):
        assert {person.open(f"/account/{path}").status, person.open(f"/{path}").status} == {404}, path


def test_browser_without_scripts_comes_back_logged_in(site: Site, browser: Browser) -> None:
    complaints: list[str] = []
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.goto(f"{site.home}/account/2fa/")
    page.get_by_role("button", name="Log in with the office").click()
    page.get_by_label("Login").or_(page.get_by_label("Username")).fill("anna")
    page.get_by_label("Password").fill(WORD)
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url(f"{site.home}/account/2fa/")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    context.close()
    assert [complaint for complaint in complaints if complaint.startswith(site.home)] == []
