"""What data, models and outputs of jobs are in a cluster: packed files, or a place on a volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlstack.provider import Build
from mlstack_kubernetes import paths
from mlstack_kubernetes.bundles import Bundle
from mlstack_kubernetes.paths import Held
from mlstack_kubernetes.pods import Mount

_KEY = "kubernetes.sources"


@dataclass(frozen=True)
class Hub:
    """A model that the server fetches from the hub when it starts; ``pointer`` holds the file that says so to
    mlstack's own."""

    id: str
    revision: str | None
    pointer: Bundle


Source = Bundle | Held | Hub


@dataclass(frozen=True)
class Seen:
    """How a pod sees a source: at which path, by what."""

    path: str
    bundles: Mapping[str, Bundle]
    mounts: tuple[Mount, ...] = ()


def leave(build: Build, source: Source, *parts: str) -> None:
    """Said by the builder of a kind; ``parts`` names an output of a job."""
    build.shared.setdefault(_KEY, {})[build.kind, build.name, *parts] = source


def source(build: Build, kind: str, name: str, *parts: str) -> Source:
    build.outputs(kind, name)  # an error with its remedy, where there is none
    found: Source = build.shared[_KEY][kind, name, *parts]
    return found


def seen(found: Bundle | Held, folder: str, at: str) -> Seen:
    """``folder``: below the work folder, for what is unpacked; ``at``: the path of what is mounted."""
    if isinstance(found, Bundle):
        path = f"{paths.WORK}/{folder}"
        return Seen(f"{path}/{found.file}" if found.file else path, {folder: found})
    last = found.path.rpartition("/")[2] if isinstance(found.path, str) else ""
    path = f"{at}/{last}" if "." in last else at  # a file is known by its ending
    return Seen(path, {}, (Mount(found, path),))


def left(build: Build) -> Source:
    """What the builder of this very piece has left."""
    found: Source = build.shared[_KEY][build.kind, build.name]
    return found
