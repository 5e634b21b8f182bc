"""Both doors to a tiny cloud, on real channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from mlstack.door import VARIABLE
from mlstack.rehearsal import World
from mlstack.rehearsal.faults import Plan
from mlstack.rehearsal.serve import serving
from tests.e2e.rehearsal.tiny import Tiny


@dataclass
class Doors:
    """``stub`` speaks to the provider over gRPC, ``url`` is the HTTP door's."""

    stub: Any
    url: str
    tiny: Tiny
    variables: dict[str, str]
    root: Path


@pytest.fixture
def open_doors(tmp_path: Path) -> Iterator[Callable[..., Doors]]:
    with ExitStack() as stack:

        def open_them(**plan: Any) -> Doors:
            tiny = Tiny(World(tmp_path / "world.sqlite"), None, None)
            variables = stack.enter_context(serving(tiny, tmp_path, Plan(**plan)))
            _, _, port = variables["PULUMI_DEBUG_PROVIDERS"].partition(":")
            channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}"))
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            return Doors(stub, variables[VARIABLE], tiny, variables, tmp_path)

        yield open_them


@pytest.fixture
def doors(open_doors: Callable[..., Doors]) -> Doors:
    return open_doors()
