"""Request of one page from a process with its own settings."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.running.places import ROOT

# Program that requests a page in its own process, with its own settings.
ASK = """
import os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from django.test import Client
answer = Client(SERVER_NAME="localhost").get(sys.argv[1])
print(answer.status_code, answer.content.decode())
"""


def ask(path: str, environment: dict[str, str]) -> tuple[int, dict[str, Any], str]:
    """Request a page in a new process; return status, JSON and the whole output."""
    ended = subprocess.run(
        [sys.executable, "-c", ASK, path], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    status, _, content = ended.stdout.partition(" ")
    return int(status), json.loads(content), content
