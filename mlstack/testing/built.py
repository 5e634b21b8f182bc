"""One stack on one provider: what it refuses of it, or what its builders register."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from mlstack.errors import Problem, SpecError
from mlstack.program import deploy
from mlstack.provider import Provider
from mlstack.support import gaps
from mlstack.testing.cases import Data, stack_in_program, stack_of
from mlstack.testing.record import Answers, Recording, record
from mlstack.testing.sample import VARIABLES, write_files
from mlstack.variables import variables


@dataclass(frozen=True)
class Built:
    """``recording`` is empty where there are ``gaps``: nothing runs then."""

    gaps: list[Problem]
    recording: Recording


def build(provider: Provider, data: Data, root: Path, answers: Answers | None = None) -> Built:
    """Put the stack of the data through the provider, in a folder that gets the sample's files. ``answers``:
    see `mlstack.testing.record`."""
    if not (root / "data").exists():
        write_files(root)
    with variables(VARIABLES):
        found = gaps(provider, stack_of(data, root))
        if found:
            return Built(found, Recording())
        try:
            return Built([], record(provider, lambda: _deploy(data, root), root, answers))
        except SpecError as error:  # what a program alone can tell: a ``native`` block that fits no child,
            # what the place that it is applied in has not
            if {problem.code for problem in error.problems} <= {"bad-native", "unsupported"}:
                return Built(error.problems, Recording())
            raise


def _deploy(data: Data, root: Path) -> None:
    deploy(stack_in_program(deepcopy(data), root))
