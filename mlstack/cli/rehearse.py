"""``--rehearse``: the emulated cloud of a stack, served for as long as the command runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer._click.globals import get_current_context

if TYPE_CHECKING:
    from mlstack.cli.project import Opened
    from mlstack.program import Warned
    from mlstack.rehearsal import Emulation
    from mlstack.spec import Stack


def rehearsed(opened: Opened) -> Opened:
    """The project on its emulated cloud, which is served until the command has ended.

    UsageError: its target has none, or the file of faults is not as it should be.
    """
    return serve(opened)[0]


def serve(opened: Opened) -> tuple[Opened, dict[str, str]]:
    """The same, with the environment in which programs use the emulated cloud; it is set for this one."""
    from mlstack.rehearsal.faults import VARIABLE, load
    from mlstack.rehearsal.serve import serving
    from mlstack.variables import variables

    plan = load(Path(os.environ[VARIABLE])) if os.environ.get(VARIABLE) else None
    emulation = emulated(opened)
    command = get_current_context()
    environment = command.with_resource(serving(emulation, opened.project.root, plan))
    command.with_resource(variables(environment))
    return replace(opened, emulation=emulation), environment


def emulated(opened: Opened) -> Emulation:
    """The emulated cloud of a project, with what its spec calls existing there."""
    from mlstack.engine.stackfile import StackFile
    from mlstack.rehearsal.serve import check, emulation

    project = opened.project
    region = opened.spec.region if opened.spec is not None else project.stack_file.get("region")
    first = region[0] if isinstance(region, list) else region
    check(opened.provider)  # before anything is written
    project.ensure_home()
    file = project.stack_file
    file.borrow(StackFile(project.root / file.path.name))
    file.save()
    made = emulation(opened.provider, opened.settings, first, project.own)
    if opened.spec is not None:
        made.seed(named(opened.spec))
    return made


def named(spec: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every resource of a spec as (kind, its fields), the name among them: what it names and does not make
    (`existing`, ids of others' things) the emulated cloud finds by itself."""
    from mlstack.spec import resources

    for kind, name, resource in resources(spec):
        yield kind, {"name": name, **resource.model_dump(mode="json", exclude_none=True)}


def left_over(emulation: Emulation) -> list[Warned]:
    """What is still in the emulated cloud, with the platform's reason where it has one."""
    from mlstack.program import Warned

    return [
        Warned("kept", kept.id, "", f"the platform keeps it: {kept.why}")
        if kept.why
        else Warned("left-over", kept.id, "", "is still there, and nothing says why")
        for kept in emulation.leftovers()
    ]
