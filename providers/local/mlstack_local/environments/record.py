"""What a stack remembers of its environments, beside the engine's state.

The lock has to outlive the state of an environment whose files were lost: ``refresh`` forgets the
resource, and the next ``up`` shall make the very same environment again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mlstack.errors import TargetError
from mlstack.lowering.locks import Wanted, python
from mlstack.lowering.locks import lock as locks
from mlstack_local.environments import store
from mlstack_local.files import private_folder, prune, write_private
from mlstack_local.layout import Layout


@dataclass(frozen=True)
class Record:
    """A resolved environment."""

    python: str
    requirements: list[str]
    serving: list[str]
    lock: str
    version: str
    constraints: list[str] = field(default_factory=list)
    setup: list[str] = field(default_factory=list)

    def answers(self, wanted: Wanted) -> bool:
        return (self.python, self.requirements, self.serving, self.constraints, self.setup) == (
            wanted.python,
            list(wanted.requirements),
            list(wanted.serving),
            list(wanted.constraints),
            list(wanted.setup),
        )


def path(layout: Layout, name: str) -> Path:
    return layout.home / "environments" / f"{name}.json"


def load(layout: Layout, name: str) -> Record | None:
    try:
        return Record(**json.loads(path(layout, name).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def save(layout: Layout, name: str, record: Record) -> None:
    private_folder(path(layout, name).parent)
    write_private(path(layout, name), json.dumps(asdict(record), indent=1))


def forget(layout: Layout, name: str) -> None:
    path(layout, name).unlink(missing_ok=True)
    prune(path(layout, name).parent, layout.home)


def ensure(layout: Layout, reference: str, log: Callable[[str], None]) -> Path:
    """The folder of the environment "<name>@<version>", made again from its lock where it was lost.

    For runs outside the engine. Raises TargetError when nothing is known of it.
    """
    name, _, version = reference.partition("@")
    if not store.is_complete(version):
        record = load(layout, name)
        if record is None or record.version != version:
            raise TargetError(
                f"the environment {name!r} is gone", code="environment-gone", remedy="run `mlstack up`"
            )
        root = layout.root
        recipe = store.Recipe(version, record.lock, tuple(record.setup))
        store.make(recipe, lambda: python.find(record.python, root, log), root, log)
    return store.folder(version)


def bare(layout: Layout, log: Callable[[str], None]) -> Path:
    """The folder of an environment with nothing but the Python that mlstack runs on. It stays as long as the
    stack's folder."""
    wanted = python.default()
    version = locks.version("", wanted)
    private_folder(layout.home)
    store.hold(version, layout, wanted)  # no name of the spec begins with a digit
    root = layout.root
    store.make(store.Recipe(version, ""), lambda: python.find(wanted, root, log), root, log)
    return store.folder(version)
