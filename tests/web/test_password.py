import pytest
from django.contrib.auth.models import User

from tests.running.browser import WORD
from tests.running.pages import logged_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

NEW = "four green meters"


def posted(**values: str) -> dict[str, str]:
    return {"old_password": WORD, "new_password1": NEW, "new_password2": NEW, **values}


def test_user_without_a_role_changes_the_password_and_stays_logged_in() -> None:
    client = logged_in(User.objects.create_user("ann", password=WORD))
    response = client.post("/password/", posted(), follow=True)
    assert "Your password is changed." in text_of(response.content.decode())
    assert User.objects.get().check_password(NEW)


def test_other_sessions_of_the_user_end() -> None:
    ann = User.objects.create_user("ann", password=WORD)
    here, elsewhere = logged_in(ann), logged_in(ann)
    here.post("/password/", posted())
    assert here.get("/password/").status_code == 200
    assert elsewhere.get("/password/").status_code == 302


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"old_password": "other"}, "Your old password was entered incorrectly."),
        ({"new_password2": "other"}, "The two password fields didn’t match."),
        ({"new_password1": "short", "new_password2": "short"}, "This password is too short."),
    ],
)
def test_wrong_entry_changes_nothing(wrong: dict[str, str], expected: str) -> None:
    client = logged_in(User.objects.create_user("ann", password=WORD))
    assert expected in text_of(client.post("/password/", posted(**wrong)).content.decode())
    assert User.objects.get().check_password(WORD)


def test_every_page_links_to_it() -> None:
    client = logged_in(User.objects.create_user("ann"))
    assert 'href="/password/"' in client.get("/nowhere").content.decode()
