"""Where faults hit the kinds of a cloud, and the specs that have these kinds, each with a change of it.

Each cloud has a module beside this one:

- ``SPECS``: name -> of whether it is the changed one, what it has beside what all small specs begin with.
  Kinds that need one another share a spec; all but the workspace's use one that is there already, so that
  little else is made and the fault hits what it is meant for.
- ``KINDS``: name -> `Where` a fault hits it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.e2e.rehearsal.clouds import small

CLOUDS = ("azure", "aws", "gcp")
FAULTS = ("429", "5xx", "quota", "capacity", "timeout", "lost", "slow")
OPERATIONS = ("create", "update")
#: The variable that a secret is read from.
TOKEN = "MLSTACK_TEST_TOKEN"
_FILES = {
    "data/rows.csv": "x,y\n1,2\n",
    "data/more.csv": "x,y\n1,2\n3,4\n",
    "net/model.txt": "one",
    "net2/model.txt": "two",
    "src/train.py": "print('trained')\n",
    "score/score.py": "def init():\n    pass\n\n\ndef run(data):\n    return data\n",
}


@dataclass(frozen=True)
class Where:
    """What a fault hits: a type at the engine's door, or requests to a path of the REST interface."""

    spec: str
    type: str | None = None
    path: str | None = None

    def rule(self, fault: str) -> dict[str, Any]:
        place = {"type": self.type} if self.type else {"path": self.path}
        return {"kind": fault, "operation": ["create", "update"], **place}


def of(cloud: str) -> ModuleType:
    return import_module(f"tests.e2e.rehearsal.faults.{cloud}")


def write(root: Path, cloud: str, spec: str, *, more: bool = False) -> Mapping[str, str]:
    """A project with that spec, or with its change; the environment that it needs."""
    for name, text in _FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    written = small(cloud, "faulty", **of(cloud).SPECS[spec](more))
    (root / "mlstack.yaml").write_text(json.dumps(written, indent=1))
    return {TOKEN: "second" if more else "first"}
