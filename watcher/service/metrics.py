"""The watcher's Prometheus metrics; docs/operations.md describes each one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Final

from django.db import Error as DatabaseTrouble
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server

from readings.imports.reports import ImportReport
from readings.models import Outcome

SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
#: Flows whose files are counted by name, at most: each is a time series of its own.
MOST_FLOWS: Final = 100
#: Label of the flows beyond.
FURTHER: Final = "further"
#: Causes of retries.
DATABASE, DISK, IMPORTER = "database", "disk", "importer"


class Metrics:
    """Metrics of one watcher."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._monotonic = monotonic
        self._waiting_since: dict[Hashable, float] = {}
        self._make_counters()
        self._make_gauges()

    def _make_counters(self) -> None:
        registry = self.registry
        self._files = Counter("meterbox_files", "Files put away.", ["outcome"], registry=registry)
        self._other_flows = Counter(
            "meterbox_other_flow_files", "Files set aside, by flow.", ["flow"], registry=registry
        )
        self._flows = set[str]()
        self._readings = Counter("meterbox_readings_imported", "New readings stored.", registry=registry)
        self._retries = Counter("meterbox_retries", "Failed attempts that are retried.", ["cause"], registry=registry)
        self._seconds = Histogram(
            "meterbox_import_seconds", "Duration of an import.", buckets=SECONDS, registry=registry
        )
        # A counter starts at 0, so that an alert sees its first rise.
        for outcome in Outcome:
            self._files.labels(outcome.word)
        self._other_flows.labels(FURTHER)
        for cause in (DATABASE, DISK, IMPORTER):
            self._retries.labels(cause)

    def _make_gauges(self) -> None:
        registry = self.registry
        self._backlog = Gauge("meterbox_backlog_files", "Files in the inbox at the last scan.", registry=registry)
        self._oldest_since: float | None = None
        oldest = Gauge("meterbox_oldest_waiting_seconds", "Age of the oldest waiting file.", registry=registry)
        # Computed when it is read: it must grow even if the loop is stuck.
        oldest.set_function(self._oldest_waiting)
        self._last_round = Gauge(
            "meterbox_last_round_timestamp_seconds", "End of the last successful round.", registry=registry
        )
        self._database_down = Gauge(
            "meterbox_database_down", "1 if the database failed in the last round.", registry=registry
        )

    def on_progress(self, waiting: Collection[Hashable]) -> None:
        """Record the sightings of a scan."""
        now, before = self._monotonic(), self._waiting_since
        self._waiting_since = {each: before.get(each, now) for each in waiting}
        self._note_backlog()

    def put_away(self, sighting: Hashable, report: ImportReport) -> None:
        """Count a file that the watcher put away."""
        self._waiting_since.pop(sighting, None)
        self._files.labels(Outcome(report.outcome).word).inc()
        if report.outcome == Outcome.IMPORTED:
            self._readings.inc(report.readings)
        for each in report.members or [report]:
            if each.outcome == Outcome.OTHER_FLOW:
                self._other_flows.labels(self._flow(each.format)).inc()
        # After a kill, an imported file is only moved: the duration of its import is unknown.
        if report.seconds:
            self._seconds.observe(report.seconds)

    def _flow(self, name: str) -> str:
        """Return the label of a flow: its name, unless too many have one already."""
        if len(self._flows) < MOST_FLOWS:
            self._flows.add(name)
        return name if name in self._flows else FURTHER

    def finished_round(self, at: float) -> None:
        """Record a successful round; `at` is in seconds since 1970."""
        self._note_backlog()
        self._database_down.set(0)
        self._last_round.set(at)

    def failed(self, error: Exception | None = None) -> None:
        """Count a retry by its cause; without an error, the cause is the importer."""
        self._note_backlog()
        cause = DATABASE if isinstance(error, DatabaseTrouble) else DISK if error else IMPORTER
        self._retries.labels(cause).inc()
        if cause == DATABASE:
            self._database_down.set(1)

    @property
    def backlog(self) -> int:
        """Return the number of files in the inbox at the last scan, minus those put away since."""
        return len(self._waiting_since)

    def _note_backlog(self) -> None:
        self._backlog.set(self.backlog)
        self._oldest_since = min(self._waiting_since.values(), default=None)

    def _oldest_waiting(self) -> float:
        since = self._oldest_since
        return 0.0 if since is None else self._monotonic() - since


def serve(metrics: Metrics, host: str, port: int) -> Callable[[], None]:
    """Serve the metrics; return a function that stops the server. Raise OSError if the port is taken."""
    server, thread = start_http_server(port, addr=host, registry=metrics.registry)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(timeout=2)

    return stop
