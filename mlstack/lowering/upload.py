"""A gap resource that keeps local files, or texts, in an object store of a cloud.

A version is named by the hash of its content, so what is there is not sent again, and a new one comes beside
the old: what names the old one goes on. A manifest is written last: with it a version is whole. ``delete``
removes all versions.
"""

from __future__ import annotations

import json
import tempfile
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import Field

from mlstack.content import size as shown_size
from mlstack.errors import TargetError
from mlstack.lowering.progress import Progress
from mlstack.lowering.stores import Files, Home, Store
from mlstack.lowering.tree import Tree, digest
from mlstack.resource import UNKNOWN, Context, InputProblem, Inputs, Properties, Resource, State

#: What a place that is there in part reads as: never the digest of anything.
INCOMPLETE = "incomplete"


class UploadInputs(Inputs):
    """``path`` is relative to the spec's folder, ``digest`` what the cloud's `Tree.version` says of it.

    ``texts`` (name -> content) stand in the place of a path, for what a builder makes itself; their digest is
    `mlstack.lowering.tree.version_of_texts`. ``home`` is the upload's own place within the stack's
    ("jobs/train"). ``plain``: data, of which all files go, whatever an ignore file says.
    """

    stack_uid: str
    home: str
    path: str = ""
    texts: dict[str, str] = Field(default_factory=dict)
    digest: str
    plain: bool = False


I = TypeVar("I", bound=UploadInputs)  # noqa: E741


