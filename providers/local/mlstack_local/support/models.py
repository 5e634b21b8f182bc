"""Models: files that are on this machine, or are fetched to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_local.support.common import Refusal, unusable_path

UNSUPPORTED: Mapping[str, str] = {
    "models.hub": "give its files as path: hf://ORG/NAME@REVISION/",
    "models.registry": "download the model, and give path: FOLDER",
}
NO_INPUT: Mapping[str, str] = {
    "models.revision": "has a meaning only with hub, which is refused",
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, model in stack.models.items():
        if refusal := unusable_path(stack, ("models", name, "path"), model.path):
            yield refusal
