#!/usr/bin/env python
"""Run a command of Meterbox: `manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

#: Exit code that keeps a service manager from a restart until the settings are fixed (sysexits.h, EX_CONFIG).
CONFIGURATION = 78
WRONG_USE = 2

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot display must not fail the command after its work is done.
        if stream:  # It may be closed.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Meterbox is not configured: {error}\n")
        sys.exit(CONFIGURATION if sys.argv[1:2] in (["start"], ["watch_inbox"]) else WRONG_USE)
