"""A large upload through the real server, and how other requests fare meanwhile.

    python -m tests.proofs.upload [--megabytes 200] [--flow D0010|NEM12] [--database sqlite|postgresql]

For each database: a program uploads a generated file to the API in one request, and a few times a second others ask
for a page, a list of the API and the health page. The table has the peak memory of the web process, the time of the
upload, and the times of the other requests before and during it. PostgreSQL runs with fsync.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from typing import Final

from tests.benchmarks.measuring import DATABASES, database, manage, write_sample
from tests.running.box import Box
from tests.running.places import SAMPLES
from tests.running.server import Site, site

#: Bytes of a meter point in a generated file.
_BYTES: Final = {"D0010": 79, "NEM12": 54_384}
#: Seconds between two requests of a kind, and of the time before the upload.
_PAUSE: Final = 0.25
_BEFORE: Final = 10.0
_MEGABYTE: Final = 1024 * 1024


def others(running: Site) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the path and the headers of the other requests by what they are."""
    cookie = {"Cookie": f"sessionid={running.keys.session}"}
    token = {"Authorization": f"Bearer {running.keys.read}"}
    return {
        "health page": ("/healthz", {}),
        "page of a meter point": ("/meter-points/3190001042118/", cookie),
        "readings of a meter point (API)": ("/api/readings?mpan=3190001042118", token),
        "flow files (API)": ("/api/flow-files/?limit=20", token),
    }


class Asker:
    """Asks for one address again and again, in its own thread."""

    def __init__(self, running: Site, path: str, headers: dict[str, str], done: Event) -> None:
        self._running, self._path, self._headers, self._done = running, path, headers, done
        #: Start, duration and status of each request.
        self.asked: list[tuple[float, float, int]] = []
        self.thread = Thread(target=self._ask)
        self.thread.start()

    def _ask(self) -> None:
        while not self._done.is_set():
            began = time.perf_counter()
            status, _, _ = self._running.ask("GET", self._path, None, **self._headers)
            self.asked.append((began, time.perf_counter() - began, status))
            self._done.wait(_PAUSE)

    def line(self, since: float, until: float) -> str:
        """Return number, median, p95, maximum and failures of the requests that began in a period."""
        some = sorted(took for began, took, _ in self.asked if since <= began < until)
        failed = sum(status != 200 for began, _, status in self.asked if since <= began < until)
        if not some:
            return "none"
        middle, late = some[len(some) // 2], some[min(len(some) - 1, int(len(some) * 0.95))]
        times = "".join(f"{seconds * 1000:9,.0f}" for seconds in (middle, late, some[-1]))
        return f"{len(some):6}{times}{failed:8}"


def peak_memory(pid: int) -> int:
    """Return the peak memory of a process and its children in MB, the largest of them."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    family = [pid, *map(int, listed.stdout.split())]
    peaks = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{each}/status").read_text()) for each in family]
    return max(int(peak[1]) for peak in peaks if peak) // 1024


def measure(running: Site, path: Path) -> None:
    """Upload a file and print the table."""
    status, report = running.upload((SAMPLES / "d0010.uff").read_bytes(), "d0010.uff")
    assert status == 201, report
    done = Event()
    askers = {what: Asker(running, *address, done) for what, address in others(running).items()}
    began = time.perf_counter()
    time.sleep(_BEFORE)
    before = peak_memory(running.child.pid)
    sent_at = time.perf_counter()
    with path.open("rb") as file:
        status, report = running.upload(file, path.name, path.stat().st_size)
    ended = time.perf_counter()
    after = peak_memory(running.child.pid)
    done.set()
    for asker in askers.values():
        asker.thread.join()
    assert status == 201, report
    rows = report["readings"] or report["interval_days"]
    print(f"  {path.stat().st_size / _MEGABYTE:,.0f} MB, {rows:,} rows: {ended - sent_at:.1f} s, of which the import")
    print(f"  took {report['seconds']:.1f} s; peak memory {before} MB before, {after} MB during the upload")
    print(f"  {'':<34}{'number':>6}{'median':>9}{'p95':>9}{'longest':>9}{'failed':>8}   (ms)")
    for what, asker in askers.items():
        print(f"  {what:<26}{'before':>8}{asker.line(began, sent_at)}")
        print(f"  {'':<26}{'during':>8}{asker.line(sent_at, ended)}", flush=True)


def main() -> None:
    """Measure on each database."""
    parser = argparse.ArgumentParser(description="Measure a large upload.")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--flow", choices=sorted(_BYTES), default="D0010")
    parser.add_argument("--database", choices=DATABASES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"large.{options.flow.lower()}"
        write_sample(path, options.flow, "--meter-points", str(options.megabytes * _MEGABYTE // _BYTES[options.flow]))
        for kind in [options.database] if options.database else DATABASES:
            print(f"{kind}, {options.flow}", flush=True)
            own = Path(folder) / kind
            own.mkdir()
            with database(kind, own) as url:
                manage(url, "migrate", "--verbosity=0")
                box = Box(own, url)
                with site(box, own) as running:
                    measure(running, path)


if __name__ == "__main__":
    main()
