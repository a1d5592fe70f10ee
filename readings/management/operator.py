"""The caller of a command."""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """Return the user name of the caller, also through sudo."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in containers
        return f"user {os.getuid()}"
