"""Local files of the spec in the stack's own folder of the bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlstack.content import fingerprint
from mlstack.gap import GapResource
from mlstack.lowering.tree import version_of_texts
from mlstack.provider import Build
from mlstack_aws.arns import lift
from mlstack_aws.place import place
from mlstack_aws.tree import TREE

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True)
class Uploaded:
    """``uri`` is ``s3://…``: of a folder with a slash at its end, of one file (or an archive) its own.
    ``digest`` is 12 hex digits of the content, known while the program is built."""

    uri: pulumi.Output[str]
    digest: Any
    resource: GapResource


def upload(build: Build, path: str, *suffixes: str, plain: bool = False) -> Uploaded:
    """A file or folder below the spec's. ``plain``: data, of which all files count."""
    digest = TREE.version(build.root / path, plain=plain)
    return _uploaded(build, suffixes, digest, path=path, **({"plain": True} if plain else {}))


def upload_texts(build: Build, texts: Mapping[str, Any], *suffixes: str, digest: Any = None) -> Uploaded:
    """A folder of files that the builder makes itself: name -> content. ``digest`` where the texts are
    Outputs, `mlstack.lowering.tree.version_of_texts` of them."""
    return _uploaded(build, suffixes, digest or version_of_texts(texts), texts=dict(texts))


def pack(
    build: Build,
    path: str | None,
    *suffixes: str,
    beside: Mapping[str, str] | None = None,
    texts: Mapping[str, Any] | None = None,
    digest: Any = None,
) -> Uploaded:
    """``model.tar.gz`` as SageMaker unpacks it in ``/opt/ml/model``: the files of ``path`` at its root.

    ``beside``: name of a folder in the archive ("code") -> a path below the spec's folder; ``texts``: name in
    the archive -> content. The same content is the same archive, byte for byte. ``digest``: where texts are
    Outputs, what it would be.
    """
    beside, texts = dict(beside or {}), dict(texts or {})
    if digest is None:
        digest = _of_pack(build, path, beside, texts)
    return _uploaded(
        build, suffixes, digest,
        path=path or "", beside=beside, texts=texts, plain=True, packed=True,
    )  # fmt: skip


def repack(
    build: Build, uri: Any, version: Any, *suffixes: str, beside: Mapping[str, str] | None = None
) -> Uploaded:
    """``model.tar.gz`` of what is on S3: the files of a folder, or of another archive, at its root.

    ``version`` says of which content that is; ``beside`` as of `pack`.
    """
    held = dict(beside or {})
    return _uploaded(
        build, suffixes, lift(version, lambda text: _of_pack(build, None, held, {}, text)),
        source=uri, version=version, beside=held, plain=True, packed=True,
    )  # fmt: skip


def _of_pack(
    build: Build, path: str | None, beside: Mapping[str, str], texts: Mapping[str, str], version: str = ""
) -> str:
    parts = [f"{name}={TREE.version(build.root / held)}" for name, held in sorted(beside.items())]
    if path is not None:
        parts.append(TREE.version(build.root / path, plain=True))
    if version:
        parts.append(version)
    if texts:
        parts.append(version_of_texts(texts))
    return fingerprint("tar.gz", *parts)


def _uploaded(build: Build, suffixes: tuple[str, ...], digest: Any, **source: Any) -> Uploaded:
    where = place(build)
    inputs = {
        "stack_uid": build.stack_uid,
        "home": "/".join((build.kind, build.name, *suffixes)),
        "region": where.region,
        "bucket": where.bucket,
        "digest": digest,
        **{key: value for key, value in source.items() if value is not None and value not in ("", {}, False)},
    }
    if where.key is not None:
        inputs["key"] = where.key
    made = GapResource(
        "mlstack:aws:Upload",
        build.child(*suffixes, "upload"),
        inputs,
        outputs=("uri", "files", "bytes"),
        opts=build.opts(depends_on=list(where.resources)),
    )
    return Uploaded(made.output("uri"), digest, made)
