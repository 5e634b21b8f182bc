"""The plugin's service on a real channel, with a provider for tests behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from mlstack.plugin.__main__ import serve
from mlstack.plugin.servicer import Servicer
from mlstack.testing import entry_points

PROBE = Path(__file__).parent / "probe"


@dataclass
class Service:
    """``stub`` speaks to the servicer over gRPC; ``root`` is the spec's folder."""

    stub: Any
    servicer: Servicer
    root: Path

    def begin(self) -> None:
        """Another operation of the engine's."""
        self.stub.Configure(provider_pb2.ConfigureRequest())

    @staticmethod
    def urn(name: str = "note", token: str = "mlstack:probe:Note") -> str:
        return f"urn:pulumi:dev::project::mlstack:index:Data${token}::{name}"


@pytest.fixture(scope="module")
def _probe() -> Iterator[None]:
    with entry_points("mlstack-probe", {"probe": "mlstack_probe:Probe"}, PROBE):
        yield


@pytest.fixture
def service(_probe: None, tmp_path: Path) -> Iterator[Service]:
    servicer = Servicer(tmp_path, "1.2.3")
    server, port = serve(servicer)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Service(provider_pb2_grpc.ResourceProviderStub(channel), servicer, tmp_path)
    server.stop(None).wait()
