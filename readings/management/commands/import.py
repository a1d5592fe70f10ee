"""Import a folder of flow files: `import_flow`, with a folder to begin with."""

from __future__ import annotations

from argparse import ArgumentParser

from readings.management.commands.import_flow import Command as ImportFlow
from readings.management.commands.import_flow import add_options

FOLDER = "data"


class Command(ImportFlow):
    help = (
        "Import a folder of flow files, such as one with user_data.csv and consumption/, as import_flow does: each "
        "file whole or not at all, each content once. Exit code: 0 all imported, now or before; 1 some rejected; 2 "
        "wrong use or environment."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", default=[FOLDER], metavar="FOLDER", help=f"the default is {FOLDER}/")
        add_options(parser)
