"""Files that their sender rewrites while the watcher puts them away: both contents are imported."""

import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.making.numbered import d0010
from tests.running.box import Box, files_below, place_in_code
from tests.running.places import ROOT
from watcher.disk.moves import move

# Runs a watcher. The file is rewritten at the start of the move; the watcher may be killed after it.
OVERWRITTEN = """
import os, signal, sys
file, function, path, content, then = sys.argv[1:]

def look(frame, event, argument):
    code = frame.f_code
    if code.co_name == function and code.co_filename == file:
        if event == "call":
            with open(path, "w") as opened:
                opened.write(content)
        elif event == "return" and then == "die":
            os.kill(os.getpid(), signal.SIGKILL)

from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
sys.setprofile(look)
execute_from_command_line(["manage.py", "watch_inbox", "--once"])
"""


@pytest.mark.parametrize("then", ["live", "die"])
def test_file_rewritten_during_its_move_is_imported_with_both_contents(
    tmp_path: Path, database_url: str, then: str
) -> None:
    box = Box(tmp_path, database_url)
    path, second = box.drop("file.uff", d0010("0000000001")), d0010("0000000002", 2, value="2.0")
    ended = subprocess.run(
        [sys.executable, "-c", OVERWRITTEN, *place_in_code(move), os.fspath(path), second.decode(), then],
        env=box.environment,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert ended.returncode == (-SIGKILL if then == "die" else 0)
    for _ in range(2):  # after a kill, the first run moves the file back
        assert box.once()[0] == 0
    assert files_below(box.inbox) == {}
    assert list(files_below(box.archive).values()) == [second]
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert sorted(box.rows("SELECT status, readings FROM readings_flowfile")) == [("IMPORTED", 1), ("IMPORTED", 2)]
