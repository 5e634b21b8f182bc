"""``mlstack doctor``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from mlstack.cli.options import At, at_stack
from mlstack.cli.project import SPEC, open_project, program_here
from mlstack.errors import SpecError

if TYPE_CHECKING:
    from mlstack.provider import Provider
    from mlstack.runtime import Site


class Check(NamedTuple):
    """``remedy`` is the command that mends it; None where all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str | None = None


@at_stack
def doctor(at: At) -> int:
    """Look for what is missing, and name what mends it."""
    checks = list(_checks(at))
    well = all(check.ok for check in checks)
    if at.json:
        typer.echo(json.dumps({"checks": [check._asdict() for check in checks]}, indent=2))
        return 0 if well else 1
    from mlstack.cli.show.paint import paint

    width = max(len(check.name) for check in checks)
    for check in checks:
        sign = paint("ok     ", "green") if check.ok else paint("missing", "red")
        typer.echo(f"{sign}  {check.name.ljust(width)}  {check.detail}")
        if check.remedy:
            typer.echo(f"{'':9}{'':{width}}  -> {check.remedy}")
    return 0 if well else 1


def _checks(at: At) -> Iterator[Check]:
    yield _engine()
    provider, site, project = _project(at)
    if project is not None:
        yield project
    for name, ok, detail in provider.runtime(site).check():
        yield Check(name, ok, detail if ok else "not as it should be", None if ok else detail)


def _engine() -> Check:
    from mlstack.engine.install import MINIMUM, find_engine

    engine = find_engine()
    if engine is not None:
        return Check("engine", True, f"Pulumi {engine.version} at {engine.path}")
    least = ".".join(map(str, MINIMUM[:2]))
    return Check(
        "engine", False, f"no Pulumi {least} or newer", f"{sys.executable} -m mlstack.engine.install"
    )


def _project(at: At) -> tuple[Provider, Site, Check | None]:
    """The target to look at, its site, and what there is to say of the project in this folder."""
    from mlstack.registry import provider
    from mlstack.runtime import Site

    problem = None
    if at.file is not None or Path(SPEC).is_file() or program_here(Path.cwd()) is not None:
        try:
            opened = open_project(at)
            detail = f"{opened.project.name}, stack {opened.project.stack}"
            return opened.provider, opened.site, Check("spec", True, detail)
        except SpecError as error:
            said = f"{error.message}, the first: {error.problems[0].message}"
            problem = Check("spec", False, said, "mlstack validate")
    target = provider(at.cloud or "local")
    return target, Site("", Path.cwd(), target.Settings()), problem
