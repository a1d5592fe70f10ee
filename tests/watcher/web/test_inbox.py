import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from readings.models import Arrival, Trail
from readings.models.trail import Action, Door
from tests.making.dtc import other_flow
from tests.making.numbered import d0010
from tests.running.commands import BAD, digest
from tests.running.imported import put_away
from tests.running.pages import lines, logged_in, text_of
from watcher.disk import under_way
from watcher.disk.under_way import UnderWay
from watcher.web import put_back

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

PAGE = "/inbox/"
#: Session, user, both kinds of permissions; last arrivals, files not put away, files of other flows; new rejections,
#: their files, codes and first errors.
QUERIES = 11


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
    assert len(queries) == QUERIES


def test_inbox_page_names_a_missing_folder(folders: dict[str, Path]) -> None:
    for path in folders["inbox"].iterdir():
        path.unlink()
    folders["inbox"].rmdir()
    text = text_of(member("view_inbox").get(PAGE).content.decode())
    assert "Broken: nothing is imported" in text
    assert str(folders["inbox"]) in text


def test_inbox_page_has_no_inline_style_or_script() -> None:
    html = member("view_inbox", "retry_rejected").get(PAGE).content.decode()
    main = html.partition("<main")[2].partition("</main>")[0]
    assert main
    assert " style=" not in main
    assert "<script" not in main
    assert " onclick=" not in main


