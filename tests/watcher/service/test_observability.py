"""Metrics, health pages, log, and messages to the service manager."""

from __future__ import annotations

import ast
import os
import re
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from django.contrib.auth.models import User
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from readings.web.health import folder_troubles
from tests.making.dtc import other_flow
from tests.making.numbered import d0010
from tests.running.ask import ask
from tests.running.box import BREAK, Box, end, wait_until
from tests.running.places import ROOT
from tests.running.postgresql import free_port
from tests.running.readme import OPERATIONS, rows, section

pytestmark = pytest.mark.slow_on_postgresql

IN_EVERY_LINE = {"event", "level", "timestamp"}


class Monitored(Box):
    """A box whose watcher serves metrics."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.port = free_port()
        super().__init__(folder, database_url, METRICS_PORT=str(self.port))

    def scraped(self) -> str:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    def metric(self, name: str, **labels: str) -> float:
        for family in text_string_to_metric_families(self.scraped()):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return float(sample.value)
        raise AssertionError(f"{name} {labels} is not exported")


class ServiceManager:
    """A stand-in for the service manager; it records messages with their times."""

    def __init__(self, receiver: socket.socket, address: str) -> None:
        self.receiver = receiver
        self.address = address
        self.received: list[tuple[float, str]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while message := self.receiver.recv(4096):
            self.received.append((time.time(), message.decode()))

    def messages(self) -> list[str]:
        return [message for _, message in self.received]

    def times_of(self, message: str) -> list[float]:
        return [at for at, received in self.received if received == message]


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Monitored:
    return Monitored(tmp_path, database_url)


@pytest.fixture(params=["path", "abstract"])
def service_manager(request: pytest.FixtureRequest) -> Iterator[ServiceManager]:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        address = f"{folder}/notify"
        if request.param == "abstract":
            if sys.platform != "linux":
                pytest.skip("needs Linux")
            address = f"@{address}"
        receiver.bind(address.replace("@", "\0"))
        yield ServiceManager(receiver, address)
        receiver.shutdown(socket.SHUT_RD)


def exported(text: str) -> dict[str, tuple[str, set[str]]]:
    """Return kind and labels of our metrics by documented name."""
    metrics = {}
    for family in text_string_to_metric_families(text):
        if family.name.startswith("meterbox_") and not family.name.endswith("_created"):
            name = family.name + ("_total" if family.type == "counter" else "")
            labels = {label for sample in family.samples for label in sample.labels} - {"le"}
            metrics[name] = (family.type, labels)
    return metrics


def documented(heading: str) -> dict[str, tuple[str, set[str]]]:
    table = section(OPERATIONS, "Monitor").split(f"| metric of {heading} |")[1].split("\n\n")[0]
    return {name.strip("`"): (kind, set(labels.strip("`").split())) for name, kind, labels, _ in rows(f"|{table}")}


# --- the watcher's metrics ---


def test_watcher_counts_files_readings_and_backlog(box: Monitored) -> None:
    began_at = time.time()
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        box.drop("first.uff", d0010(meter_points=3))
        wait_until(lambda: len(box.outcomes()) == 1)
        box.drop("again.uff", d0010(meter_points=3))
        box.drop("wrong.uff", d0010(identifier="0000000002", value="many"))
        box.drop("other.usr", other_flow("D0086002"))
        box.drop("cut.uff", d0010(identifier="0000000003")[:-5])
        wait_until(lambda: len(box.outcomes()) == 4)
        wait_until(lambda: box.metric("meterbox_backlog_files") == 1)
        for outcome in ("imported", "duplicate", "rejected", "other-flow"):
            assert box.metric("meterbox_files_total", outcome=outcome) == 1
        assert box.metric("meterbox_other_flow_files_total", flow="D0086") == 1
        assert box.metric("meterbox_readings_imported_total") == 3
        assert box.metric("meterbox_import_seconds_count") == 4
        assert 0 < box.metric("meterbox_import_seconds_sum") < time.time() - began_at
        assert began_at < box.metric("meterbox_last_round_timestamp_seconds") <= time.time()
        waited = box.metric("meterbox_oldest_waiting_seconds")
        assert waited > 0
        time.sleep(0.1)
        assert box.metric("meterbox_oldest_waiting_seconds") > waited
        assert end(child) == 0


def test_age_of_the_oldest_file_grows_while_the_loop_is_stuck(box: Monitored) -> None:
    with box.watcher() as child:
        box.drop("cut.uff", d0010()[:-5])
        wait_until(lambda: box.log("waits"))
        (box.inbox / "cut.uff").rename(box.inbox / ".cut")
        wait_until(lambda: box.metric("meterbox_backlog_files") == 0)
        assert box.metric("meterbox_oldest_waiting_seconds") == 0
        box.drop("cut.uff", d0010()[:-6])
        box.execute("ALTER TABLE readings_arrival RENAME TO hidden")
        wait_until(lambda: box.metric("meterbox_retries_total", cause="database") >= 2)
        last = box.metric("meterbox_last_round_timestamp_seconds")
        before = box.metric("meterbox_oldest_waiting_seconds")
        time.sleep(0.1)
        assert box.metric("meterbox_oldest_waiting_seconds") > before
        assert box.metric("meterbox_last_round_timestamp_seconds") == last
        child.kill()


def test_database_fault_is_counted_and_sets_its_gauge_until_it_ends(box: Monitored) -> None:
    with box.watcher():
        wait_until(lambda: box.log("watching"))
        assert box.metric("meterbox_database_down") == 0
        box.execute("ALTER TABLE readings_reading RENAME TO hidden")
        box.drop("file.uff", d0010())
        wait_until(lambda: box.metric("meterbox_retries_total", cause="database") >= 1)
        assert box.metric("meterbox_database_down") == 1
        box.execute("ALTER TABLE hidden RENAME TO readings_reading")
        wait_until(box.outcomes)
        wait_until(lambda: box.metric("meterbox_database_down") == 0)
        assert box.metric("meterbox_retries_total", cause="disk") == 0
        assert box.metric("meterbox_retries_total", cause="importer") == 0


def test_folder_and_importer_faults_have_their_own_causes(box: Monitored) -> None:
    with box.watcher():
        wait_until(lambda: box.log("watching"))
        box.archive.rename(box.archive.with_name("elsewhere"))
        box.drop("file.uff", d0010())
        wait_until(lambda: box.metric("meterbox_retries_total", cause="disk") >= 1)
        assert box.metric("meterbox_database_down") == 0
        box.archive.with_name("elsewhere").rename(box.archive)
        wait_until(box.outcomes)
        box.execute(BREAK["sqlite" if box.is_sqlite else "postgresql"])
        box.drop("other.uff", d0010(identifier="0000000002", value="1.0"))
        wait_until(lambda: box.metric("meterbox_retries_total", cause="importer") >= 1)
        assert box.metric("meterbox_retries_total", cause="database") == 0


def test_every_metric_of_the_watcher_is_documented(box: Monitored) -> None:
    with box.watcher():
        wait_until(lambda: box.log("watching"))
        text = box.scraped()
    assert exported(text) == documented("the watcher")
    assert "process_resident_memory_bytes" in text or sys.platform != "linux"


def test_taken_metrics_port_ends_with_78_and_no_port_turns_metrics_off(box: Monitored) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", box.port))
        other.listen()
        with box.watcher() as child:
            assert child.wait(20) == 78
        assert "set METRICS_PORT to another" in str(box.log())
        with box.watcher(METRICS_PORT="") as child:
            wait_until(lambda: box.log("watching"))
            assert end(child) == 0


# --- messages to the service manager ---


def test_service_manager_receives_ready_status_and_stopping(box: Monitored, service_manager: ServiceManager) -> None:
    with box.watcher(NOTIFY_SOCKET=service_manager.address) as child:
        wait_until(lambda: "STATUS=0 files in the inbox" in service_manager.messages())
        box.drop("cut.uff", d0010()[:-5])
        wait_until(lambda: "STATUS=1 files in the inbox" in service_manager.messages())
        assert end(child) == 0
    messages = service_manager.messages()
    assert messages[0] == "READY=1"
    assert messages.count("READY=1") == 1
    assert messages[-1] == "STOPPING=1"
    assert "WATCHDOG=1" not in messages


@pytest.mark.parametrize("service_manager", ["path"], indirect=True)
def test_watcher_is_not_ready_before_its_database(box: Monitored, service_manager: ServiceManager) -> None:
    box.execute("ALTER TABLE readings_arrival RENAME TO hidden")
    with box.watcher(NOTIFY_SOCKET=service_manager.address, WATCHDOG_USEC="1000000"):
        wait_until(lambda: service_manager.times_of("WATCHDOG=1"))
        wait_until(lambda: any(text.startswith("STATUS=cannot import: ") for text in service_manager.messages()))
        # Its pause between two attempts is at most half of the watchdog time.
        wait_until(lambda: len(service_manager.times_of("WATCHDOG=1")) >= 4, seconds=5)
        assert "READY=1" not in service_manager.messages()
        box.execute("ALTER TABLE hidden RENAME TO readings_arrival")
        wait_until(lambda: "READY=1" in service_manager.messages())


@pytest.mark.parametrize("service_manager", ["path"], indirect=True)
def test_watchdog_signs_stop_with_the_loop(box: Monitored, service_manager: ServiceManager) -> None:
    settings = {"WATCHDOG_USEC": "400000", "SCAN_SECONDS": "60"}
    with box.watcher(NOTIFY_SOCKET=service_manager.address, **settings) as child:
        wait_until(lambda: len(service_manager.times_of("WATCHDOG=1")) >= 5)
        box.drop("large.uff", d0010(meter_points=30_000))
        wait_until(box.outcomes)
        wait_until(lambda: box.log("put away"))
        line = box.log("put away")[0]
        # The loop is busy during an import: these signs come from the importer, after each batch.
        ended_at = datetime.fromisoformat(line["timestamp"].replace("Z", "+00:00")).timestamp()
        signs = service_manager.times_of("WATCHDOG=1")
        assert len([at for at in signs if ended_at - line["seconds"] < at < ended_at]) >= 2
        child.send_signal(19)  # SIGSTOP
        time.sleep(0.2)
        before = len(service_manager.received)
        time.sleep(0.8)
        assert len(service_manager.received) == before


@pytest.mark.parametrize("service_manager", ["path"], indirect=True)
def test_watchdog_of_another_process_receives_no_signs(box: Monitored, service_manager: ServiceManager) -> None:
    settings = {"WATCHDOG_USEC": "400000", "WATCHDOG_PID": "1"}
    with box.watcher(NOTIFY_SOCKET=service_manager.address, **settings):
        wait_until(lambda: "READY=1" in service_manager.messages())
        time.sleep(0.5)
    assert "WATCHDOG=1" not in service_manager.messages()


def test_missing_service_manager_delays_no_file(box: Monitored, tmp_path: Path) -> None:
    with box.watcher(NOTIFY_SOCKET=str(tmp_path / "nobody"), WATCHDOG_USEC="400000") as child:
        box.drop("file.uff", d0010())
        wait_until(box.outcomes)
        assert end(child) == 0


# --- the log ---


def events_in_the_code() -> dict[str, set[str]]:
    """Return the fields of each log call by event."""
    events = {}
    for path in sorted((ROOT / "watcher").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and logs(node.func):
                for event in ast.walk(node.args[0]):
                    if isinstance(event, ast.Constant) and isinstance(event.value, str):
                        events[event.value] = {str(keyword.arg) for keyword in node.keywords}
    return events


def logs(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == "log"
    return isinstance(function, ast.Name) and function.id == "say"


def documented_events() -> dict[str, tuple[set[str], set[str]]]:
    """Return levels and fields of each documented event."""
    table = section(OPERATIONS, "Run the watcher").split("### Read the log")[1]
    levels = {"info", "warning", "error"}
    return {
        event.strip("`"): (levels & set(re.findall(r"\w+", level)), set(fields.strip("`").split()))
        for event, level, fields, _ in rows(table)
    }


def test_every_event_and_field_of_the_log_is_documented() -> None:
    assert {event: fields for event, (_, fields) in documented_events().items()} == events_in_the_code()


def test_log_lines_match_the_documentation(box: Monitored) -> None:
    box.drop("wrong.uff", d0010(value="many"))
    box.drop("cut.uff", d0010(identifier="0000000002")[:-5])
    box.drop("moved.uff", d0010(identifier="0000000003", value="1.0"))
    assert box.once()[0] == 1
    box.execute("UPDATE readings_arrival SET settled_at = NULL WHERE name = 'moved.uff'")
    box.execute("UPDATE readings_arrival SET settled_at = NULL, resting_place = '/gone' WHERE name = 'wrong.uff'")
    box.execute(
        "INSERT INTO readings_rewrittencontent (old_sha256, old_subject, flow_file_id)"
        f" SELECT '{'ab' * 32}', '', flow_file_id FROM readings_arrival WHERE name = 'wrong.uff'"
    )
    stays = box.once()[1]
    with box.watcher() as child:
        box.drop("right.uff", d0010(identifier="0000000004", value="2.0"))
        wait_until(lambda: ("right.uff", "IMPORTED") in box.outcomes())
        box.execute(BREAK["sqlite" if box.is_sqlite else "postgresql"])
        box.drop("broken.uff", d0010(identifier="0000000005", value="3.0"))
        wait_until(lambda: box.log("failed"))
        box.execute("ALTER TABLE readings_reading RENAME TO hidden")
        box.drop("later.uff", d0010(identifier="0000000006", value="4.0"))
        wait_until(lambda: box.log("cannot import"))
        box.inbox.rename(box.inbox.with_name("away"))
        box.inbox.mkdir()
        wait_until(lambda: box.log("inbox replaced"))
        box.execute("ALTER TABLE readings_stalemonths RENAME TO gone")
        wait_until(lambda: box.log("cannot sum the consumption"))
        assert end(child) == 0
    lines, seen = [*stays, *box.log()], documented_events()
    elsewhere = ("no file system events", "of the trail", "cannot renew statistics")
    assert {line["event"] for line in lines} == {
        event for event in seen if not any(words in event for words in elsewhere)
    }
    for line in lines:
        levels, fields = seen[line["event"]]
        assert set(line) == fields | IN_EVERY_LINE
        assert line["level"] in levels


# --- the web pages ---


def test_readyz_reports_unusable_folders(box: Box) -> None:
    assert ask("/readyz", box.environment)[:2] == (200, {"status": "ready"})
    box.archive.rmdir()
    box.rejected.rmdir()
    box.rejected.write_bytes(b"")
    status, answer, content = ask("/readyz", box.environment)
    assert status == 503
    assert answer["causes"] == [
        "the folder of ARCHIVE_DIR does not exist or cannot be opened: create it, or fix its permissions",
        "the folder of REJECTED_DIR does not exist or cannot be opened: create it, or fix its permissions",
    ]
    assert str(box.archive) not in content


def test_readyz_reports_missing_migrations(box: Box) -> None:
    box.execute("DELETE FROM django_migrations WHERE app = 'readings'")
    status, answer, _ = ask("/readyz", box.environment)
    assert (status, answer["causes"]) == (503, ["the database is behind the program: run manage.py migrate"])


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/db.sqlite3", "postgresql://somebody:a-secret@127.0.0.1:1/meterbox"]
)
def test_readyz_reports_a_database_down_without_its_address(tmp_path: Path, url: str) -> None:
    box = Box(tmp_path, url)
    status, answer, content = ask("/readyz", box.environment)
    assert status == 503
    [cause] = answer["causes"]
    assert re.match("the database (does not answer|file cannot be opened): ", cause)
    assert not re.search("secret|somebody|nowhere|127", content)
    assert ask("/healthz", box.environment)[:2] == (200, {"status": "ok"})


def test_readyz_reports_a_damaged_database(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").write_bytes(b"this is not a database" * 100)
    box = Box(tmp_path, f"sqlite:///{tmp_path}/db.sqlite3")
    status, answer, _ = ask("/readyz", box.environment)
    assert status == 503
    assert answer["causes"][0].startswith("the database or its disk is damaged: see its log")


def test_folder_troubles_reports_missing_permissions() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed").mkdir(mode=0o555)
        (folder / "hidden").mkdir(mode=0o700)
        (folder / "hidden" / "inbox").mkdir()
        (folder / "hidden").chmod(0)
        folders = [("INBOX_DIR", folder / "closed"), ("ARCHIVE_DIR", folder / "hidden" / "inbox")]
        assert as_nobody(lambda: "; ".join(folder_troubles(folders))) == (
            "the folder of INBOX_DIR is not readable and writable: fix its permissions; "
            "the folder of ARCHIVE_DIR does not exist or cannot be opened: create it, or fix its permissions"
        )
        (folder / "hidden").chmod(0o700)


def as_nobody(answer: Callable[[], str]) -> str:
    """Return the answer of an unprivileged account."""
    if os.geteuid():
        return answer()
    receiver, sender = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setuid(65534)
            os.write(sender, answer().encode())
        finally:
            os._exit(0)
    os.close(sender)
    os.waitpid(child, 0)
    with os.fdopen(receiver, "rb") as answers:
        return answers.read().decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_pages_need_no_log_in_and_are_not_cached(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (200, 503)
    assert "no-store" in answer["Cache-Control"]
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_metrics_of_the_web_pages_need_staff_or_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 401
    settings.METRICS_TOKEN = "a token"
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer another").status_code == 401
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer a token").status_code == 200
    client.force_login(User.objects.create_user("support"))
    assert client.get("/metrics").status_code == 401
    client.force_login(User.objects.create_user("operator", is_staff=True))
    assert client.get("/metrics").status_code == 200


@pytest.mark.django_db
def test_every_metric_of_the_web_pages_is_documented(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a token"
    client.get("/healthz")
    text = client.get("/metrics", HTTP_AUTHORIZATION="Bearer a token").content.decode()
    assert exported(text) == documented("the web pages")


@pytest.mark.django_db
def test_requests_are_counted_by_page_name_only(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a token"
    client.get("/admin/readings/reading/", {"q": "3190001042118"})
    client.get("/of-3190001042118")
    client.generic("INVENTED", "/healthz")
    text = client.get("/metrics", HTTP_AUTHORIZATION="Bearer a token").content.decode()
    assert 'method="GET",status="302",view="admin:readings_reading_changelist"' in text
    assert 'method="GET",status="404",view="none"' in text
    assert 'method="other",status="405",view="healthz"' in text
    assert "3190001042118" not in text


def test_alerts_use_existing_metrics() -> None:
    alerts = rows(section(OPERATIONS, "Monitor").split("### Set alerts")[1].split("###")[0])
    names = {name for when, _, _ in alerts for name in re.findall(r"meterbox_\w+", when)}
    assert len(alerts) >= 8
    assert names <= {*documented("the watcher"), *documented("the web pages")}
    assert {"meterbox_last_round_timestamp_seconds", "meterbox_oldest_waiting_seconds"} <= names
