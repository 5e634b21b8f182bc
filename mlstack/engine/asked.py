"""What the program has asked the engine for, and has no answer to yet: a file beside the stack's locks.

The engine notes a create before it begins, and forgets the note when the create fails. So of a create that
was done, and whose answer was lost, nothing is left: neither where the cloud broke the connection, nor where
its provider died with the command. This file is what is left then. A line says what is asked, another that it
was answered; a run that ends well takes the file away. Secrets are never in it: a mask stands in their place.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

from mlstack.engine.records import MASK
from mlstack.engine.urn import child
from mlstack.plugin import wire

Resource = dict[str, Any]
"""A resource as a state holds it, as far as it is known. A secret in it is marked, and its value the mask."""


class Asked:
    """One stack's file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def unanswered(self) -> list[Resource]:
        """What was asked for and not answered, in the order of the asking."""
        if not self._path.is_file():
            return []
        open_: dict[str, Resource] = {}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:  # the writer was killed within the last line: it had not asked yet
                continue
            if "asked" in entry:
                open_[entry["asked"]["urn"]] = entry["asked"]
            else:
                open_.pop(entry["answered"], None)
        return list(open_.values())

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def noting(self, program: Callable[[], None], stack: str, project: str) -> Callable[[], None]:
        """The program, with a line for all that it asks of clouds. A preview asks for nothing."""

        def run() -> None:
            if not pulumi.runtime.is_dry_run():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                # the stub itself is changed: the SDK calls it from other threads and contexts than this one
                monitor: Any = settings.get_monitor()
                monitor.RegisterResource = self._noted(monitor.RegisterResource, stack, project)
            program()

        return run

    def _noted(self, register: Callable[[Any], Any], stack: str, project: str) -> Callable[[Any], Any]:
        def call(request: Any) -> Any:
            if not request.custom or request.type.startswith("pulumi:"):
                return register(request)
            resource = _resource(request, stack, project)
            self._write({"asked": resource})
            answer = register(request)
            if answer.result == resource_pb2.Result.SUCCESS:
                self._write({"answered": resource["urn"]})
            return answer

        return call

    def _write(self, entry: Mapping[str, Any]) -> None:
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, default=lambda _unknown: wire.UNKNOWN_TEXT) + "\n")


def _resource(request: Any, stack: str, project: str) -> Resource:
    properties, secret = wire.decode_marked(request.object)
    found: Resource = {
        "urn": child(request.parent, request.type, request.name, stack, project),
        "custom": True,
        "type": request.type,
        "inputs": _marked(properties, (), secret),
        "parent": request.parent,
        "provider": request.provider or _usual_provider(request),
        "dependencies": list(request.dependencies),
        "propertyDependencies": {
            key: list(found.urns) for key, found in request.propertyDependencies.items() if found.urns
        },
        "protect": request.protect,
        "retainOnDelete": request.retainOnDelete,
        "deletedWith": request.deletedWith,
        "additionalSecretOutputs": list(request.additionalSecretOutputs),
    }
    return {key: value for key, value in found.items() if value}


def _usual_provider(request: Any) -> str:
    """The name of the provider that the engine takes where the program names none; its id is the state's to
    say."""
    package = request.type.partition(":")[0]
    version = "".join(letter if letter.isalnum() else "_" for letter in request.version)
    return f"pulumi:providers:{package}::default{'_' if version else ''}{version}"


def _marked(value: Any, path: wire.Path, secret: frozenset[wire.Path]) -> Any:
    if path in secret:
        return {wire.SIGNATURE: wire.SECRET, "plaintext": json.dumps(_masked(value))}
    if isinstance(value, Mapping):
        return {key: _marked(item, (*path, key), secret) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item, (*path, index), secret) for index, item in enumerate(value)]
    return value


def _masked(value: Any) -> Any:
    """Of the same shape, and nothing of it."""
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return MASK if isinstance(value, str) else None if value is None else type(value)()
