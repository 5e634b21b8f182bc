"""Files of the project in a cluster: packed into ConfigMaps, and unpacked by an init container of the pod.

A cluster has no store of files of its own. ConfigMaps hold at most 1 MiB each, so an archive is cut into
parts; what is larger than `LARGEST` belongs into a volume (``pvc://CLAIM/PATH``). The name of a ConfigMap
has the hash of what is packed: a changed file makes another one, and pods with the old one stay as they are.

Source: Kubernetes, "ConfigMaps" (size, immutable).
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstack.content import size as shown_size
from mlstack.errors import UsageError
from mlstack.lowering import archive
from mlstack.lowering.tree import version_of_texts
from mlstack.provider import Build
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make, named
from mlstack_kubernetes.tree import TREE

#: Bytes of a packed archive, all parts together: it is in the cluster's own store, and in the stack's state.
LARGEST = 4_000_000
_PART = 700 * 2**10


@dataclass(frozen=True)
class Bundle:
    """``parts`` are the names of the ConfigMaps in order, each with one key, ``part``. ``file``: the name of
    the one file that is packed; None for a folder. ``digest``: the hash of the content, 12 hex digits."""

    parts: tuple[Any, ...]
    digest: str
    file: str | None = None


def bundle(
    build: Build,
    field: str,
    path: str,
    *suffixes: str,
    plain: bool = False,
    annotations: Mapping[str, Any] | None = None,
) -> Bundle:
    """A path below the spec's folder, said in ``field``. ``plain``: data, of which all files count. Files
    that look like secrets stay here, with a warning.

    Raises UsageError: there is nothing, or too much.
    """
    whole = build.root / path
    if not whole.exists():
        raise UsageError(
            f"{build.kind}.{build.name}.{field}: there is no {path}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    kept = () if plain else TREE.left_out(whole)
    if kept:
        names = ", ".join(kept[:3]) + (f" and {len(kept) - 3} more" if len(kept) > 3 else "")
        build.warn(field, f"{names} may hold secrets and stay here; `!NAME` in .dockerignore sends one")
    version = TREE.version(whole, plain=plain)
    files = {name: (whole / name if whole.is_dir() else whole) for name in TREE.files(whole, plain=plain)}
    packed = _packed(files)
    if len(packed) > LARGEST:
        raise build.wrong(
            field,
            f"{path} is {shown_size(len(packed))} when it is packed, and a cluster takes "
            f"{shown_size(LARGEST)} of files from a stack",
            "copy it into a volume of the cluster, and name it by pvc://CLAIM/PATH",
        )
    parts = _parts(build, packed, version, suffixes, annotations)
    return Bundle(parts, version, None if whole.is_dir() else whole.name)


def bundle_files(
    build: Build,
    files: Mapping[str, str | Path],
    *suffixes: str,
    annotations: Mapping[str, Any] | None = None,
) -> Bundle:
    """Texts, and files of mlstack's own, as a folder."""
    texts = {
        name: held.read_text(encoding="utf-8") if isinstance(held, Path) else held
        for name, held in files.items()
    }
    version = version_of_texts(texts)
    return Bundle(_parts(build, _packed(files), version, suffixes, annotations), version)


def _packed(files: Mapping[str, str | Path]) -> bytes:
    stream = io.BytesIO()
    archive.pack(stream, files)
    return stream.getvalue()


def _parts(
    build: Build,
    packed: bytes,
    version: str,
    suffixes: tuple[str, ...],
    annotations: Mapping[str, Any] | None,
) -> tuple[Any, ...]:
    from pulumi_kubernetes.core import v1

    found = []
    for at in range(0, len(packed), _PART):
        number = str(at // _PART)
        made = make(
            build,
            v1.ConfigMap,
            *suffixes,
            "files",
            number,
            name=physical(build, *suffixes, number, generation=version),
            annotations={"mlstack.dev/version": version, **(annotations or {})},
            # the name tells the content; another release of zlib may pack it otherwise
            options={"ignore_changes": ["binaryData"]},
            binary_data={"part": base64.b64encode(packed[at : at + _PART]).decode()},
            immutable=True,
        )
        found.append(named(made))
    return tuple(found)