def put_selected_back(client: Client, **form: object) -> str:
    response = client.post(f"{PAGE}put-selected-back/", form, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    return text_of(response.content.decode().partition('<ul class="messages"')[2].partition("</ul>")[0])


def keys(*names: str) -> list[int]:
    return [Arrival.objects.get(name=name).pk for name in names]


@pytest.fixture
def three(folders: dict[str, Path]) -> Client:
    """Reject two more files, one of them with another code; return a client that may put files back."""
    put_away("much.uff", d0010("9", value="too much"), folders["rejected"])
    put_away("cut.uff", d0010("CUT")[:-20], folders["rejected"])
    return member("view_inbox", "retry_rejected", "view_flowfile", "view_reading")


def test_each_need_has_a_cause_an_action_and_a_button(three: Client) -> None:
    html = three.get(PAGE).content.decode()
    rows = lines(html)
    [bad] = [row for row in rows if row.startswith("bad.uff")]
    assert "030 Register Reading “much”: " in bad
    assert "not-a-number" in bad
    assert "Ask the sender for a corrected file. Put back" in bad
    assert f'href="/flow-files/{digest(BAD)}/"' in html
    assert any(row.startswith("cut.uff") and "send the whole file again. Put back" in row for row in rows)
    assert any(row.startswith("cut.uff Is not complete yet, unchanged for") for row in rows)


def test_paths_of_the_server_are_shown_on_demand(folders: dict[str, Path]) -> None:
    html = member("view_inbox").get(PAGE).content.decode()
    before, _, after = html.partition("<details")
    assert str(folders["rejected"]) not in before
    assert str(folders["inbox"]) not in before
    for place in Arrival.objects.values_list("resting_place", flat=True):
        assert place in after


def test_old_rejections_are_only_counted_and_linked(folders: dict[str, Path]) -> None:
    Arrival.objects.filter(name="bad.uff").update(received_at=timezone.now() - timedelta(days=2))
    html = member("view_inbox").get(PAGE).content.decode()
    assert "1 more rejected file" in text_of(html)
    assert "bad.uff" not in html.partition('id="needs"')[2].partition("<h2")[0]


def test_selected_files_are_put_back_together(three: Client, folders: dict[str, Path]) -> None:
    (folders["inbox"] / "cut.uff").unlink()
    done = put_selected_back(three, do="selected", arrival=keys("bad.uff", "cut.uff"))
    assert "2 files are back in the inbox." in done
    assert {path.name for path in folders["inbox"].iterdir()} == {"<b>fine.uff", "bad.uff", "cut.uff"}
    assert Trail.objects.filter(action=Action.PUT_BACK, by_whom="olga").count() == 2
    assert "No rejected file is selected." in put_selected_back(three, do="selected", arrival=keys("bad.uff"))


def test_all_files_with_a_code_are_put_back(three: Client, folders: dict[str, Path]) -> None:
    assert "<option>not-a-number</option>" in three.get(PAGE).content.decode()
    assert "2 files are back in the inbox." in put_selected_back(three, do="code", code="not-a-number")
    assert {path.name for path in folders["inbox"].iterdir()} >= {"bad.uff", "much.uff"}
    assert Arrival.objects.get(name="cut.uff").resting_place.startswith(str(folders["rejected"]))


def test_one_file_is_put_back_by_the_button_of_its_line(three: Client) -> None:
    assert "The file bad.uff is back in the inbox." in put_selected_back(three, only=keys("bad.uff")[0], do="ignored")


def test_files_that_cannot_be_put_back_are_named_beside_the_others(three: Client) -> None:
    done = put_selected_back(three, do="selected", arrival=keys("bad.uff", "cut.uff", "much.uff"))
    assert "2 files are back in the inbox." in done
    assert "The file cut.uff cannot be put back: the inbox already has a file named cut.uff." in done


@pytest.mark.parametrize(
    "form", [{}, {"do": "code"}, {"do": "code", "code": "none"}, {"arrival": ["x", "9" * 30, "²"]}, {"only": "-1"}]
)
def test_selection_of_nothing_moves_nothing(three: Client, folders: dict[str, Path], form: dict[str, object]) -> None:
    before = {path.name for path in folders["inbox"].iterdir()}
    assert "No rejected file is selected." in put_selected_back(three, **form)
    assert {path.name for path in folders["inbox"].iterdir()} == before


@pytest.mark.parametrize("form", [{"name": "a\0"}, {"sha256": "\0" * 12}, {"do": "code", "code": "\0"}])
def test_form_with_a_nul_moves_nothing(three: Client, folders: dict[str, Path], form: dict[str, str]) -> None:
    before = {path.name for path in folders["inbox"].iterdir()}
    address = f"{PAGE}put-selected-back/" if "do" in form else f"{PAGE}put-back/"
    response = three.post(address, {"name": "a.uff", "sha256": "a" * 12, **form})
    assert response.status_code == 302
    assert {path.name for path in folders["inbox"].iterdir()} == before


def test_many_files_are_put_back_in_steps(three: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(put_back, "MOST", 1)
    done = put_selected_back(three, do="code", code="not-a-number")
    assert "The file bad.uff is back in the inbox." in done
    assert "Only the first 1 files were tried: press the button again for the others." in done


def test_selected_files_need_the_permission_and_a_token(three: Client) -> None:
    form = {"do": "selected", "arrival": keys("bad.uff")}
    User.objects.get().user_permissions.remove(Permission.objects.get(codename="retry_rejected"))
    assert three.post(f"{PAGE}put-selected-back/", form).status_code == 403
    assert 'type="checkbox"' not in three.get(PAGE).content.decode()
    assert three.get(f"{PAGE}put-selected-back/").status_code == 405


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/flow-files/0123456789ab/?page=2", "/flow-files/0123456789ab/?page=2"),
        *((wrong, PAGE) for wrong in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "")),
    ],
)
def test_put_back_returns_to_a_local_address_only(three: Client, address: str, target: str) -> None:
    form = {"name": "bad.uff", "sha256": digest(BAD), "next": address}
    assert three.post(f"{PAGE}put-back/", form)["Location"] == target


def test_progress_is_shown_and_answered_as_json(folders: dict[str, Path]) -> None:
    host, pid = under_way.this_process()
    values = {"name": "big.uff", "size": 1000, "position": 420, "values": 84, "seconds": 4.2}
    note = UnderWay(**values, at=time.time(), host=host, pid=pid)  # type: ignore[arg-type]
    under_way.write(bytes(folders["inbox"]), note)
    words = "big.uff: 42 % of 1,000 bytes, 84 readings, 20 a second, about 5 s left"
    client = member("view_inbox", "view_flowfile", "view_arrival", "view_problem")
    for page in (PAGE, "/"):
        html = client.get(page).content.decode()
        assert words in html
        assert f'data-address="{PAGE}progress.json"' in html
    [answer] = client.get(f"{PAGE}progress.json").json()["importing"]
    assert (answer["words"], answer["percent"], answer["remaining_seconds"]) == (words, 42, 5.8)
    under_way.remove(bytes(folders["inbox"]), note)
    assert client.get(f"{PAGE}progress.json").json() == {"importing": []}


def test_progress_is_answered_only_to_those_who_may_view_the_inbox() -> None:
    assert member("view_reading").get(f"{PAGE}progress.json").status_code == 403
