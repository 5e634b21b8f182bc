"""A stack on an emulated cloud, driven by the real command line as a user would."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mlstack.registry import provider
from mlstack.rehearsal import Emulation
from mlstack.rehearsal.serve import emulation
from mlstack.spec import Stack
from tests.e2e.project import EXAMPLE, mlstack

#: What the secrets of the examples are read from.
CANARY = "canary-3f8c1d7e90b2"
COUNTED = ("create", "update", "replace", "delete")


@dataclass
class Stage:
    """A project's folder, and one rehearsed stack of it. ``options`` go with every command. ``served``: its
    emulated cloud is there already, and ``environment`` leads to it."""

    root: Path
    options: tuple[str, ...] = ("--cloud", "azure")
    environment: Mapping[str, str] = field(default_factory=lambda: {"HF_TOKEN": CANARY})
    served: bool = False
    #: All that was printed, for who looks for what should not have been.
    printed: list[str] = field(default_factory=list)

    @property
    def cloud(self) -> str:
        return self.options[self.options.index("--cloud") + 1]

    def behind(self) -> Emulation:
        """The emulated cloud of the stack, for who changes it without a command's start each time."""
        name = f"dev-{self.cloud}"
        target, spec = provider(self.cloud), Stack.load(self.root / "mlstack.yaml", stack=name)
        settings = target.Settings.model_validate(spec.settings.get(self.cloud) or {})
        assert isinstance(spec.region, str | None)
        return emulation(target, settings, spec.region, self.root / ".mlstack" / "rehearsal" / name)

    def text(self, *arguments: str, code: int = 0) -> str:
        """What a command prints on standard output; it ends with ``code`` and no traceback."""
        words = () if self.served or arguments[0] == "rehearsal" else ("--rehearse",)
        ran = mlstack(self.root, *arguments, *words, *self.options, **self.environment)
        self.printed += [ran.stdout, ran.stderr]
        assert ran.returncode == code, f"{' '.join(arguments)}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran.stdout

    def __call__(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The one object that a command prints with ``--json``."""
        found: dict[str, Any] = json.loads(self.text(*arguments, "--json", code=code))
        return found

    def up(self, *arguments: str) -> dict[str, Any]:
        return self("up", "--yes", *arguments)

    def down(self) -> dict[str, Any]:
        return self("down", "--yes")

    def ids(self) -> set[str]:
        """What the emulated cloud holds, by id; not its own notes on operations."""
        return {
            each["id"]
            for each in self("rehearsal", "show")["documents"]
            if not each["id"].startswith("/operations/")
        }

    def document(self, wanted: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text("rehearsal", "show", wanted))["document"]
        return found

    def write(self, spec: Mapping[str, Any]) -> None:
        with (self.root / "mlstack.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(dict(spec), file)


def example(folder: Path, name: str, cloud: str = "azure") -> Stage:
    """A copy of an example, without what an earlier run of it left behind."""
    ignored = shutil.ignore_patterns(".mlstack", "Pulumi.*.yaml", "__pycache__")
    root = Path(shutil.copytree(EXAMPLE.parent / name, folder / name, ignore=ignored))
    return Stage(root, ("--cloud", cloud))


def changes(answer: Mapping[str, Any]) -> dict[str, int]:
    """The summary without what stays the same, and without zeros."""
    return {op: count for op, count in answer["summary"].items() if op in COUNTED and count}


def steps(answer: Mapping[str, Any]) -> list[str]:
    """What happens to which provider resource, as "update Compute train". Components and what stays as it is
    are left out."""
    return sorted(
        f"{each['op']} {each['type'].rpartition(':')[2]} {each['name']}"
        for each in answer["resources"]
        if each["op"] in COUNTED and not each["type"].startswith("mlstack:index:")
    )
