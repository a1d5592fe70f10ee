"""Proofs about the API.

    python -m tests.proofs.api --wrong-requests
    python -m tests.proofs.api --schemathesis [--examples 100] [--seed 1] [--short]
    python -m tests.proofs.api --cursors [--files 150] [--seed 1]
    python -m tests.proofs.api --beside-drf PYTHON

Each runs on new databases, SQLite and PostgreSQL, or on one with `--database`. Uploads go to temporary folders.
`--beside-drf` needs the Python of an environment with requirements.txt and djangorestframework.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.measuring import DATABASES, database, manage

#: Settings under which the API refuses nothing because of many requests.
SETTINGS: Final = {"API_RATE": "1000000/min", "ALLOWED_HOSTS": "localhost,testserver", "DEBUG": "0"}
PROOFS: Final = ("wrong_requests", "schemathesis", "cursors", "beside_drf")


def main() -> None:
    """Run a proof on one database or on both."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proofs.api", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--wrong-requests", action="store_true")
    chosen.add_argument("--schemathesis", action="store_true")
    chosen.add_argument("--cursors", action="store_true")
    chosen.add_argument("--beside-drf", metavar="PYTHON")
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--examples", type=int, default=100, help="number of drawn requests for each operation")
    parser.add_argument("--files", type=int, default=150, help="number of files that are imported meanwhile")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="explore only with a read and an upload token")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        sys.exit(1 if prove(options) else 0)
    failed = False
    for kind in [options.database] if options.database else DATABASES:
        with TemporaryDirectory() as name, database(kind, Path(name), fsync=False) as url:
            print(kind, flush=True)
            manage(url, "migrate", "--verbosity", "0")
            failed |= _in_a_process(url, Path(name), options)
    sys.exit(1 if failed else 0)


def _in_a_process(url: str, folder: Path, options: argparse.Namespace) -> bool:
    arguments = [f"--{name}={getattr(options, name)}" for name in ("examples", "files", "seed")]
    arguments += ["--short"] * options.short
    name = next(name for name in PROOFS if getattr(options, name)).replace("_", "-")
    python = options.beside_drf or sys.executable
    chosen = [f"--{name}", *([python] if options.beside_drf else [])]
    command = [python, "-m", "tests.proofs.api", *chosen, "--here", *arguments]
    return subprocess.run(command, env=environment(url, folder), check=False).returncode != 0


def environment(url: str, folder: Path) -> dict[str, str]:
    """Return the environment of a proof, with its folders below one; create them."""
    folders = {f"{name.upper()}_DIR": folder / name for name in ("inbox", "archive", "rejected")}
    for path in folders.values():
        path.mkdir(exist_ok=True)
    settings = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", **SETTINGS}
    return {**os.environ, **settings, **{name: str(path) for name, path in folders.items()}}


def prove(options: argparse.Namespace) -> int:
    """Run a proof on the configured database; return the number of failures."""
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    if options.wrong_requests:
        from tests.proofs.api import raw, wrong_requests

        return wrong_requests.prove() + raw.prove(Path(os.environ["INBOX_DIR"]).parent)
    if options.schemathesis:
        from tests.proofs.api import schema

        return schema.prove(options.examples, options.seed, is_short=options.short)
    if options.cursors:
        from tests.proofs.api import cursors

        return cursors.prove(options.files, options.seed)
    from tests.proofs.api import beside_drf

    return beside_drf.prove()


if __name__ == "__main__":
    main()
