"""Azurite, Microsoft's emulator of its blob store, with an account of the test's own."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from azure.storage.blob import ContainerClient

from providers.local.tests.remote.azurite import installed

ACCOUNT = "machinery"
KEY = base64.b64encode(b"a key of the tests, nobody's secret").decode()
CONTAINER = "azureml-blobstore-1"


class Azurite:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/{{account}}"
        self.client = ContainerClient(self.url.format(account=ACCOUNT), CONTAINER, credential=self.credential)

    @property
    def credential(self) -> dict[str, str]:
        return {"account_name": ACCOUNT, "account_key": KEY}

    def names(self) -> list[str]:
        return sorted(blob.name for blob in self.client.list_blobs())

    def empty(self) -> None:
        """Make the container anew."""
        if self.client.exists():
            for blob in self.client.list_blobs():
                self.client.delete_blob(blob.name)
        else:
            self.client.create_container()


@contextmanager
def running(folder: Path) -> Iterator[Azurite]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    options = [
        "--blobPort",
        str(port),
        "--inMemoryPersistence",
        "--skipApiVersionCheck",
        "--disableTelemetry",
    ]
    with subprocess.Popen(
        [*installed(), *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "successfully listen" in line:
                break
        else:
            raise AssertionError("".join(said))
        yield Azurite(port)
        process.terminate()
