"""Who calls a command."""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """Return the name of the caller: with sudo, of the one who used it."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as containers have
        return f"user {os.getuid()}"
