"""What a spec becomes on a target: its builders run, and a cloud that answers with ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mlstack as ml
from mlstack.errors import SpecError
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.testing import Answers
from mlstack.testing.record import Recording, record


class Sent:
    """What a spec registered: inputs and options by the type's last word and the logical name."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.found = {(r.type.rsplit(":", 1)[-1], r.name): r for r in recording.children()}

    def inputs(self, kind: str, name: str) -> dict[str, Any]:
        return self.found[kind, name].inputs

    def properties(self, kind: str, name: str) -> dict[str, Any]:
        held: dict[str, Any] = self.inputs(kind, name)["properties"]
        return held

    def options(self, kind: str, name: str) -> dict[str, Any]:
        return self.found[kind, name].options

    def names(self, kind: str) -> list[str]:
        return sorted(name for type, name in self.found if type == kind)

    def output(self, kind: str, name: str) -> dict[str, Any]:
        """The outputs of a component ("Compute", "train")."""
        [component] = [
            each
            for each in self.recording.components()
            if (each.type.rsplit(":", 1)[-1], each.name) == (kind, name)
        ]
        return component.outputs or {}

    @property
    def warnings(self) -> dict[str, str]:
        return {f"{each.resource}.{each.field}": each.message for each in self.recording.warnings}


Lower = Callable[[str], Sent]
Refused = Callable[[str], dict[str, str]]


def lowering(target: str, region: str | None, root: Path, answers: Callable[[], Answers]) -> Lower:
    """Takes the text of a spec below its head; ``root`` is its folder."""

    def lowered(text: str) -> Sent:
        stack = _stack(target, region, root, text)
        return Sent(record(provider(target), lambda: deploy(stack), root, answers()))

    return lowered


def refusing(target: str, region: str | None, root: Path, answers: Callable[[], Answers]) -> Refused:
    """Path -> message of all that is refused of a spec; each refusal has a way out."""

    def told(text: str) -> dict[str, str]:
        stack = _stack(target, region, root, text)
        with pytest.raises(SpecError) as caught:
            record(provider(target), lambda: deploy(stack), root, answers())
        assert all(each.remedy for each in caught.value.problems)
        return {each.path: each.message for each in caught.value.problems}

    return told


def _stack(target: str, region: str | None, root: Path, text: str) -> ml.Stack:
    head = f"version: 1\nname: ground\ncloud: {target}" + (f"\nregion: {region}" if region else "")
    (root / "mlstack.yaml").write_text(f"{head}\n{text}\n")
    return ml.Stack.load(root / "mlstack.yaml")
