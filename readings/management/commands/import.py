"""Import a folder of flow files: `import_flow` with a default folder."""

from __future__ import annotations

from argparse import ArgumentParser

from readings.management.commands.import_flow import Command as ImportFlow
from readings.management.commands.import_flow import add_options

FOLDER = "data"


class Command(ImportFlow):
    help = (
        "Import a folder of flow files, for example one with user_data.csv and consumption/, like import_flow: each "
        "file completely or not at all, each content once. Exit codes: 0 all imported, now or earlier; 1 some "
        "rejected; 2 wrong usage or an error of the environment."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", default=[FOLDER], metavar="FOLDER", help=f"default: {FOLDER}/")
        add_options(parser)
