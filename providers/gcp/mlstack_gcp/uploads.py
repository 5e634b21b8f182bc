"""A local file or folder of the spec, or texts that a builder makes, in the stack's bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.lowering.tree import version_of_texts
from mlstack.provider import Build
from mlstack_gcp.place import place
from mlstack_gcp.tree import TREE

TOKEN = "mlstack:gcp:Upload"  # noqa: S105  a type
OUTPUTS = ("uri", "prefix", "files", "bytes")


@dataclass(frozen=True)
class Uploaded:
    """``uri``: ``gs://BUCKET/…/FILE`` of one file, ``gs://BUCKET/…/`` of a folder, with the slash;
    ``digest``: the hash of the content, 12 hex digits."""

    uri: pulumi.Output[str]
    digest: Any
    resource: GapResource


def upload(
    build: Build, path: str, *suffixes: str, plain: bool = False, labels: Mapping[str, Any] | None = None
) -> Uploaded:
    """A path below the spec's folder. ``plain``: data, of which all files count. ``labels``: what is to be
    known of it, kept with it. Files that look like secrets stay here, with a warning.

    Raises UsageError: there is nothing.
    """
    return _made(build, suffixes, _digest(build, path, plain), {"path": path, "plain": plain}, labels)


def pack(build: Build, path: str, *suffixes: str) -> Uploaded:
    """A folder as one archive (tar.gz): ``uri`` names the file."""
    return _made(build, suffixes, _digest(build, path, False), {"path": path, "pack": True}, None)


def upload_texts(
    build: Build,
    texts: Mapping[str, Any],
    *suffixes: str,
    pack: bool = False,
    labels: Mapping[str, Any] | None = None,
) -> Uploaded:
    """Texts by the names of their files, as a folder. They may be Outputs."""
    if all(isinstance(text, str) for text in texts.values()):
        digest: Any = version_of_texts(texts)
    else:
        digest = pulumi.Output.all(**texts).apply(version_of_texts)
    given: dict[str, Any] = {"texts": dict(texts)}
    if pack:
        given["pack"] = True
    return _made(build, suffixes, digest, given, labels)


def _digest(build: Build, path: str, plain: bool) -> str:
    whole = build.root / path
    if not whole.exists():
        raise UsageError(
            f"{build.kind}.{build.name}: there is no {path}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    kept = () if plain else TREE.left_out(whole)
    if kept:
        names = ", ".join(kept[:3]) + (f" and {len(kept) - 3} more" if len(kept) > 3 else "")
        build.warn("path", f"{names} may hold secrets and stay here; `!NAME` in .gcloudignore sends one")
    return TREE.version(whole, plain=plain)


def _made(
    build: Build,
    suffixes: tuple[str, ...],
    digest: Any,
    source: Mapping[str, Any],
    labels: Mapping[str, Any] | None,
) -> Uploaded:
    here = place(build)
    inputs: dict[str, Any] = {
        "stack_uid": build.stack_uid,
        "home": "/".join((build.kind, build.name, *suffixes)),
        "project": here.project,
        "bucket": here.bucket,
        "digest": digest,
        **{key: value for key, value in source.items() if value is not False},
    }
    if labels:
        inputs["labels"] = dict(labels)
    made = GapResource(
        TOKEN,
        build.child(*suffixes, "upload"),
        inputs,
        OUTPUTS,
        build.opts(depends_on=list(here.resources)),
    )
    return Uploaded(made.output("uri"), digest, made)
