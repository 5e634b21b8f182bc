"""``deployment.json``: what a deployment's workers were made of, kept beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstack.resource import Properties
from mlstack_local.deployments.inputs import DeploymentInputs
from mlstack_local.files import write_private

NAME = "deployment.json"


@dataclass(frozen=True)
class Note:
    """``inputs`` by the generation of the workers that they made.

    During a rollout there are two: which of them serves is what ``gateway.json`` says.
    """

    generations: dict[str, Properties]

    def inputs(self, generation: str) -> Properties | None:
        return self.generations.get(generation)

    def write(self, folder: Path) -> None:
        write_private(folder / NAME, json.dumps({"generations": self.generations}, indent=1))


def read(folder: Path) -> Note | None:
    """The note in a deployment's folder; None when there is none."""
    try:
        document: dict[str, Any] = json.loads((folder / NAME).read_text())
    except FileNotFoundError:
        return None
    if "generation" in document:  # as it was written before a rollout kept both
        return Note({document["generation"]: document["inputs"]})
    return Note(document["generations"])


def dump(inputs: DeploymentInputs) -> Properties:
    return inputs.model_dump(exclude_none=True)
