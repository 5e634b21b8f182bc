"""Stores of all makers on free ports of this machine, each with the same few verbs."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from .azurite import Azurite, installed
from .webserver import WebServer


class Store(Protocol):
    """``uri`` of a name in the store; ``put`` and ``delete`` change what is there."""

    def uri(self, name: str) -> str: ...

    def put(self, name: str, content: bytes) -> None: ...

    def delete(self, name: str) -> None: ...


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cache of the test's own, and no credentials of the machine's user."""
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path / "cache"))
    for name in ("AWS_PROFILE", "AZURE_STORAGE_CONNECTION_STRING", "STORAGE_EMULATOR_HOST", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))


class S3:
    def __init__(self, endpoint: str) -> None:
        import boto3

        self._client = boto3.client("s3", endpoint_url=endpoint)
        self._client.create_bucket(Bucket="rows")

    def uri(self, name: str) -> str:
        return f"s3://rows/{name}"

    def put(self, name: str, content: bytes) -> None:
        self._client.put_object(Bucket="rows", Key=name, Body=content)

    def delete(self, name: str) -> None:
        self._client.delete_object(Bucket="rows", Key=name)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(moto: str, monkeypatch: pytest.MonkeyPatch) -> S3:
    import requests

    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-key")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    requests.post(f"{moto}/moto-api/reset", timeout=120).raise_for_status()
    return S3(moto)


class Google:
    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def uri(self, name: str) -> str:
        return f"gs://rows/{name}"

    def put(self, name: str, content: bytes) -> None:
        import requests

        url = f"{self._endpoint}/upload/storage/v1/b/rows/o"
        given = {"uploadType": "media", "name": name}
        requests.post(url, params=given, data=content, timeout=120).raise_for_status()

    def delete(self, name: str) -> None:
        from urllib.parse import quote

        import requests

        url = f"{self._endpoint}/storage/v1/b/rows/o/{quote(name, safe='')}"
        requests.delete(url, timeout=120).raise_for_status()


@pytest.fixture
def gs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    from gcp_storage_emulator.server import create_server

    port = free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="rows")
    server.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    yield Google(f"http://127.0.0.1:{port}")
    server.stop()


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    command = installed()
    port = free_port()
    folder = tmp_path_factory.mktemp("azurite")
    options = [
        "--blobPort",
        str(port),
        "--inMemoryPersistence",
        "--skipApiVersionCheck",
        "--disableTelemetry",
    ]
    with subprocess.Popen(
        [*command, *options], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "successfully listens" in line or "successfully listening" in line:
                break
        else:
            raise AssertionError("".join(said))
        yield Azurite(port)
        process.terminate()


@pytest.fixture
def az(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> Azurite:
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azurite.connection)
    azurite.empty()
    return azurite


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebServer]:
    with WebServer(tmp_path / "web") as server:
        yield server


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    with WebServer(tmp_path / "web", tls=True) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


@pytest.fixture(params=["s3", "gs", "az", "web", "tls"])
def store(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)
