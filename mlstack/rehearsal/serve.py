"""Both doors to an emulated cloud, on free ports of loopback, for as long as a block runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent import futures
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from mlstack import door
from mlstack.errors import UsageError
from mlstack.plugin.__main__ import OPTIONS
from mlstack.provider import Provider
from mlstack.rehearsal import http
from mlstack.rehearsal.emulation import Emulation
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.servicer import EmulatedProvider
from mlstack.rehearsal.world import World

#: The engine asks for as many things at once as there are, up to what its `--parallel` says.
_THREADS = 64

WORLD = "world.sqlite"


def check(provider: Provider) -> str:
    """Where the provider's emulated cloud is. UsageError: it has none."""
    if provider.emulation is None:
        raise UsageError(
            f"--rehearse is not available for the {provider.name} target: it needs no account",
            code="no-rehearsal",
            remedy="leave --rehearse out",
        )
    return provider.emulation


def emulation(provider: Provider, settings: Any, region: str | None, folder: Path) -> Emulation:
    """The provider's emulated cloud, with its world in ``folder``. UsageError: it has none."""
    name = check(provider)
    folder.mkdir(parents=True, exist_ok=True)
    made: Emulation = resolve_name(name)(World(folder / WORLD), settings, region)
    return made


@contextmanager
def serving(
    emulated: Emulation, root: Path, plan: Plan | None = None, *, http_port: int = 0
) -> Iterator[dict[str, str]]:
    """Serve within the block; the environment in which programs, engine and plugin use the emulated cloud.

    ``root`` is the folder of the spec. What the user's environment has of an account stays as it is.
    """
    faults = Faults(plan or Plan(), emulated.world)
    with http.serving(emulated, faults, root, http_port) as url, _engine(emulated, faults, root) as ports:
        yield {
            **{key: value for key, value in emulated.environment().items() if not os.environ.get(key)},
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{package}:{port}" for package, port in ports.items()),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            door.VARIABLE: url,
        }


@contextmanager
def _engine(emulated: Emulation, faults: Faults, root: Path) -> Iterator[dict[str, int]]:
    """A server for each package; its port by the package's name."""
    servers, ports = [], {}
    try:
        for package in emulated.packages:
            server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS), options=OPTIONS)
            servicer = EmulatedProvider(package, _version(package), emulated, faults, root)
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
            ports[package] = server.add_insecure_port("127.0.0.1:0")
            server.start()
            servers.append(server)
        yield ports
    finally:
        faults.cancelled.set()
        _stop(servers)


def _stop(servers: Iterable[grpc.Server]) -> None:
    for ended in [server.stop(grace=1) for server in servers]:
        ended.wait()


def _version(package: str) -> str:
    """The version of the package's SDK."""
    try:
        return version(f"pulumi-{package}")
    except PackageNotFoundError:
        return "1.0.0"
