"""The second factor: setting it up, and log-ins with it by password and provider."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from importlib.metadata import version

import pytest
from packaging.version import Version

from tests.running.browser import WORD
from tests.running.person import Person
from tests.web.sso.conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.only_on("sqlite")]
STEP = 30
# The older release, for Python 3.10, does not ask for the password again soon after a log-in.
IS_OLD = Version(version("django-allauth")) < Version("65.20")
asks_again = pytest.mark.skipif(IS_OLD, reason="needs django-allauth 65.20")


def code_of(secret: str, moment: float) -> str:
    """Return the code that a phone shows (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(moment // STEP)), "sha1")
    [number] = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


class Phone:
    """Shows each code once: a code is good for one log-in."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.next = 0.0

    def code(self) -> str:
        """Return a code that was not used; wait for it if need be."""
        # One step ahead is accepted, as that of a clock that is wrong.
        while time.time() + STEP < self.next:
            time.sleep(0.5)
        moment = max(time.time() - STEP, self.next)
        self.next = (moment // STEP + 1) * STEP
        return code_of(self.secret, moment)


def set_up(person: Person) -> Phone:
    """Turn the second factor on; the person ends at the recovery codes."""
    person.open("/account/2fa/totp/activate/")
    if not IS_OLD:
        assert person.where == "/account/confirm/", person.text
        person.submit("Confirm", password=WORD)
    [secret] = re.findall(r'Key: <span class="id">(\w+)</span>', person.page.text)
    assert "<svg" in person.page.text
    person.submit("Turn on", code="000000")
    assert "Incorrect code." in person.text
    [secret] = re.findall(r'Key: <span class="id">(\w+)</span>', person.page.text)
    phone = Phone(secret)
    person.submit("Turn on", code=code_of(secret, time.time()))
    assert person.where == "/account/2fa/recovery-codes/", person.text
    return phone


def test_password_alone_does_not_open_an_account_with_a_second_factor(site: Site) -> None:
    ann = site.person().log_in("ann")
    assert ann.where == "/"
    assert "Second factor" in ann.text
    phone = set_up(ann)
    recovery = re.findall(r"<code>(\d{8})</code>", ann.page.text)
    assert len(recovery) == 10
    assert ann.open("/account/2fa/recovery-codes/download/").page.text.split() == recovery

    ann.open("/").submit("Log out")
    assert not ann.is_logged_in()
    ann.open("/search?q=1").submit("Log in", username="ann", password=WORD)
    assert ann.where == "/account/2fa/authenticate/", ann.text
    assert not ann.is_logged_in()
    assert ann.open("/account/2fa/").where == "/log-in/"
    ann.open("/account/2fa/authenticate/").submit("Log in", code="000000")
    assert "Incorrect code." in ann.text
    assert not ann.is_logged_in()
    ann.submit("Log in", code=phone.code())
    assert ann.page.url == f"{site.home}/search?q=1", ann.text
    assert ann.is_logged_in()

    # Each recovery code counts once.
    lost = site.person().log_in("ann").submit("Log in", code=recovery[0])
    assert lost.is_logged_in(), lost.text
    thief = site.person().log_in("ann").submit("Log in", code=recovery[0])
    assert not thief.is_logged_in()

    # The provider does not replace it.
    by_provider = site.person().log_in_by_provider("anna")
    assert by_provider.where == "/account/2fa/authenticate/", by_provider.text
    assert not by_provider.is_logged_in()
    assert by_provider.submit("Log in", code=recovery[1]).is_logged_in(), by_provider.text

    # An administrator removes it with its recovery codes.
    root = site.person().log_in("root").open("/admin/mfa/authenticator/")
    assert root.status == 200
    [key] = re.findall(r"/admin/mfa/authenticator/(\d+)/change/", root.page.text)[:1]
    root.open(f"/admin/mfa/authenticator/{key}/change/")
    assert (root.status, phone.secret in root.page.text) == (200, False)
    root.open(f"/admin/mfa/authenticator/{key}/delete/").submit("Yes, I’m sure")
    assert site.box.rows("SELECT count(*) FROM mfa_authenticator") == [(0,)]
    assert site.person().log_in("ann").is_logged_in()


def test_codes_cannot_be_guessed(site: Site) -> None:
    phone = set_up(site.person().log_in("ann"))
    for number in range(4):
        thief = site.person().log_in("ann").submit("Log in", code=f"{number:06}")
        assert "Incorrect code." in thief.text, thief.text
    # Neither another browser nor the right password starts the count again.
    ann = site.person().log_in("ann").submit("Log in", code=phone.code())
    assert "Too many wrong attempts. Try again in 15 minutes." in ann.text
    assert not ann.is_logged_in()
    assert site.manage("unlock", "ann") == "ann: 4 wrong attempts forgotten.\n"
    assert site.person().log_in("ann").submit("Log in", code=phone.code()).is_logged_in()


def test_limit_on_wrong_passwords_stays(site: Site) -> None:
    for _ in range(4):
        assert site.person().log_in("ann", "wrong").status == 200
    assert site.person().log_in("ann").status == 429
    root = site.person().log_in("root")
    assert root.is_logged_in()
    assert "device" in root.session.cookies


@asks_again
def test_second_factor_is_changed_only_with_the_password(site: Site) -> None:
    ann = site.person().log_in("ann")
    ann.open("/account/2fa/totp/activate/")
    for _ in range(4):
        ann.submit("Confirm", password="wrong")
        assert "Incorrect password." in ann.text
    ann.submit("Confirm", password=WORD)
    assert "Too many wrong attempts." in ann.text
    assert ann.open("/account/2fa/totp/activate/").where == "/account/confirm/"


@asks_again
def test_person_without_a_password_sets_up_no_second_factor(site: Site) -> None:
    site.box.execute("UPDATE auth_user SET password = '!' WHERE username = 'ann'")
    ann = site.person().log_in_by_provider("anna").open("/account/2fa/")
    assert "Your account has no password." in ann.text
    assert ann.open("/account/2fa/totp/activate/").status == 403