class Upload(Resource[I], Generic[I]):
    """Outputs: ``uri`` (of a folder with a slash at its end, of one file its own), ``prefix``, ``files`` and
    ``bytes``."""

    tree: ClassVar[Tree]
    #: What the manifest holds of the inputs, for who imports.
    kept: ClassVar[frozenset[str]] = frozenset({"path", "plain"})
    outputs: ClassVar[tuple[str, ...]] = ("uri", "prefix", "files", "bytes")

    @abstractmethod
    def store_of(self, inputs: I) -> str:
        """The store that the inputs name, as a part of ids that has no slash at its end."""

    @abstractmethod
    def open(self, context: Context, store: str, inputs: Properties) -> AbstractContextManager[Store]: ...

    @abstractmethod
    def located(self, store: str, opened: Store) -> dict[str, Any]:
        """The inputs that say where a store is."""

    @abstractmethod
    def is_gone(self, error: TargetError) -> bool:
        """Whether that says that the store is not there."""

    def shown(self, store: str) -> str:
        """A store for people."""
        return store

    def uri(self, store: str, name: str) -> str:
        return f"{store}/{name}"

    def single(self, context: Context, inputs: I) -> str | None:
        """The name of the one file that is uploaded; None for a folder."""
        path = context.root / inputs.path
        return None if inputs.texts or path.is_dir() else path.name

    @contextmanager
    def gathered(self, context: Context, inputs: I) -> Iterator[Files]:
        """What is to be sent, whose content is what ``digest`` says."""
        with tempfile.TemporaryDirectory(prefix="mlstack-") as folder:
            path = context.root / inputs.path
            if inputs.texts:
                path = Path(folder)
                write_texts(path, inputs.texts)
            held = self.tree.files(path, plain=inputs.plain or bool(inputs.texts))
            unchanged(inputs, digest(path, held)[:12])
            yield placed(path, held)

    def check(self, context: Context, inputs: I) -> None:
        if bool(inputs.path) == bool(inputs.texts):
            raise InputProblem("path", "either a path or texts")
        check_paths(context, inputs.path)

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        unknown = dict.fromkeys(self.outputs, UNKNOWN)
        # What the address is made of; of texts, whether there are some.
        known = {
            name: inputs[name]
            for name in {*self.replace_on, *self.kept, "digest"}
            if inputs.get(name) is not None and not isinstance(inputs[name], Mapping)
        }
        if UNKNOWN in known.values():
            return unknown
        texts = {"?": ""} if inputs.get("texts") else {}
        given: Any = self.Inputs.model_validate({**known, "texts": texts})
        home = self._home(given)
        return {**unknown, **self._address(home, given.digest, self.single(context, given))}

    def create(self, context: Context, inputs: I) -> State:
        home = self._home(inputs)
        prefix = f"{home.prefix}{inputs.digest}/"
        with (
            self.gathered(context, inputs) as held,
            self.open(context, home.store, inputs.model_dump()) as store,
        ):
            sizes = {name: file.stat().st_size for name, (file, _) in held.items()}
            there = store.list(prefix)
            left = {name: file for name, file in held.items() if there.get(f"{prefix}{name}") != sizes[name]}
            if left:
                total = sum(sizes[name] for name in left)
                context.log(f"sending {len(left)} files, {shown_size(total)}, to {self.shown(home.store)}")
                files = {f"{prefix}{name}": file for name, file in left.items()}
                store.send(files, Progress(total, context.log))
            manifest = {
                **inputs.model_dump(include=set(self.kept)),
                "file": self.single(context, inputs),
                "files": sizes,
            }
            store.write(home.manifest(inputs.digest), json.dumps(manifest, sort_keys=True).encode())
            return State(home.id, inputs.model_dump(), self.put_out(home, store, inputs.digest, manifest))

    def read(self, context: Context, state: State) -> State | None:
        home = Home.parse(state.id)
        digest = state.inputs.get("digest")
        try:
            with self.open(context, home.store, state.inputs) as store:
                if not digest or digest == INCOMPLETE:
                    newest = store.newest(home.prefix)
                    digest = newest and newest.removeprefix(home.prefix).removesuffix(".json")
                return self._seen(home, store, digest, state.inputs) if digest else None
        except TargetError as error:
            if self.is_gone(error):
                return None
            raise

    def delete(self, context: Context, state: State) -> None:
        home = Home.parse(state.id)
        try:
            with self.open(context, home.store, state.inputs) as store:
                store.remove(home.prefix)
        except TargetError as error:
            if not self.is_gone(error):
                raise

    def find(self, context: Context, inputs: Properties) -> State | None:
        # without defaults, which the program leaves out too: one that appears would be a change
        held = {name: value for name, value in inputs.items() if value is not None}
        given: Any = self.Inputs.model_validate(held)
        return self.read(context, State(self._home(given).id, held, {}))

    def _home(self, inputs: I) -> Home:
        return Home.of(self.store_of(inputs), inputs.stack_uid, inputs.home)

    def _seen(self, home: Home, store: Store, digest: str, inputs: Properties) -> State | None:
        """A version as it is there: whole, in part (its digest is not what it should be), or not at all."""
        there = store.list(f"{home.prefix}{digest}/")
        content = store.read(home.manifest(digest))
        if content is None and not there:
            return None
        manifest: dict[str, Any] = json.loads(content) if content else {"files": {}}
        whole = content is not None and all(
            there.get(f"{home.prefix}{digest}/{name}") == size for name, size in manifest["files"].items()
        )
        found = dict(inputs) or self._imported(home, store, manifest)
        found["digest"] = digest if whole else INCOMPLETE
        return State(home.id, found, self.put_out(home, store, digest, manifest))

    def _imported(self, home: Home, store: Store, manifest: Mapping[str, Any]) -> dict[str, Any]:
        given = {
            **home.inputs,
            **self.located(home.store, store),
            **{name: manifest[name] for name in self.kept & manifest.keys()},
            "digest": INCOMPLETE,
        }
        return self.Inputs.model_validate(given).model_dump()

    def put_out(self, home: Home, store: Store, digest: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs of a version."""
        return {
            **self._address(home, digest, manifest.get("file")),
            "files": len(manifest["files"]),
            "bytes": sum(manifest["files"].values()),
        }

    def _address(self, home: Home, digest: str, file: str | None) -> dict[str, str]:
        prefix = f"{home.prefix}{digest}"
        return {"uri": self.uri(home.store, f"{prefix}/{file or ''}"), "prefix": prefix}


def check_paths(context: Context, *paths: str) -> None:
    for path in paths:
        if not (context.root / path).exists():
            raise InputProblem("path", f"there is no {path}")


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        file = Path(folder, PurePosixPath(name))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def placed(path: Path, held: Mapping[str, str]) -> dict[str, tuple[Path, str]]:
    """What a `Tree` found below a path, with its files."""
    return {name: ((path / name if path.is_dir() else path), value) for name, value in held.items()}


def unchanged(inputs: UploadInputs, found: str) -> None:
    """Raise TargetError unless what is there now is what was looked at when the program ran."""
    if found != inputs.digest:
        raise TargetError(
            f"{inputs.path or inputs.home} was written to after it was looked at",
            code="content-changes",
            category="transient",
            remedy="run the same command again when nobody writes to it",
        )
