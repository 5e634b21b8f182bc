"""What the trials start from, made when it is first asked for: projects that are up, and clean runs of each
operation, by mlstack and by plain Pulumi."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from mlstack.engine.install import ensure_engine
from mlstack.engine.operations import Operator
from mlstack.engine.project import Project
from mlstack.rehearsal import Emulation
from tests.e2e.rehearsal.clouds import known
from tests.e2e.rehearsal.kills import plain
from tests.e2e.rehearsal.kills.cloud import Seen, served, stack
from tests.e2e.rehearsal.kills.trial import (
    COMMANDS,
    Base,
    Boundary,
    Clean,
    change,
    differs,
    engines,
    enumerated,
    fresh,
    killed,
    state,
)
from tests.e2e.rehearsal.quick import MLSTACK, run

OPERATIONS = ("up", "change", "down")
VICTIMS = ("cli", "engine", "provider")
WHO = ("mlstack", "plain")


class Stage:
    """One cloud's. ``start``: what a trial of an operation begins with. ``clean``: what it leaves
    undisturbed."""

    def __init__(self, cloud: str, scratch: Path) -> None:
        self.cloud = cloud
        self.scratch = scratch
        self.start = cache(self._start)
        self.clean = cache(self._clean)
        self._ended: dict[tuple[str, str], Base] = {}

    def command(self, who: str, operation: str, base: Base, *, recover: bool = False) -> list[str]:
        if who == "mlstack":
            confirmed = [] if operation == "up" else [stack(self.cloud)]
            return [MLSTACK, *COMMANDS[operation], *confirmed]
        root = ensure_engine(lambda _line: None).path.parent.parent
        action = "down" if operation == "down" else "up"
        after = ["recover"] if recover else []
        return [plain.__file__, action, str(base.root), str(root), *after]

    def _start(self, who: str, operation: str) -> Base:
        folder = self.scratch / who / operation
        if operation != "up":
            self.clean(who, "up")
            base = self._ended[who, "up"].copied(folder)
        elif who == "mlstack":
            return fresh(folder, self.cloud)
        else:
            base = Base(folder, self.cloud)
            base.root.mkdir(parents=True)
            with served(self.cloud, base.world, base.root):
                pass
        if operation == "change" and who == "mlstack":
            change(base)
        if who == "plain" and operation != "down":
            self.clean("mlstack", operation)
            _files(self._ended["mlstack", operation].root, base.root)
            plain.write(self.cloud, self._resources(operation), base.root)
        return base

    def _clean(self, who: str, operation: str) -> Clean:
        base = self.start(who, operation).copied(self.scratch / who / f"{operation}-clean")
        boundaries, seen = enumerated(self.command(who, operation, base), base, base.folder)
        self._ended[who, operation] = base
        held = state(base.root, self.cloud) if who == "mlstack" else {}
        return Clean(boundaries, seen, held)

    def trial(
        self, who: str, operation: str, boundary: Boundary, victim: str, folder: Path
    ) -> dict[str, Any]:
        """What came of it: whether what comes after converges, and what is then in the cloud that should not
        be, is not and should be, is there twice."""
        clean = self.clean(who, operation)
        base = self.start(who, operation).copied(folder)
        with served(self.cloud, base.world, base.root) as (emulated, environment):
            with killed(self.command(who, operation, base), base, folder, environment, boundary, victim):
                if who == "plain":
                    for engine in engines(base.root):  # a careful user waits for it
                        engine.wait(120)
                again = self.command(who, operation, base, recover=True)
                done = run(self.cloud, again, base.root, {**os.environ, **environment})
            seen = Seen.of(emulated, self.cloud)
            held = [] if who == "mlstack" else self._known(emulated, base)
        error = f"{done.stdout[-1000:]}\n{done.stderr[-1000:]}" if done.returncode else None
        if who == "mlstack":
            orphans, missing = seen.more_than(clean.seen), clean.seen.more_than(seen)
            error = error or differs(state(base.root, self.cloud), clean.state)
        else:
            orphans, missing = sorted(seen.made - set(held)), sorted(set(held) - seen.things.keys())
        shutil.rmtree(folder)
        return {
            "converged": error is None,
            "orphans": len(orphans),
            "missing": len(missing),
            "doubled": seen.doubled(clean.seen),
            "which": [*orphans[:5], *missing[:5]],
            "error": error,
        }

    def _known(self, emulated: Emulation, base: Base) -> list[str]:
        """Ids of what plain Pulumi's state has of the cloud."""
        package, id = plain.of(self.cloud).PACKAGE, known(self.cloud).id
        held = (each for each in plain.state(base.root) if each["type"].startswith(f"{package}:"))
        return [id(emulated, each["type"], each["id"]) for each in held]

    def _resources(self, operation: str) -> list[dict[str, Any]]:
        """What the state of mlstack's clean run holds."""
        root, program = self._ended["mlstack", operation].root, lambda: None
        project = Project(root, "digits", stack(self.cloud), self.cloud, program, {})
        return Operator(project, ensure_engine(lambda _line: None)).resources()


def _files(project: Path, target: Path) -> None:
    """What a project's uploads read, in another folder."""
    ignored = shutil.ignore_patterns("state", "locks", "rehearsal", "Pulumi.*", "mlstack.yaml", "log")
    shutil.copytree(project, target, ignore=ignored, dirs_exist_ok=True)
