"""``deployment.json``: what a deployment's workers are made of, kept beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlstack.resource import Properties
from mlstack_local.deployments.inputs import DeploymentInputs
from mlstack_local.deployments.recipe import Recipe
from mlstack_local.files import write_private
from mlstack_local.layout import Layout

NAME = "deployment.json"


@dataclass(frozen=True)
class Made:
    """``path``: the PATH on which a server of the user's own was found."""

    inputs: Properties
    path: str = ""

    @property
    def typed(self) -> DeploymentInputs:
        return DeploymentInputs.model_validate(self.inputs)

    def recipe(self, layout: Layout) -> Recipe:
        return Recipe(layout, self.typed, self.path)

    @staticmethod
    def of(recipe: Recipe) -> Made:
        return Made(recipe.inputs.model_dump(exclude_none=True), recipe.path)


@dataclass(frozen=True)
class Note:
    """``generations``: how each set of workers was made.

    During a rollout there are two: which of them serves is what ``gateway.json`` says.
    """

    generations: Mapping[str, Made] = field(default_factory=dict)

    def get(self, generation: str) -> Made | None:
        return self.generations.get(generation)

    def write(self, folder: Path) -> None:
        write_private(folder / NAME, json.dumps(asdict(self), indent=1))


def read(folder: Path) -> Note | None:
    """The note in a deployment's folder; None when there is none."""
    try:
        document: dict[str, Any] = json.loads((folder / NAME).read_text())
    except FileNotFoundError:
        return None
    if "generation" in document:  # as it was written before a rollout kept both
        return Note({document["generation"]: Made(document["inputs"])})
    return Note({name: Made(**made) for name, made in document["generations"].items()})
