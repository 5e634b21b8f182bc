"""A spec brought up on an emulated AWS within this process: its program runs, and each resource that it
registers is made at once, through the door that a rehearsal has for it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlstack_aws.rehearsal import AwsEmulation

from mlstack import door
from mlstack.cli.rehearse import named
from mlstack.errors import SpecError
from mlstack.plugin import check
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.rehearsal import World
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.http import serving
from mlstack.rehearsal.inputs import problems
from mlstack.resource import Context
from mlstack.support import gaps
from mlstack.testing import Answers, Registered, record
from mlstack.testing.cases import stack_in_program, stack_of
from mlstack.variables import variables

from .cases import FILES, Case
from .read import Things, held

REGION = "eu-west-1"
VARIABLES = {
    "ORACLE_TOKEN": "the-secret-of-the-oracle",
    "ORACLE_HOOK": "https://hooks.example.com/of-the-oracle",
    "AWS_REGION": REGION,
}
Before = Callable[[str, str, Mapping[str, Any]], None]
"""Called before a resource is made: its type, name and inputs."""


class Refused(Exception):  # noqa: N818 - reads as what happened
    """The rehearsal would not have made it, or the emulated AWS has not."""


class Ground:
    """One emulated account, which can be put back to how it was."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "world.sqlite"
        self.aws = AwsEmulation(World(self._file), None, REGION)
        self.root = folder / "project"
        self.url = ""

    @contextmanager
    def open(self) -> Iterator[Ground]:
        """Reached by boto3 within the block, from wherever in this process."""
        with serving(self.aws, Faults(Plan(), self.aws.world), self.root) as self.url:
            yield self

    def held(self, *services: str) -> Things:
        return held(self.aws.cloud.client, services)

    def make(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Id and outputs of what is made. Refused: it is not."""
        if type.startswith("mlstack:"):
            resource = provider("aws").resource(type)
            wrong = list(check.failures(resource.Inputs, inputs))
            if wrong:
                raise Refused(str(wrong))
            state = resource.create(Context(self.root, "urn", name), check.typed(resource.Inputs, inputs))
            return state.id, state.outputs
        key = self.aws.name_property(type)
        if key and key not in inputs:  # as Pulumi does, in its own form
            inputs = {**inputs, key: f"{name}-{'0' * 8}"}
        wrong = list(problems(self.aws, type, inputs))
        if wrong:
            raise Refused(str(wrong))
        made = self.aws.create(type, inputs)
        return made.id, made.outputs

    def copy(self) -> sqlite3.Connection:
        """All that is there, as it is now."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        with sqlite3.connect(self._file) as there:
            there.backup(kept)
        return kept

    def put_back(self, kept: sqlite3.Connection) -> None:
        with sqlite3.connect(self._file) as there:
            kept.backup(there)
        self.aws.cloud.holding.forget()


@dataclass
class Brought:
    """A case that is up: what was there before, what is there now, and each resource as it was registered."""

    before: Things
    after: Things
    resources: list[Registered]
    warnings: list[str] = field(default_factory=list)

    @property
    def made(self) -> Things:
        """What is there now and was not, or was otherwise."""
        return {at: body for at, body in self.after.items() if self.before.get(at) != body}


def bring_up(ground: Ground, case: Case, before: Before | None = None) -> Brought:
    """The case's stack, on an account that has only what its spec calls existing."""
    shutil.rmtree(ground.root, ignore_errors=True)
    shutil.copytree(FILES, ground.root)
    aws, data = provider("aws"), dict(case.spec)
    with variables({**VARIABLES, door.VARIABLE: ground.url}):
        stack = stack_of(data, ground.root)
        if missing := gaps(aws, stack):
            raise SpecError(missing)
        ground.aws.settings = aws.Settings.model_validate(stack.settings.get("aws", {}))
        ground.aws.seed(named(stack))
        seeded = ground.held()
        answers = _Made(ground, before)
        recording = record(aws, lambda: deploy(stack_in_program(data, ground.root)), ground.root, answers)
        warned = [f"{each.resource}.{each.field}" for each in recording.warnings]
        return Brought(seeded, ground.held(), recording.children(), warned)


class _Made(Answers):
    """One resource after another: the account may be put back in between."""

    def __init__(self, ground: Ground, before: Before | None) -> None:
        self._ground = ground
        self._before = before
        self._lock = threading.Lock()

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        with self._lock:
            if self._before is not None:
                self._before(type, name, inputs)
            return self._ground.make(type, name, inputs)

    def called(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._ground.aws.invoke(function, arguments)
