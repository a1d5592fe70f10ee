"""Files sent by sFTP: slowly, and interrupted."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.making.numbered import d0010
from tests.running.box import Box, files_below, wait_until
from tests.running.sftp import sftp_server


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


@pytest.mark.slow
def test_slow_sftp_upload_is_imported_once_after_its_end(box: Box) -> None:
    content = d0010(meter_points=40)
    size = len(content) // 20 + 1
    pieces = [content[start : start + size] for start in range(0, len(content), size)]

    async def send() -> float:
        async with sftp_server() as connection, connection.start_sftp_client() as client:
            began_at = time.monotonic()
            async with client.open(str(box.inbox / "slow.uff"), "wb") as file:
                for piece in pieces:
                    assert box.count_arrivals() == 0
                    await file.write(piece)
                    await asyncio.sleep(0.5)  # longer than a file needs to settle
            return time.monotonic() - began_at

    with box.watcher():
        wait_until(lambda: box.log("watching"))
        assert asyncio.run(send()) >= 10
        wait_until(box.outcomes)
    assert box.outcomes() == [("slow.uff", "IMPORTED")]
    assert box.count_readings() == 40
    assert list(files_below(box.archive).values()) == [content]


def test_interrupted_sftp_upload_is_imported_after_it_is_sent_again(box: Box) -> None:
    content = d0010(meter_points=40)
    path = str(box.inbox / "again.uff")

    async def send(*, cut_off: bool) -> None:
        async with sftp_server() as connection, connection.start_sftp_client() as client:
            file = await client.open(path, "wb")
            await file.write(content[:1000] if cut_off else content)
            if cut_off:
                connection.abort()
            else:
                await file.close()

    with box.watcher():
        wait_until(lambda: box.log("watching"))
        asyncio.run(send(cut_off=True))
        wait_until(lambda: box.log("waits"))
        assert box.count_arrivals() == 0
        asyncio.run(send(cut_off=False))
        wait_until(box.outcomes)
    assert box.outcomes() == [("again.uff", "IMPORTED")]
    assert list(files_below(box.archive).values()) == [content]
