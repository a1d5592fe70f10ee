"""A real sFTP server with a client, running while a block runs.

The server is OpenSSH's if this machine has it and allows root to start it, else asyncssh's. Both write directly into
the folders of this machine, as the account that runs the tests.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from tests.running.postgresql import free_port

SSHD = Path("/usr/sbin/sshd")
CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host_key
AuthorizedKeysFile {home}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""


@asynccontextmanager
async def sftp_server() -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Yield a connection to a server; it can start and abort further sessions."""
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        for name in ("host_key", "key"):
            asyncssh.generate_private_key("ssh-ed25519").write_private_key(home / name)
            (home / name).chmod(0o600)
        public = asyncssh.read_private_key(home / "key").export_public_key()
        (home / "authorized_keys").write_bytes(public)
        serve = openssh if SSHD.exists() and os.geteuid() == 0 else python_server
        async with serve(home, port), await connect(home, port) as connection:
            yield connection


async def connect(home: Path, port: int) -> asyncssh.SSHClientConnection:
    """Connect as soon as the server answers."""
    for _ in range(100):
        try:
            return await asyncssh.connect(
                "127.0.0.1", port, username=getpass.getuser(), client_keys=[home / "key"], known_hosts=None
            )
        except OSError:
            await asyncio.sleep(0.1)
    raise AssertionError("the sFTP server does not answer")


@asynccontextmanager
async def openssh(home: Path, port: int) -> AsyncIterator[None]:
    """Run OpenSSH's server."""
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # required by sshd
    configuration = home / "sshd_config"
    configuration.write_text(CONFIGURATION.format(home=home, port=port))
    with (home / "log").open("wb") as log:
        server = subprocess.Popen([SSHD, "-D", "-e", "-f", configuration], stderr=log)
    try:
        yield
    finally:
        server.terminate()
        server.wait()


@asynccontextmanager
async def python_server(home: Path, port: int) -> AsyncIterator[None]:
    """Run asyncssh's server."""
    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[home / "host_key"],
        authorized_client_keys=str(home / "authorized_keys"),
        sftp_factory=True,
    )
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()
