from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from readings.models import Arrival, Trail
from readings.models.trail import Action, Door
from tests.making.dtc import other_flow
from tests.making.numbered import d0010
from tests.running.commands import BAD, digest
from tests.running.imported import put_away
from tests.running.pages import logged_in, text_of

pytestmark = pytest.mark.django_db

PAGE = "/inbox/"
#: Number of queries: session, user, permissions, last arrivals, files not put away.
MOST_QUERIES = 7


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Settings) -> dict[str, Path]:
    """Return the three folders, with an incomplete, a complete, a rejected and an imported file."""
    paths = {name: tmp_path / name for name in ("inbox", "archive", "rejected")}
    for name, path in paths.items():
        path.mkdir()
        setattr(settings, f"{name.upper()}_DIR", path)
    settings.QUIET_SECONDS = 0.001
    (paths["inbox"] / "cut.uff").write_bytes(d0010()[:-20])
    (paths["inbox"] / "<b>fine.uff").write_bytes(d0010())
    put_away("bad.uff", BAD, paths["rejected"])
    put_away("d0010.uff", d0010("DONE"), paths["archive"])
    return paths


def member(*permissions: str) -> Client:
    user = User.objects.create_user("olga")
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    return logged_in(user)


def retry(client: Client, name: str = "bad.uff", content: bytes = BAD) -> str:
    response = client.post(f"{PAGE}put-back/", {"name": name, "sha256": digest(content)}, follow=True)
    return text_of(response.content.decode())


def test_inbox_page_lists_waiting_rejected_and_last_files() -> None:
    html = member("view_inbox").get(PAGE).content.decode()
    text = text_of(html)
    assert "2 files waiting, the oldest for" in text
    assert "cut.uff is not complete yet" in text
    assert "bad.uff" in text
    assert Arrival.objects.get(name="bad.uff").flow_file.problems.values_list("code", flat=True)[0] in text
    assert "1 rejected file." in text
    assert "d0010.uff Imported" in text
    assert "&lt;b&gt;fine.uff" in html


def test_user_with_view_permission_only_cannot_put_files_back() -> None:
    client = member("view_inbox")
    assert "Put back" not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}put-back/", {"name": "bad.uff", "sha256": digest(BAD)}).status_code == 403


def test_user_without_view_permission_sees_neither_page_nor_link() -> None:
    client = member("view_reading")
    assert client.get(PAGE).status_code == 403
    User.objects.update(is_staff=True)
    assert PAGE not in client.get("/admin/").content.decode()


def test_admin_start_page_links_to_the_inbox() -> None:
    client = member("view_inbox")
    User.objects.update(is_staff=True)
    assert f'href="{PAGE}"' in client.get("/admin/").content.decode()


def test_former_address_in_the_admin_leads_to_the_page() -> None:
    response = member("view_inbox").get("/admin/watcher/inbox/")
    assert (response.status_code, response["Location"]) == (301, PAGE)


def test_button_puts_a_file_back_and_stores_who_did_it(folders: dict[str, Path]) -> None:
    client = member("view_inbox", "retry_rejected")
    assert "Put back" in client.get(PAGE).content.decode()
    assert "The file bad.uff is back in the inbox." in retry(client)
    assert (folders["inbox"] / "bad.uff").read_bytes() == BAD
    place = Arrival.objects.get(name="bad.uff").resting_place
    assert place.startswith("(put back into the inbox by olga, ")
    assert "The file bad.uff is no longer rejected." in retry(client)
    entry = Trail.objects.get(action=Action.PUT_BACK)
    assert (entry.door, entry.by_whom, entry.subject, entry.sha256) == (Door.PAGE, "olga", "bad.uff", digest(BAD))


def test_button_overwrites_no_file_in_the_inbox(folders: dict[str, Path]) -> None:
    (folders["inbox"] / "bad.uff").write_bytes(b"a later file")
    assert "the inbox already has a file named bad.uff" in retry(member("view_inbox", "retry_rejected"))
    assert (folders["inbox"] / "bad.uff").read_bytes() == b"a later file"
    assert not Trail.objects.filter(action=Action.PUT_BACK).exists()


def test_set_aside_file_is_listed_as_the_last_outcome_and_can_be_put_back(folders: dict[str, Path]) -> None:
    content, place = other_flow("D0086002"), folders["rejected"] / "other-flows"
    place.mkdir()
    put_away("D0086.usr", content, place)
    client = member("view_inbox", "retry_rejected")
    text = text_of(client.get(PAGE).content.decode())
    assert "1 rejected file." in text
    assert "D0086.usr Other flow" in text
    assert "The file D0086.usr is back in the inbox." in retry(client, "D0086.usr", content)
    assert (folders["inbox"] / "D0086.usr").read_bytes() == content


def test_put_back_needs_a_post_with_a_csrf_token(folders: dict[str, Path]) -> None:
    client = member("view_inbox", "retry_rejected")
    assert client.get(f"{PAGE}put-back/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(f"{PAGE}put-back/", {"name": "bad.uff", "sha256": digest(BAD)}).status_code == 403
    assert (folders["rejected"] / f"bad.uff.{digest(BAD)[:12]}").exists()
    assert not (folders["inbox"] / "bad.uff").exists()


def test_inbox_page_needs_few_queries_for_many_files(folders: dict[str, Path]) -> None:
    client = member("view_inbox")
    for number in range(30):
        put_away(f"{number}.uff", d0010(f"{number}", value=f"much{number}"), folders["rejected"])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(PAGE).status_code == 200
    assert len(queries) <= MOST_QUERIES


def test_inbox_page_names_a_missing_folder(folders: dict[str, Path]) -> None:
    for path in folders["inbox"].iterdir():
        path.unlink()
    folders["inbox"].rmdir()
    text = text_of(member("view_inbox").get(PAGE).content.decode())
    assert "Broken: nothing is imported" in text
    assert str(folders["inbox"]) in text


def test_inbox_page_has_no_inline_style_or_script() -> None:
    html = member("view_inbox", "retry_rejected").get(PAGE).content.decode()
    main = html.partition("<main")[2]
    assert main
    assert " style=" not in main
    assert "<script" not in main
    assert " onclick=" not in main
