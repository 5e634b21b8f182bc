"""``gateway.json``: what a gateway should do, written by verbs, followed by the gateway without a restart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from mlstack_local.files import write_private

NAME = "gateway.json"
ADMIN_PATH = "/-/state"
ADMIN_HEADER = "x-mlstack-admin"
#: Bytes of a request's body, where a deployment says nothing of it.
BODY_LIMIT = 64 << 20


@dataclass(frozen=True)
class Backend:
    """A deployment's workers: their ports, the generation that they are of, an answer's time limit.

    ``health`` is the path on which a worker tells whether it is ready. ``scaled``: somebody starts workers
    when there are requests, so those wait while there is none. ``body_limit``: bytes that a request may have.
    A field that is added has a default, so that what an older version wrote can still be read.
    """

    generation: str
    workers: tuple[int, ...]
    timeout: float
    health: str = "/v2/health/ready"
    scaled: bool = False
    body_limit: int = BODY_LIMIT


@dataclass(frozen=True)
class Capture:
    """Which part of a deployment's requests is kept, in files of how many seconds, for how many seconds."""

    sample: float = 1.0
    rotate: float = 3600.0
    keep: float | None = None


@dataclass(frozen=True)
class Config:
    """``admin`` is a token for `mlstack_local.gateway.admin`; ``number`` counts the changes.

    ``weights`` and ``mirrors`` are percentages of the requests, by deployment; a mirror gets copies.
    """

    endpoint: str
    port: int
    key_sha256: str
    admin: str
    number: int = 0
    deployments: Mapping[str, Backend] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    mirrors: Mapping[str, int] = field(default_factory=dict)
    captures: Mapping[str, Capture] = field(default_factory=dict)


def hash_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def read(folder: Path) -> Config | None:
    """The config in an endpoint's folder; None when there is none."""
    try:
        document = json.loads((folder / NAME).read_text())
    except FileNotFoundError:
        return None
    backends = {name: Backend(**_known(Backend, row)) for name, row in document["deployments"].items()}
    captures = {name: Capture(**_known(Capture, row)) for name, row in document.get("captures", {}).items()}
    return Config(**{**_known(Config, document), "deployments": backends, "captures": captures})


def _known(kind: type[Backend | Capture | Config], document: Mapping[str, Any]) -> dict[str, Any]:
    """A document of another version too: what it lacks gets its default, what is unknown is left out.

    A gateway that runs on after mlstack was installed anew follows what the new version writes.
    """
    names = {item.name for item in fields(kind)}
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in document.items()
        if key in names
    }


def write(folder: Path, config: Config) -> Config:
    """Replace the config, under `locked`; returns it with its new number."""
    config = replace(config, number=config.number + 1)
    write_private(folder / NAME, json.dumps(asdict(config), indent=1))
    return config


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Verbs of one endpoint change its config one after the other."""
    with FileLock(folder / ".lock", timeout=300, mode=0o600):
        yield
